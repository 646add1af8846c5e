"""Limits on how often something may be tried, by whom and on what; shared by all workers."""
