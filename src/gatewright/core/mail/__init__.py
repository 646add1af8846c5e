"""Mails: declared by features, kept in the sealed outbox, written from templates, and sent."""
