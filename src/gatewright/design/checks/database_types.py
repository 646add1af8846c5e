"""Checks of `dbType`: does the type in the database hold values of the column's type?"""

from __future__ import annotations

import re

from gatewright.design.document import Column, ColumnType

_NAMES = {
    ColumnType.INT: ("integer", "int", "int4", "smallint", "int2", "bigint", "int8"),
    ColumnType.BIG_INT: ("bigint", "int8", "integer", "int", "int4", "smallint", "int2"),
    ColumnType.FLOAT: ("double precision", "float8", "real", "float4"),
    ColumnType.DECIMAL: ("numeric", "decimal"),
    ColumnType.BOOLEAN: ("boolean", "bool"),
    ColumnType.DATE_TIME: ("timestamp with time zone", "timestamptz"),
    ColumnType.DATE: ("date",),
    ColumnType.TIME: ("time", "time without time zone"),
    ColumnType.JSON: ("jsonb", "json"),
    ColumnType.BYTES: ("bytea",),
    ColumnType.UUID: ("uuid",),
}
"""The types of PostgreSQL that take and give values as the column's own type does. Every type has a form as text."""


def parse_database_type(text: str) -> tuple[str, tuple[int, ...]]:
    """The name of a type in small letters and its numbers: `Timestamp(3) with time zone` has the number 3."""
    numbers = tuple(int(number) for number in re.findall("[0-9]+", "".join(re.findall(r"\(.*?\)", text))))
    return " ".join(re.sub(r"\(.*?\)", " ", text).lower().split()).replace(" []", "[]"), numbers


def database_type_fault(column: Column) -> str | None:
    """Why *column* can't have its `dbType`; None when it can."""
    if column.db_type is None:
        return None
    if column.counts_up:
        return "the type of a key that counts up is set by autoincrement(); leave dbType out"
    name, _ = parse_database_type(column.db_type)
    fitting = _NAMES.get(column.type, (name,))
    if name not in fitting:
        return f"a {column.type} is {', '.join(fitting)} in PostgreSQL; choose one of these, or the type String"
    return None
