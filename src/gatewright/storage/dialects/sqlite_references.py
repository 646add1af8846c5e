"""Rows of SQLite that refer to rows which are not there.

SQLite checks references only where a connection asks for it; its own shell does not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gatewright.storage.checks import quoted_name


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key, by the names that the database has.

    Attributes:
        columns: Those that refer, with what they refer to; empty where the database does not say.
        is_optional: Whether the columns may be NULL.
    """

    table: str
    parent: str
    columns: tuple[tuple[str, str | None], ...]
    is_optional: bool

    def __str__(self) -> str:
        return f"{self.table}.{', '.join(name for name, _ in self.columns)}"

    @property
    def remedy(self) -> str:
        """A statement that takes the broken references away."""
        column, target = self.columns[0] if len(self.columns) == 1 else ("", None)
        if target is None:
            return f"Restore the rows of {self.parent}, or delete the rows of {self.table}."
        table, parent, column, target = map(quoted_name, (self.table, self.parent, column, target))
        change = f"UPDATE {table} SET {column} = NULL" if self.is_optional else f"DELETE FROM {table}"  # noqa: S608
        where = f"{column} NOT IN (SELECT {target} FROM {parent} WHERE {target} IS NOT NULL)"  # noqa: S608
        return f"Restore the missing rows, or run: {change} WHERE {where}"


def broken_references(connection: Connection) -> Counter[Reference]:
    """How many rows of each reference refer to a row that is missing."""
    counts: Counter[tuple[str, str, int]] = Counter()
    for table, _, parent, number in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        counts[table, parent, number] += 1
    found: Counter[Reference] = Counter()
    for (table, parent, number), count in counts.items():
        found[_reference(connection, table, parent, number)] += count
    return found


def _reference(connection: Connection, table: str, parent: str, number: int) -> Reference:
    keys = _pragma(connection, "foreign_key_list", table)
    columns = tuple((key["from"], key["to"]) for key in keys if key["id"] == number)
    required = {each["name"] for each in _pragma(connection, "table_info", table) if each["notnull"] or each["pk"]}
    return Reference(table, parent, columns, is_optional=not required & {name for name, _ in columns})


def _pragma(connection: Connection, name: str, table: str) -> list[dict[str, Any]]:
    # As a function: a pragma takes no parameters.
    rows = connection.exec_driver_sql(f"SELECT * FROM pragma_{name}(?)", (table,))  # noqa: S608 (names of ours)
    return [dict(row) for row in rows.mappings()]
