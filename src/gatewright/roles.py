"""The roles that every app has. `[roles.NAME]` in the settings adds others."""

from __future__ import annotations

from collections.abc import Collection

USER = "USER"
"""The role of a new account."""

ADMIN = "ADMIN"
"""May make every call on every row."""

BUILT_IN_ROLES = (USER, ADMIN)


def grants(permissions: Collection[str], name: str) -> bool:
    """Whether *permissions* contain the permission *name*: as it is, or by a part and `*`, as `posts:*`."""
    parts = name.split(":")
    return name in permissions or any(":".join([*parts[:length], "*"]) in permissions for length in range(len(parts)))
