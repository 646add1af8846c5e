# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/session/.
"""Rows of `sessions`: model, schemas, service, routes."""
