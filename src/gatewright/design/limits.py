"""The limits of a column, as schemas check them."""

from __future__ import annotations

from typing import Any

from gatewright.design.document import Column


def limits_of(column: Column) -> dict[str, Any]:
    """The column's limits, as `pydantic.Field` calls them."""
    limits = {
        "min_length": column.min_length,
        "max_length": column.max_length,
        "pattern": column.pattern,
        "max_digits": column.precision,
        "decimal_places": None if column.precision is None else column.scale or 0,
        "ge": column.min_value,
        "le": column.max_value,
    }
    return {name: value for name, value in limits.items() if value is not None}
