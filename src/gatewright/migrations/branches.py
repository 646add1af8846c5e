"""Revisions of several branches, run on a database that has one of the branches.

A merge leads a database from the branch that it has to the merged design: the other branch's scripts were written for
tables that this one has changed, and SQLite builds tables again from what a script says of them. Where a person edited
such a script, it is run for what it does to the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from gatewright.errors import SetupError
from gatewright.migrations.histories import AppHistory
from gatewright.migrations.losses import check_rows
from gatewright.migrations.plan import make_plan
from gatewright.migrations.revisions import Revision, Revisions
from gatewright.migrations.source import render
from gatewright.migrations.status import design_at


def upgrade(connection: Connection, history: AppHistory, now: str | None) -> None:
    """Bring a database from the revision *now* to the head.

    Raises:
        SetupError: A revision failed; the transaction has to be rolled back.
    """
    revisions = history.revisions
    waiting: list[Revision] = []
    for revision in _main_line(revisions, history.head, now):
        if not revision.is_merge:
            waiting.append(revision)
            continue
        now = _run(connection, history, now, waiting)
        _join(connection, history, now, revision)
        now, waiting = revision.id, []
    _run(connection, history, now, waiting)


def downgrade(connection: Connection, history: AppHistory, now: str, gone: Sequence[Revision]) -> None:
    """Take *gone*, the newest first, back; a merge to the first of the revisions that it joined.

    Raises:
        SetupError: As in `upgrade`.
    """
    from gatewright.migrations import running

    waiting: list[Revision] = []
    for revision in (*gone, None):
        if revision is not None and not revision.is_merge:
            waiting.append(revision)
            continue
        if waiting:
            running.downgrade_app(connection, history, waiting, design_at(history, waiting[0].id))
            waiting = []
        if revision is not None:
            _step(connection, history, revision.id, revision.parent)


def _main_line(revisions: Revisions, head: str | None, now: str | None) -> Iterator[Revision]:
    """The revisions from *now* to *head*; at a merge, by the branch that the database has, or by the first."""
    line: list[Revision] = []
    applied = set(revisions.all_up_to(now))
    while head is not None and head not in applied:
        line.append(revisions[head])
        ways = revisions[head].parents or (None,)
        head = next((way for way in ways if now in revisions.all_up_to(way)), ways[0])
    return reversed(line)


def _run(connection: Connection, history: AppHistory, now: str | None, pending: Sequence[Revision]) -> str | None:
    from gatewright.migrations import running

    if not pending:
        return now
    running.upgrade_app(connection, history, pending, design_at(history, now))
    return pending[-1].id


def _join(connection: Connection, history: AppHistory, now: str | None, merge: Revision) -> None:
    from gatewright.migrations import running

    revisions = history.revisions
    applied = set(revisions.all_up_to(now))
    others = [revisions[each] for each in revisions.all_up_to(merge.id) if each not in applied and each != merge.id]
    edited = [each for each in others if not _is_as_made(revisions, each)]
    if not edited:
        _step(connection, history, now, merge.id)
        return
    if connection.dialect.name == "sqlite" and any(running.rebuilds_tables(each, "upgrade") for each in others):
        names = " and ".join(each.file.name for each in edited)
        raise SetupError(
            f"{names} has steps of its own, and SQLite would lose what the other branch changed when it rebuilds "
            "tables for them. Take the database back to where the branches part, and apply again."
        )
    running.upgrade_app(connection, history, [*others, merge], design_at(history, now))


def _step(connection: Connection, history: AppHistory, now: str | None, target: str | None) -> None:
    """From one design to the other, without a script."""
    from gatewright.migrations import running

    at = design_at(history, now)
    plan = make_plan(at, design_at(history, target))
    # The branch's own revision was allowed to lose what it drops.
    check_rows(connection, plan.losses, allow_data_loss=True)
    running.run_operations(connection, plan.operations, at)
    running.set_revision(connection, history, target)


def _is_as_made(revisions: Revisions, revision: Revision) -> bool:
    """Whether the script does what follows from the designs, and nothing of a person's own."""
    if revision.is_merge:
        return True
    if not revision.snapshot_file.is_file():
        return False
    plan = make_plan(revisions.design_at(revision.parent), revisions.design_at(revision.id))
    made = render(revision.message, revision.id, revision.parents, plan.operations, ())
    return _upgrade_of(made) == _upgrade_of(revision.file.read_text("utf-8"))


def _upgrade_of(source: str) -> str:
    return source.partition("def upgrade(")[2].partition("\ndef downgrade(")[0].strip()
