"""Revisions and drafts on their way to the disk.

The drafts of `gatewright dev` lie in `.gatewright/draft/`, beside the app and outside `migrations/versions/`: a draft
is this machine's own, and what lies in `versions/` is applied wherever the app runs. Its id follows from its content.
A database that holds a draft therefore finds it here also after others were made for it or for another database; the
newest are kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from gatewright.design.difference import keep_ids
from gatewright.design.document import Design
from gatewright.design.writing import write_snapshot
from gatewright.errors import SetupError
from gatewright.files import make_machine_folder, write_whole
from gatewright.migrations.histories import DRAFTS, AppHistory
from gatewright.migrations.operations import Operation, Refuse
from gatewright.migrations.plan import Defaults, NotBuilt, Plan, make_plan
from gatewright.migrations.revisions import SNAPSHOT
from gatewright.migrations.source import render

_ID_CHARACTERS = 12
_DRAFTS_KEPT = 50
_SEALED = ".sealed"


@dataclass(frozen=True, slots=True)
class Script:
    """A revision that is not on the disk yet.

    Attributes:
        id: Its id.
        parents: What it follows.
        source: The script's text.
        snapshot: The design's text.
        plan: What it does.
    """

    id: str
    parents: tuple[str, ...]
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
    new = keep_ids(old, new)
    plan = make_plan(old, new, defaults)
    if not plan.operations:
        return None
    snapshot = write_snapshot(new)
    revision = revision_id(parent, snapshot)
    parents = () if parent is None else (parent,)
    source = render(message, revision, parents, plan.operations, _back(old, new))
    return Script(revision, parents, source, snapshot, plan)


def _back(old: Design, new: Design) -> tuple[Operation, ...]:
    try:
        return make_plan(new, old).operations
    except NotBuilt:
        return (Refuse("The values cannot be converted back: write here what becomes of them."),)


def write(folder: Path, script: Script, slug: str) -> Path:
    """Put *script* and its snapshot into *folder*.

    The snapshot comes first. Without a script it has no effect: a run that ends between the two leaves no revision.

    Raises:
        SetupError: There is a revision of this name already.
    """
    path = folder / f"{script.id}_{slug}.py"
    if path.exists():
        raise SetupError(f"{path} exists, and a revision is never rewritten.")
    write_whole(folder / f"{script.id}{SNAPSHOT}", script.snapshot.encode())
    write_whole(path, script.source.encode())
    return path


def keep_draft(app: Path, script: Script) -> None:
    """Write *script* as a draft, unless it is there.

    Raises:
        SetupError: A link leads the drafts out of *app*.
    """
    folder = make_machine_folder(app, DRAFTS.name)
    if not (folder / f"{script.id}_draft.py").exists():
        write(folder, script, "draft")
    _prune(folder)


def seal(history: AppHistory, revision: str) -> None:
    """Note that *revision* takes the place of the drafts on top of the head that *history* had."""
    folder = history.app / DRAFTS
    parents = (history.head,) if history.head else ()
    for draft in history.drafts:
        if draft.parents == parents and draft.id != revision:
            write_whole(folder / f"{draft.id}{_SEALED}", revision.encode())


def sealed_as(history: AppHistory, draft: str) -> str | None:
    """The revision that took the place of *draft*, if one has."""
    note = history.app / DRAFTS / f"{draft}{_SEALED}"
    return note.read_text("utf-8").strip() if note.is_file() else None


def _prune(folder: Path) -> None:
    scripts = sorted(folder.glob("*_draft.py"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for script in scripts[_DRAFTS_KEPT:]:
        draft = script.name.removesuffix("_draft.py")
        for path in (script, folder / f"{draft}{SNAPSHOT}", folder / f"{draft}{_SEALED}"):
            path.unlink(missing_ok=True)


def revision_id(parent: str | None, snapshot: str) -> str:
    """The id of the revision that leads from *parent* to the design of *snapshot*: 12 hexadecimal digits.

    It follows from the two alone. A draft and the revision that seals it are therefore the same revision to the
    database, and two people who make the same change on the same revision notice it.
    """
    return hashlib.sha256(f"{parent or ''}\n{snapshot}".encode()).hexdigest()[:_ID_CHARACTERS]
