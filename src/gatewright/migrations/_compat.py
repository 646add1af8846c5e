"""What we use of Alembic that it does not document; pyproject.toml bounds its version because of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alembic.script import ScriptDirectory


def downgrade_to_base(scripts: ScriptDirectory) -> Callable[[Any, Any], Any]:
    """The function for an `EnvironmentContext` that takes back all revisions of *scripts* that a database has."""
    return lambda at, _: scripts._downgrade_revs("base", at)


def upgrade_to_head(scripts: ScriptDirectory) -> Callable[[Any, Any], Any]:
    """The function for an `EnvironmentContext` that applies all revisions of *scripts* that a database lacks."""
    return lambda at, _: scripts._upgrade_revs("head", at)
