"""Access, refresh, device and mailed tokens."""
