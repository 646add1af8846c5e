"""Measures the running server: one module for each question, `python -m benchmarks` asks them all."""
