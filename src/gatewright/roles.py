"""The roles that every app has. `[roles.NAME]` in the settings adds others."""

from __future__ import annotations

USER = "USER"
"""The role of a new account."""

ADMIN = "ADMIN"
"""May make every call on every row."""

BUILT_IN_ROLES = (USER, ADMIN)
