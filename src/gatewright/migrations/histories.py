"""The histories of revisions, and where each keeps its place. Imports no Alembic: a start only compares names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class History:
    """A line of revisions.

    Attributes:
        name: As `migrate status` shows it.
        folder: Where its `versions/` are.
        version_table: The table that holds the revision which a database is at.
        head: The newest revision.
    """

    name: str
    folder: Path
    version_table: str
    head: str


KERNEL = History("kernel", _HERE / "kernel", "gatewright_version", "k0001")
BUILT_IN = History("built-in design", _HERE / "built_in", "gatewright_design_version", "d0001")
HISTORIES = (KERNEL, BUILT_IN)
