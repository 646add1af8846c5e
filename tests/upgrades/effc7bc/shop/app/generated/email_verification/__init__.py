# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/email_verification/.
"""Rows of `email_verifications`: model, schemas, service, routes."""
