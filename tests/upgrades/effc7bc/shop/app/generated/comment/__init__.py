# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/comment/.
"""Rows of `comments`: model, schemas, service, routes."""
