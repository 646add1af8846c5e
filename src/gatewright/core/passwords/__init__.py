"""Password hashes, and which passwords are accepted."""
