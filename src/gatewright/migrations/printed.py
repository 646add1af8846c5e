"""What `migrate apply` would do, as SQL: it is done, written down, and taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Insert, Update, event

from gatewright.migrations.apply import apply_pending
from gatewright.migrations.histories import History
from gatewright.storage.database import Database

_CHANGES = ("ALTER", "COMMENT", "CREATE", "DELETE", "DROP", "INSERT", "UPDATE")
_FRAMES = {
    # A table that is built again would otherwise take the rows that refer to it along.
    "sqlite": (["PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"], ["COMMIT"]),
    "postgresql": (["BEGIN"], ["COMMIT"]),
}


class _TakeBack(Exception):
    """Ends the transaction without a change."""


async def pending_sql(db: Database, histories: Sequence[History]) -> list[str]:
    """The statements that bring the database up to date, in one transaction; nothing when it is.

    They are those for the rows that are there now: the migrations run, and are taken back. Meanwhile the transaction
    holds the locks of a migration.

    Args:
        histories: Those of the app: `histories_of` its folder.

    Raises:
        SetupError: As in `apply_all`.
    """
    found: list[str] = []

    def look(connection: Connection) -> None:
        with _written_down(connection, found):
            apply_pending(connection, db.schema.design, histories)
        raise _TakeBack

    with suppress(_TakeBack):
        await db.migrate(look)
    first, last = _FRAMES[db.dialect.name]
    return [*first, *found, *last] if found else []


@contextmanager
def _written_down(connection: Connection, found: list[str]) -> Iterator[None]:
    """Add to *found* what changes the database."""

    def add(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith(_CHANGES):
            found.extend(text.strip() for text in _texts(connection, statement, context))

    event.listen(connection, "before_cursor_execute", add)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", add)


def _texts(connection: Connection, statement: str, context: Any) -> Iterator[str]:
    """*statement* with its values in it: one text for each set of them."""
    parameters = [] if context.compiled is None or context.isddl else context.compiled_parameters
    if not any(parameters):
        yield statement
        return
    for values in parameters:
        clause = context.invoked_statement
        if isinstance(clause, Insert | Update):
            names = clause.table.c.keys()
            clause = clause.values({name: value for name, value in values.items() if name in names})
        elif isinstance(clause, sa.TextClause):
            clause = clause.bindparams(**values)
        yield str(clause.compile(connection, compile_kwargs={"literal_binds": True}))
