# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/refresh_token/.
"""Rows of `refresh_tokens`: model, schemas, service, routes."""
