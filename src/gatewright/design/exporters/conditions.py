"""The limits of a column as SQL conditions, as the database checks them."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import Column, ColumnType


def conditions_of(column: Column) -> Iterator[tuple[str, str]]:
    """The conditions that the type in SQL does not say already, each with the end of its name."""
    name = '"' + column.database_name.replace('"', '""') + '"'
    shortest, longest = column.stored_limits
    if shortest is not None:
        yield "min_length", f"length({name}) >= {shortest}"
    if longest is not None and column.type is not ColumnType.STRING:
        yield "max_length", f"length({name}) <= {longest}"
    if column.min_value is not None:
        yield "min_value", f"{name} >= {column.min_value!r}"
    if column.max_value is not None:
        yield "max_value", f"{name} <= {column.max_value!r}"
