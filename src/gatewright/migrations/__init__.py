"""Bringing a database up to date: Alembic's revisions, applied under a lock.

Two histories ship with the package. `kernel` has the kernel's own tables, which every app has. `built_in` has the
tables of the built-in design, for the stand-alone server and for apps without a design of their own.

`include_name` and `include_object` are for the `env.py` of an app that has an Alembic of its own beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewright.migrations.autogenerate import include_name, include_object

__all__ = ["include_name", "include_object"]


def __getattr__(name: str) -> Any:
    # Only Alembic asks for them, and every start imports this package.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gatewright.migrations import autogenerate

    return getattr(autogenerate, name)
