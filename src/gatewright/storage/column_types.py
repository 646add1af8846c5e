"""What SQLite stores for each type of column, as SQL conditions: SQLite itself accepts any value in any column."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import Column, ColumnType, Table
from gatewright.storage.checks import quoted_name

CONSTRAINT = "sqlite_type"
"""The end of the name of a constraint that holds a column to its type."""

_DAY = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]"
_TIME = "[0-2][0-9]:[0-5][0-9]"
_CONDITIONS = {
    ColumnType.BOOLEAN: "{} IN (0, 1)",
    # Texts, which sort as the moments do; another form would not.
    ColumnType.DATE_TIME: f"{{}} GLOB '{_DAY} {_TIME}:[0-5][0-9]*'",
    ColumnType.DATE: f"{{}} GLOB '{_DAY}'",
    ColumnType.TIME: f"{{}} GLOB '{_TIME}*'",
    ColumnType.INT: "typeof({}) IN ('integer', 'null')",
    ColumnType.BIG_INT: "typeof({}) IN ('integer', 'null')",
    ColumnType.FLOAT: "typeof({}) IN ('real', 'integer', 'null')",
    ColumnType.DECIMAL: "typeof({}) IN ('integer', 'real', 'null')",
    ColumnType.BYTES: "typeof({}) IN ('blob', 'null')",
    ColumnType.JSON: "typeof({}) <> 'blob'",
    ColumnType.UUID: "length({}) = 32",
}
_TEXT = "typeof({}) IN ('text', 'null')"


def type_condition(column: Column, *, with_texts: bool = False) -> str | None:
    """The SQL condition that holds where *column* has a value of its type, or NULL; None when nothing else fits in.

    Args:
        with_texts: Whether texts of an app are looked at, too. SQLite makes texts of numbers by itself, and only
            bytes stay what they are; the engine's texts are always held to it, since they are compared with secrets.
    """
    if column.counts_up:
        return None
    default = _TEXT if with_texts or column.is_system else None
    condition = _CONDITIONS.get(column.type, default)
    return None if condition is None else condition.format(quoted_name(column.database_name))


def type_constraints(table: Table) -> Iterator[tuple[Column, str, str]]:
    """Each column of *table* that is held to its type, with the end of the constraint's name, and its condition."""
    for column in table.columns:
        if (condition := type_condition(column)) is not None:
            yield column, f"{column.database_name}_{CONSTRAINT}", condition
