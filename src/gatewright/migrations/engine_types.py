"""Checks on the engine's own tables that hold each column to its type, on SQLite.

The engine owns its columns also where an app's migrations made the tables. So a migration of any kind ends with this
look at them: an upgrade of the package brings the checks without a revision of the app's, and an older revision of an
app that rebuilds such a table does not take them away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from gatewright.design.document import Design, Table
from gatewright.errors import SetupError
from gatewright.storage.column_types import type_constraints


def hold_engine_columns(connection: Connection, design: Design) -> None:
    """Give the engine's tables the checks that they lack. Nothing to do on other databases than SQLite.

    Args:
        design: The app's, completed: its tables may have columns of the app's own, which its own revisions check.

    Raises:
        SetupError: Rows violate them; the message lists which. The transaction has to be rolled back.
    """
    if connection.dialect.name != "sqlite":
        return
    from gatewright.storage.dialects.sqlite_rebuild import add_checks

    lacking = [(table, checks) for table in _engine_part(design) if (checks := _lacking(connection, table))]
    refuse_wrong_values(connection, [table for table, _ in lacking])
    for table, checks in lacking:
        add_checks(connection, table.database_name, checks)


def refuse_wrong_values(connection: Connection, tables: Sequence[Table]) -> None:
    """Refuse to go on where rows of *tables* have values that are not of their column's type.

    Raises:
        SetupError: The message lists the columns.
    """
    from gatewright.storage.dialects.sqlite_values import wrong_values

    if wrong := wrong_values(connection, tables):
        raise SetupError(
            "The database is as it was: rows have values that are not of their column's type, and the migration makes "
            "SQLite refuse these.\n" + "\n".join(f"  {each}" for each in wrong)
        )


def _engine_part(design: Design) -> list[Table]:
    """The engine's tables, each with the engine's columns alone."""
    tables = (table for table in design.tables if table.is_system)
    return [replace(table, columns=tuple(column for column in table.columns if column.is_system)) for table in tables]


def _lacking(connection: Connection, table: Table) -> dict[str, str]:
    """The checks that *table* has not got, by the names of their constraints; none where there is no such table yet."""
    from gatewright.storage.dialects.sqlite_rebuild import table_text

    text = table_text(connection, table.database_name)
    named = {f"ck_{table.database_name}_{end}": condition for _, end, condition in type_constraints(table)}
    return {name: condition for name, condition in named.items() if text is not None and f" {name} " not in text}
