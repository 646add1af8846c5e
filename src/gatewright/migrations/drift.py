"""Differences between a database's tables and those that its migrations make."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SAWarning

from gatewright.migrations.histories import AppHistory, History
from gatewright.migrations.status import design_at, revision_of
from gatewright.storage.database import Database
from gatewright.storage.schema import Schema


async def find_drift(db: Database, histories: Sequence[History]) -> list[str]:
    """The differences between the database and what its revisions make, each in a sentence.

    Tables that no design knows belong to others and are left out. Checks are not compared, since databases write
    their conditions in another form.

    Raises:
        SetupError: The database is at a revision that is not known here.
    """
    return await db.read(lambda tx: _drift_on(tx.connection, histories, tx.schema))


def _drift_on(connection: Connection, histories: Sequence[History], schema: Schema) -> list[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    for history in histories:
        if isinstance(history, AppHistory):
            schema = Schema(design_at(history, revision_of(connection, history)), schema.of_features)
    known = schema.metadata.tables

    def include(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:
        return kind != "table" or name in known

    options = {"compare_type": True, "compare_server_default": _is_default_other, "include_object": include}
    context = MigrationContext.configure(connection, opts=options)
    # Tables that refer to each other have no order; none is needed here.
    with warnings.catch_warnings(action="ignore", category=SAWarning):
        changes = compare_metadata(context, schema.metadata)
    missing = {change[1].name for change in changes if change[0] == "add_table"}
    return sorted(
        sentence
        for change in changes
        if change[0] != "add_index" or change[1].table.name not in missing
        for sentence in _sentences(change)
    )


def _is_default_other(
    context: Any, _: Any, column: sa.Column[Any], found: str | None, __: Any, ___: str | None
) -> bool:
    """Whether the database has another default. Alembic's own way would run the design's text as SQL."""
    if column is column.table.autoincrement_column:
        return False
    if found is None or column.server_default is None or context.dialect.name == "sqlite":
        expected = context.dialect.ddl_compiler(context.dialect, None).get_column_default_string(column)
        return bool(found != expected)
    assert isinstance(column.server_default, sa.DefaultClause)
    default = column.server_default.arg
    text = default if isinstance(default, str) else str(default.compile(dialect=context.dialect))
    kind = column.type.compile(dialect=context.dialect)
    equal = f"CAST(({found}) AS text) = CAST(CAST(CAST($1 AS text) AS {kind}) AS text)"  # the database's own words
    return not context.connection.exec_driver_sql(f"SELECT {equal}", (text,)).scalar()


def _sentences(change: Any) -> Iterator[str]:
    """The difference that one of Alembic's operations would correct."""
    if isinstance(change, list):
        for each in change:
            yield from _sentences(each)
        return
    kind, *rest = change
    match kind:
        case "add_table":
            yield f"The table {rest[0].name} is missing."
        case "add_column":
            yield f"The column {rest[1]}.{rest[2].name} is missing."
        case "remove_column":
            yield f"The column {rest[1]}.{rest[2].name} is in no migration."
        case "modify_type" | "modify_nullable" | "modify_default":
            yield f"The column {rest[1]}.{rest[2]} differs in its {_MODIFIED[kind]}."
        case _:
            verb = "is missing" if kind.startswith("add_") else "is in no migration"
            yield f"{rest[0].name} on {rest[0].table.name} {verb}."


_MODIFIED = {"modify_type": "type", "modify_nullable": "NULL", "modify_default": "default"}
