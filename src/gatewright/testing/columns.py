"""The columns that an app's design adds to `User`, for the users that tests make."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from gatewright.crud.fields import value_type
from gatewright.design.document import Column, ColumnType, Design
from gatewright.design.naming import snake_case
from gatewright.design.problems import nearest
from gatewright.features.users.own_columns import own_columns
from gatewright.generator.samples import is_needed, sample

_numbers = itertools.count(1)
_TEXTS = (ColumnType.STRING, ColumnType.TEXT)
_NUMBERS = (ColumnType.INT, ColumnType.BIG_INT)


def row_values(design: Design, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a new user's row has in the design's columns, by their names in the database.

    A column that needs a value and gets none has a made-up one.

    Args:
        given: By the columns' names, as the design has them or in snake case.

    Raises:
        TypeError: The design has no such column, or its column does not take the value.
    """
    columns = own_columns(design)
    by_name = {name: column for column in columns for name in (column.name, snake_case(column.name))}
    for name in given:
        if name not in by_name:
            raise TypeError(f"as_user: the design's User has no column {name!r}{_hint(name, by_name)}")
    made_up = {column.database_name: _made_up(column) for column in columns if is_needed(column)}
    known = {name: value for name, value in made_up.items() if value is not None}
    return known | {by_name[name].database_name: _accepted(by_name[name], value) for name, value in given.items()}


def _hint(name: str, by_name: Mapping[str, Column]) -> str:
    near = nearest(name, by_name)
    return f"; did you mean {near!r}?" if near else ""


def _accepted(column: Column, value: Any) -> Any:
    # JSON's form of a value, as an API takes it; a date or a Decimal of Python's is taken as it is.
    if not isinstance(value, str | int | float | list | dict):
        return value
    try:
        return TypeAdapter(value_type(column)).validate_python(value)
    except ValidationError as error:
        reason = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise TypeError(f"as_user: {column.name} does not take this value: {reason}") from None


def _made_up(column: Column) -> Any:
    """A value that the column takes, another one each time where it is unique; None where none is known."""
    if column.is_unique and column.pattern is None and column.type in _TEXTS:
        return secrets.token_hex(8)[: column.max_length].ljust(column.min_length or 0, "x")
    if column.is_unique and column.type in _NUMBERS:
        return next(_numbers) + int(column.min_value or 0)
    if column.is_unique and column.type is ColumnType.UUID:
        return uuid4()
    value = sample(column) if column.references is None else None
    return None if value is None else _accepted(column, value)
