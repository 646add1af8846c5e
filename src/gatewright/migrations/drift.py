"""Differences between a database's tables and those that its migrations make."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SAWarning

from gatewright.migrations.hidden_drift import find_hidden_drift
from gatewright.migrations.histories import AppHistory, History
from gatewright.migrations.status import design_at, revision_of
from gatewright.storage.database import Database
from gatewright.storage.schema import Schema


async def find_drift(db: Database, histories: Sequence[History]) -> list[str]:
    """The differences between the database and what its revisions make, each in a sentence.

    Tables that no design knows belong to others and are left out. Of checks, only the names are compared, since
    databases write their conditions in another form.

    Raises:
        SetupError: The database is at a revision that is not known here.
    """
    return await db.read(lambda tx: _drift_on(tx.connection, histories, tx.schema))


def _drift_on(connection: Connection, histories: Sequence[History], schema: Schema) -> list[str]:
    for history in histories:
        if isinstance(history, AppHistory):
            schema = Schema(design_at(history, revision_of(connection, history)), schema.of_features)
    changes = _changes(connection, schema.metadata)
    missing = {change[1].fullname for change in changes if change[0] == "add_table"}
    found = (
        sentence
        for change in changes
        if change[0] != "add_index" or change[1].table.fullname not in missing
        for sentence in _sentences(change)
    )
    return sorted({*found, *find_hidden_drift(connection, schema.metadata)})


def _changes(connection: Connection, metadata: sa.MetaData) -> list[Any]:
    """What Alembic would change."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def include(item: Any, name: str | None, kind: str, is_found: bool, counterpart: Any) -> bool:
        if kind == "table":
            return item.fullname in metadata.tables
        # SQLAlchemy reads the constraints of SQLite from the text of the table, and misreads names with odd characters.
        is_misread = connection.dialect.name == "sqlite" and kind == "unique_constraint" and counterpart is None
        return not is_misread

    schemas = {table.schema for table in metadata.tables.values()}

    def is_looked_into(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name in schemas

    options = {"compare_type": True, "include_object": include, "include_name": is_looked_into}
    options["include_schemas"] = schemas != {None}
    context = MigrationContext.configure(connection, opts=options)
    # Tables that refer to each other have no order, which is of no account here.
    with warnings.catch_warnings(action="ignore", category=SAWarning):
        return list(compare_metadata(context, metadata))


def _sentences(change: Any) -> Iterator[str]:
    """The difference that one of Alembic's operations would correct."""
    if isinstance(change, list):
        for each in change:
            yield from _sentences(each)
        return
    kind, *rest = change
    match kind:
        case "add_table":
            yield f"The table {rest[0].fullname} is missing."
        case "add_column":
            yield f"The column {_full(*rest[:2])}.{rest[2].name} is missing."
        case "remove_column":
            yield f"The column {_full(*rest[:2])}.{rest[2].name} is in no migration."
        case "modify_type" | "modify_nullable":
            yield f"The column {_full(*rest[:2])}.{rest[2]} differs in its {_MODIFIED[kind]}."
        case _:
            verb = "is missing" if kind.startswith("add_") else "is in no migration"
            yield f"{rest[0].name} on {rest[0].table.fullname} {verb}."


def _full(schema: str | None, table: str) -> str:
    return f"{schema}.{table}" if schema else table


_MODIFIED = {"modify_type": "type", "modify_nullable": "NULL"}
