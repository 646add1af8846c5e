"""Databases: tables from designs, transactions, hot statements, and all that differs between databases."""
