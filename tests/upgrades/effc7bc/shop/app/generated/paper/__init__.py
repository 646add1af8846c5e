# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/paper/.
"""Rows of `papers`: model, schemas, service, routes."""
