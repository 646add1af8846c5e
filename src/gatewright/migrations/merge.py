"""`migrate merge`: the migrations of two branches joined by a revision that follows both."""

from __future__ import annotations

from pathlib import Path

from gatewright.design.document import Design
from gatewright.design.merging import Merge
from gatewright.design.problems import DesignError
from gatewright.design.reading import read_snapshot
from gatewright.design.writing import write_snapshot
from gatewright.errors import SetupError
from gatewright.migrations.histories import FOLDER, VERSIONS
from gatewright.migrations.make import checked_message, slug_of
from gatewright.migrations.plan import Plan
from gatewright.migrations.revision_files import Script, revision_id, write
from gatewright.migrations.revisions import Revisions
from gatewright.migrations.source import render


def merge(app: Path, message: str | None = None, *, take: str | None = None) -> Path | None:
    """Write the revision that joins two that both come last, with the merge of their designs as its snapshot.

    Args:
        app: The app's folder.
        message: What the file is named after; by default the messages of the two.
        take: The one of the two whose way counts where both changed the same thing.

    Returns:
        The script; None when there is nothing to merge.

    Raises:
        SetupError: Both changed the same thing, the two designs do not fit together, or the folder cannot be written.
            Nothing was written.
    """
    folder = app / FOLDER / VERSIONS
    revisions = Revisions(folder)
    heads = sorted(revisions.heads)
    if len(heads) < 2:
        return None
    # More than two are joined by further merges.
    ours, theirs = heads[:2]
    if take is not None and take not in (ours, theirs):
        raise SetupError(f"--take {take}: the revisions to merge are {ours} and {theirs}.")
    design = _merged(revisions, ours, theirs, take)
    words = message or f"merge {revisions[ours].message} and {revisions[theirs].message}"[:_LONGEST_DEFAULT]
    snapshot = write_snapshot(design)
    identity = revision_id(f"{ours} {theirs}", snapshot)
    source = render(checked_message(words), identity, (ours, theirs), (), ())
    try:
        return write(folder, Script(identity, (ours, theirs), source, snapshot, Plan()), slug_of(words))
    except OSError as error:
        raise SetupError(f"The migration cannot be written: {error.filename}: {error.strerror}.") from None


_LONGEST_DEFAULT = 80


def _merged(revisions: Revisions, ours: str, theirs: str, take: str | None) -> Design:
    base = revisions.common_ancestor(ours, theirs)
    merging = Merge(takes_theirs=take == theirs)
    designs = (revisions.design_at(each) for each in (base, ours, theirs))
    design = merging.designs(*designs)
    if merging.conflicts and take is None:
        lines = "\n".join(f"  {conflict}" for conflict in merging.conflicts)
        raise SetupError(
            f"{revisions[ours].file.name} and {revisions[theirs].file.name} changed the same, each in its own way:\n"
            f"{lines}\nRun gatewright migrate merge --take {ours} for the first of each line, or --take {theirs} for "
            "the second, and correct the rest in db.design.json by a migration of its own."
        )
    try:
        return read_snapshot(write_snapshot(design))
    except DesignError as error:
        lines = "\n".join(f"  {problem.path}: {problem.message}" for problem in error.problems)
        raise SetupError(
            f"The designs of {ours} and {theirs} do not fit together:\n{lines}\n"
            "Take one of the two migrations back where it was made, change the design, and make it again."
        ) from None
