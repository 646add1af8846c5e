"""Where a database stands, compared with the revisions that this version of Gatewright and the app bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, inspect, text

from gatewright.design.document import Column, Design, Table
from gatewright.errors import SetupError
from gatewright.migrations.histories import AppHistory, History
from gatewright.migrations.operations import is_changed
from gatewright.migrations.revisions import Revisions
from gatewright.migrations.tables import shapes_of
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a database is in one history.

    Attributes:
        history: The line of revisions.
        revision: Where it is; None before the first.
        is_draft: Whether that is the draft of `gatewright dev`, on top of the newest revision.
        pending: The revisions that are left to apply, in their order.
    """

    history: History
    revision: str | None
    is_draft: bool = False
    pending: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to apply."""
        return self.revision == self.history.head or self.is_draft


def standings_on(connection: Connection, histories: Sequence[History]) -> list[Standing]:
    """How far the database behind *connection* is in each history.

    Raises:
        SetupError: The app's revisions cannot be read.
    """
    return [standing_of(history, revision_of(connection, history)) for history in histories]


async def read_standings(db: Database, histories: Sequence[History]) -> list[Standing]:
    """How far *db* is in each history.

    Raises:
        SetupError: As in `standings_on`.
    """
    return await db.read(lambda tx: standings_on(tx.connection, histories))


async def check_current(db: Database, histories: Sequence[History]) -> None:
    """Refuse to start on a database that is not up to date, or with a design that no migration holds.

    Raises:
        SetupError: It is behind, a newer version has been here, or the design has changed; the message names what
            to run.
    """
    standings = await read_standings(db, histories)
    stale = [standing for standing in standings if not standing.is_current]
    if stale:
        where = ", ".join(
            f"{s.history.name}: at {s.revision or 'nothing'}, needs {s.history.head or 'nothing'}" for s in stale
        )
        raise SetupError(f"The database is not up to date ({where}). Run: gatewright migrate apply")
    for standing in standings:
        if isinstance(standing.history, AppHistory):
            _check_design(standing.history, standing, db.schema.design)


def design_at(history: AppHistory, revision: str | None) -> Design:
    """The completed design that *revision*, which may be a draft, leads to.

    Raises:
        SetupError: It is not known here.
    """
    drafts, revisions = history.drafts, history.revisions
    return (
        drafts.design_at(revision)
        if revision in drafts and revision not in revisions
        else revisions.design_at(revision)
    )


def is_same(one: Design, other: Design) -> bool:
    """Whether two designs are the same for a database, even if different versions of Gatewright wrote them."""
    pair = _by_same_rules(one, other), _by_same_rules(other, one)
    ours, theirs = (shapes_of(replace(design, holds_types=False)) for design in pair)
    return set(ours) == set(theirs) and not any(is_changed(table, theirs[name]) for name, table in ours.items())


def _by_same_rules(design: Design, other: Design) -> Design:
    """*design* with NOT NULL where *other*, a snapshot of an earlier version, has it although NULL is asked for."""
    held = {
        (table.full_name, column.database_name)
        for table in other.tables
        for column in table.columns
        if column.is_nullable_although_filled and column.is_not_null
    }
    return design if not held else replace(design, tables=tuple(_held(table, held) for table in design.tables))


def _held(table: Table, columns: set[tuple[str, str]]) -> Table:
    def held(column: Column) -> Column:
        is_old = column.is_nullable_although_filled and (table.full_name, column.database_name) in columns
        return replace(column, is_nullable=False) if is_old else column

    return replace(table, columns=tuple(map(held, table.columns)))


def revision_of(connection: Connection, history: History) -> str | None:
    """Where the database is in *history*; None before the first revision."""
    if not inspect(connection).has_table(history.version_table):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {history.version_table}"))  # noqa: S608 (a constant)
    return found.scalar()


def standing_of(history: History, revision: str | None) -> Standing:
    """How far a database at *revision* is in *history*."""
    if revision == history.head:
        return Standing(history, revision)
    revisions = history.revisions
    if revision is None or revision in revisions:
        return Standing(history, revision, pending=_pending(revisions, history.head, revision))
    if isinstance(history, AppHistory) and revision in (drafts := history.drafts):
        parent = drafts[revision].parent
        pending = _pending(revisions, history.head, parent)
        return Standing(history, revision, is_draft=parent == history.head, pending=pending)
    return Standing(history, revision)


def _pending(revisions: Revisions, head: str | None, revision: str | None) -> tuple[str, ...]:
    """The revisions that follow *revision*, up to *head*."""
    applied = set(revisions.all_up_to(revision))
    return tuple(each for each in revisions.all_up_to(head) if each not in applied)


def _check_design(history: AppHistory, standing: Standing, design: Design) -> None:
    if history.head is None and not standing.is_draft:
        raise SetupError('The app has no migration yet. Run: gatewright migrate make -m "start"')
    if not is_same(design_at(history, standing.revision), design):
        raise SetupError(
            "db.design.json has changes that no migration holds. Run: gatewright migrate make -m MESSAGE, "
            "and then: gatewright migrate apply"
        )
