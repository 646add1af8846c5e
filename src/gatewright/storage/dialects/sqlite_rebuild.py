"""Giving a table of SQLite more constraints: it is rebuilt from its own text, with everything that depends on it.

SQLite changes no constraint of a table in place (https://sqlite.org/lang_altertable.html, section 7). What the text
says stays: columns that no design knows, other constraints, indexes and triggers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Connection

from gatewright.storage.checks import quoted_name

_HEAD = re.compile(r"""CREATE TABLE\s+("(?:[^"]|"")*"|\[[^\]]*\]|`[^`]*`|'[^']*'|\w+)""", re.IGNORECASE)


def table_text(connection: Connection, table: str) -> str | None:
    """The statement that made *table*; None when there is no such table."""
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    text: str | None = found.scalar()
    return text


def add_checks(connection: Connection, table: str, conditions: Mapping[str, str]) -> None:
    """Give *table* the checks *conditions*, by their names. Foreign keys are off, and a transaction has begun.

    Args:
        conditions: Every row meets them.
    """
    text = table_text(connection, table)
    assert text is not None
    others = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL",
        (table,),
    ).scalars()
    statements = list(others)
    listed = connection.exec_driver_sql("SELECT name FROM pragma_table_info(?)", (table,)).scalars()
    columns = ", ".join(_quoted(name) for name in listed)
    new, old = _quoted(f"gatewright_new_{table}"), _quoted(table)
    connection.exec_driver_sql(_with_checks(text, new, conditions))
    connection.exec_driver_sql(f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}")  # noqa: S608 (quoted)
    connection.exec_driver_sql(f"DROP TABLE {old}")
    # Otherwise SQLite would look at views, which miss the table at this moment.
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    connection.exec_driver_sql(f"ALTER TABLE {new} RENAME TO {old}")
    connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")
    for statement in statements:
        connection.exec_driver_sql(statement)


def _with_checks(text: str, name: str, conditions: Mapping[str, str]) -> str:
    checks = "".join(
        f",\n\tCONSTRAINT {quoted_name(each)} CHECK ({condition})" for each, condition in conditions.items()
    )
    # Only options follow the last parenthesis, such as WITHOUT ROWID.
    body, parenthesis, options = _HEAD.sub(lambda _: f"CREATE TABLE {name}", text, count=1).rpartition(")")
    return f"{body.rstrip()}\n{checks}\n{parenthesis}{options}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
