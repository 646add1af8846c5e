"""The kernel: passwords, tokens, keys and what else needs neither HTTP nor a feature."""
