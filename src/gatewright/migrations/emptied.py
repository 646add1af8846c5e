"""Columns that a draft dropped and that come back when it is taken back: required, and without their values."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.difference import Difference, compare
from gatewright.design.document import Column, ColumnType, DefaultFunction, DefaultValue, Design
from gatewright.migrations.losses import Loss
from gatewright.migrations.plan import Defaults

_EMPTY: dict[ColumnType, DefaultValue] = {
    ColumnType.STRING: "",
    ColumnType.TEXT: "",
    ColumnType.INT: 0,
    ColumnType.BIG_INT: 0,
    ColumnType.FLOAT: 0.0,
    ColumnType.DECIMAL: "0",
    ColumnType.BOOLEAN: False,
    ColumnType.DATE_TIME: DefaultFunction.NOW,
    ColumnType.DATE: DefaultFunction.NOW,
    ColumnType.TIME: DefaultFunction.NOW,
    ColumnType.JSON: "{}",
    ColumnType.BYTES: "",
    ColumnType.UUID: DefaultFunction.UUID,
}


def empty_values(difference: Difference) -> Defaults:
    """Values for the required columns that come back, by `Table.column`: those that every row can have."""
    return {
        f"{change.new.name}.{column.name}": value
        for change in difference.changed_tables
        for column in change.added_columns
        if column.is_not_null and column.default_value is None and (value := _empty(column)) is not None
    }


def lost_values(at: Design, design: Design, empty: Defaults) -> Iterator[Loss]:
    """The losses of values of these columns, where their tables have rows."""
    for change in compare(at, design).changed_tables:
        for column in change.added_columns:
            place = f"{change.new.name}.{column.name}"
            if place in empty:
                words = "comes back, and its values do not: each row gets an empty one"
                yield Loss(place, words, change.old.full_name)


def _empty(column: Column) -> DefaultValue | None:
    has_limits = column.min_length or column.min_value is not None or column.pattern
    if column.is_unique or column.is_primary_key or column.references or has_limits:
        return None
    return column.enum_values[0] if column.enum_values else _EMPTY.get(column.type)
