# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""Rows of `post_reactions`: model, schemas, service, routes."""
