"""The types of columns in the words of PostgreSQL, which tools for diagrams know best."""

from __future__ import annotations

from gatewright.design.document import Column, ColumnType

_PLAIN = {
    ColumnType.TEXT: "text",
    ColumnType.INT: "integer",
    ColumnType.BIG_INT: "bigint",
    ColumnType.FLOAT: "double precision",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE_TIME: "timestamptz",
    ColumnType.DATE: "date",
    ColumnType.TIME: "time",
    ColumnType.JSON: "json",
    ColumnType.BYTES: "bytea",
    ColumnType.UUID: "uuid",
}


def sql_type(column: Column) -> str:
    """The type of *column* in PostgreSQL; of an Enum, the text that the database keeps."""
    if column.db_type is not None:
        return column.db_type
    if column.type is ColumnType.STRING:
        return _sized("varchar", column.stored_limits[1])
    if column.type is ColumnType.ENUM:
        return _sized("varchar", max(map(len, column.enum_values), default=None))
    if column.type is ColumnType.DECIMAL:
        return _sized("numeric", column.precision, column.scale)
    return _PLAIN[column.type]


def _sized(name: str, *sizes: int | None) -> str:
    given = [str(size) for size in sizes if size is not None]
    return f"{name}({','.join(given)})" if given else name
