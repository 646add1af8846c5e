# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post/.
"""Rows of `posts`: model, schemas, service, routes."""
