"""A column of a design as the field of a schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gatewright.crud import types
from gatewright.design.document import Column, ColumnType
from gatewright.design.limits import limits_of


def value_type(column: Column, *, limited: bool = True) -> Any:
    """The type of the column's values, as pydantic takes it.

    Args:
        limited: Whether the column's limits hold, as for what clients send.
    """
    is_enum = column.type is ColumnType.ENUM
    plain: Any = Literal[column.enum_values] if is_enum else getattr(types, column.type)
    limits = limits_of(column) if limited else {}
    annotation = Annotated[plain, Field(**limits)] if limits else plain
    return annotation if column.is_not_null else annotation | None
