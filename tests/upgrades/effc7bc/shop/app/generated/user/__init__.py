# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""Rows of `users`: model, schemas, service, routes."""
