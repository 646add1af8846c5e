"""Revisions on their way to the disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gatewright.design.document import Design
from gatewright.design.writing import write_snapshot
from gatewright.errors import SetupError
from gatewright.files import write_whole
from gatewright.migrations.identity import revision_id
from gatewright.migrations.plan import Defaults, Plan, make_plan
from gatewright.migrations.revisions import SNAPSHOT
from gatewright.migrations.script.revision import render


@dataclass(frozen=True, slots=True)
class Script:
    """A revision that is not on the disk yet.

    Attributes:
        id: Its id.
        parent: What it follows.
        source: The script's text.
        snapshot: The design's text.
        plan: What it does.
    """

    id: str
    parent: str | None
    source: str = field(repr=False)
    snapshot: str = field(repr=False)
    plan: Plan = field(repr=False)


def script_between(
    old: Design, new: Design, parent: str | None, message: str, defaults: Defaults | None = None
) -> Script | None:
    """The revision that leads from *old*, where *parent* is, to *new*; None when nothing changes in the database.

    Raises:
        SetupError: Something of it is not built yet.
    """
    plan, back = make_plan(old, new, defaults), make_plan(new, old)
    if not plan.steps:
        return None
    snapshot = write_snapshot(new)
    revision = revision_id(parent, snapshot)
    return Script(revision, parent, render(message, revision, parent, plan.steps, back.steps), snapshot, plan)


def write(folder: Path, script: Script, slug: str) -> Path:
    """Put *script* and its snapshot into *folder*.

    The snapshot comes first. Without its script it is nothing: a run that was ended between the two left no revision.

    Raises:
        SetupError: There is a revision of this name already.
    """
    path = folder / f"{script.id}_{slug}.py"
    if path.exists():
        raise SetupError(f"{path} exists, and a revision is never rewritten.")
    write_whole(folder / f"{script.id}{SNAPSHOT}", script.snapshot.encode())
    write_whole(path, script.source.encode())
    return path
