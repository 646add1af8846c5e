"""Bringing a database up to date: Alembic's revisions, applied under a lock.

Two histories ship with the package. `kernel` has the kernel's own tables, which every app has. `built_in` has the
tables of the built-in design, for the stand-alone server and for apps without a design of their own.
"""
