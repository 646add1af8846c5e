"""Values of SQLite that are not of their column's type: found, named, and never read as more than they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from sqlalchemy import Boolean, Connection, Date, Time
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from gatewright.design.document import ColumnType, Table
from gatewright.storage.checks import quoted_name
from gatewright.storage.column_types import type_condition
from gatewright.storage.types import BEFORE_EVERYTHING, report_wrong_value

_FORMS = {
    ColumnType.BOOLEAN: "a Boolean (stored as 0 or 1; other values count as false)",
    ColumnType.DATE_TIME: "a moment (stored as 2026-01-31 12:00:00, in UTC; other values count as 1970-01-01)",
    ColumnType.DATE: "a date (stored as 2026-01-31)",
    ColumnType.TIME: "a time of day (stored as 12:00:00)",
    ColumnType.UUID: "a UUID (stored as 32 hexadecimal digits)",
}


class _StrictBoolean(Boolean):
    """True is what is stored as 1. SQLAlchemy would take every text for true, `'false'` among them."""

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        def read(value: Any) -> bool | None:
            if value is None:
                return None
            if value == 1:
                return True
            if value != 0:
                report_wrong_value("Boolean", "false")
            return False

        return read


class _StrictDate(sqlite.DATE):
    """A value that is not a date counts as one that is long past."""

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        def read(value: Any) -> date | None:
            try:
                return None if value is None else date.fromisoformat(value)
            except (TypeError, ValueError):
                report_wrong_value("Date", "1970-01-01")
                return BEFORE_EVERYTHING.date()

        return read


class _StrictTime(sqlite.TIME):
    """A value that is not a time of day counts as midnight."""

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        def read(value: Any) -> time | None:
            try:
                return None if value is None else time.fromisoformat(value)
            except (TypeError, ValueError):
                report_wrong_value("Time", "00:00:00")
                return time()

        return read


class StrictSqliteDialect(SQLiteDialect_pysqlite):
    """SQLite, with values read as what their columns are declared to hold. Moments see to it themselves."""

    supports_statement_cache = True
    colspecs = {  # noqa: RUF012 (as in the class that it extends)
        **SQLiteDialect_pysqlite.colspecs,
        Boolean: _StrictBoolean,
        Date: _StrictDate,
        Time: _StrictTime,
    }


def wrong_values(connection: Connection, tables: Iterable[Table], *, with_texts: bool = False) -> list[str]:
    """The columns with values that are not of their type, each in a sentence with their number and how to find them.

    Tables and columns that are not there are left out.

    Args:
        with_texts: As in `type_condition`.
    """
    return [sentence for table in tables for sentence in _in_table(connection, table, with_texts)]


def _in_table(connection: Connection, table: Table, with_texts: bool) -> Iterable[str]:
    there = set(connection.exec_driver_sql("SELECT name FROM pragma_table_info(?)", (table.database_name,)).scalars())
    present = [column for column in table.columns if column.database_name in there]
    columns = [(column, type_condition(column, with_texts=with_texts)) for column in present]
    held = [(column, condition) for column, condition in columns if condition is not None]
    if not held:
        return
    name = quoted_name(table.database_name)
    counts = ", ".join(f"total(NOT ({condition}))" for _, condition in held)
    row = connection.exec_driver_sql(f"SELECT {counts} FROM {name}").one()  # noqa: S608 (names of the design)
    for (column, condition), number in zip(held, row, strict=True):
        if number:
            form = _FORMS.get(column.type, f"of the type {column.type}")
            select = f"SELECT rowid, {quoted_name(column.database_name)} FROM {name} WHERE NOT ({condition})"  # noqa: S608
            yield (
                f"{number:.0f} row(s) have a value in {table.database_name}.{column.database_name} that is not {form}. "
                f"Correct them; to find them: {select}"
            )
