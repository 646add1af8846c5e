"""Values and rows that tests make: which values a column takes, and whether a row can be made of them."""

from __future__ import annotations

import base64
import datetime
import math
import re
import uuid
from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from typing import Any

from gatewright.design.document import USER, Column, ColumnType, Design, Reference, Table
from gatewright.design.settable import settable
from gatewright.design.values import json_of
from gatewright.generator.words import attribute
from gatewright.storage.database_types import has_form_of_database

Series = Callable[[int], Any]
"""Makes another value out of each number."""

_TEXTS = (ColumnType.STRING, ColumnType.TEXT)
# Of a text with a pattern and without an example, one of these may fit,
_GUESSES = (
    *("abc", "ABC", "a1", "A1", "1", "123", "1234", "12345", "a", "A", "hello-world", "hello_world", "AB-123"),
    *("ada@example.com", "https://example.com", "example.com", "+15550100", "#a0b1c2", "2026-01-31", "12:00", "1.0.0"),
)
# or, where each has to be another, one of these with a number in the middle.
_SERIES = (
    ("a", ""),
    ("A", ""),
    ("", ""),
    ("a-", ""),
    ("A-", ""),
    ("ada", "@example.com"),
    ("https://example.com/", ""),
)
_ENOUGH = Context(prec=200)
_TRIED_NUMBERS = (1, 9, 10, 99)
_FIRST_DAY = datetime.date(2026, 1, 1)


def _day(number: int) -> str:
    return (_FIRST_DAY + datetime.timedelta(number)).isoformat()


_PLAIN: dict[ColumnType, Any] = {
    ColumnType.BOOLEAN: True,
    ColumnType.DATE_TIME: "2026-01-31T12:00:00Z",
    ColumnType.DATE: "2026-01-31",
    ColumnType.TIME: "12:30:00",
    ColumnType.JSON: {"key": ["value", 1]},
    ColumnType.UUID: "b6f0c8b2-3a5e-4d57-9a51-0f6f5b6f3a10",
}
_SERIAL: dict[ColumnType, Series] = {
    ColumnType.DATE_TIME: lambda number: f"{_day(number)}T12:00:00Z",
    ColumnType.DATE: _day,
    ColumnType.TIME: lambda number: f"{number % 24:02}:00:00",
    ColumnType.UUID: lambda _number: str(uuid.uuid4()),
}
_SHOWN_OF_USER = ("id", "email")


class SampleRows:
    """The values from which clients can make the rows of a design's tables."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._problems: dict[str, str | None] = {}

    def columns(self, table: Table) -> list[Column]:
        """The columns that a row is made from: the required ones, and others with known values."""
        return [
            column
            for column in settable(table)
            if is_needed(column) or (not _refers(column, table) and series(column, table) is not None)
        ]

    def problem(self, table: Table) -> str | None:
        """Why no client can make a row of *table*, in words; None when one can."""
        if table.is_system:
            return f"{table.name} is one of the engine's tables"
        if table.name not in self._problems:
            # For a table that needs a row of itself first, perhaps through other tables.
            self._problems[table.name] = f"{table.name} needs a row of {table.name} first"
            problems = (self._problem_of(column, table) for column in table.columns)
            self._problems[table.name] = next(filter(None, problems), None)
        return self._problems[table.name]

    def _problem_of(self, column: Column, table: Table) -> str | None:
        what = f"{table.name}.{column.name}"
        if not is_needed(column) or column.name == table.access.owner_column:
            return None
        if column not in settable(table):
            return f"{what} is required, has no default, and no client may set it"
        if column.references is None and _refers(column, table):
            return f"{what} refers to a row together with other columns"
        if column.references is not None:
            return None if self.can_refer(column.references) else f"no row that {what} refers to can be made"
        if series(column, table) is None:
            return f"no value for {what} is known; give the column an example that fits its pattern"
        return None

    def can_refer(self, reference: Reference) -> bool:
        """Whether a row to refer to can be made, and its key is shown."""
        target = self._design.table(reference.table)
        if target.name == USER:
            return reference.column in _SHOWN_OF_USER
        return not target.column(reference.column).is_hidden and self.problem(target) is None


def is_needed(column: Column) -> bool:
    """Whether a row can't be made without a value for the column."""
    is_filled = column.default_value is not None or column.is_updated_at or column.computed is not None
    return column.is_not_null and not is_filled


def _refers(column: Column, table: Table) -> bool:
    """Whether the value names a row, by itself or together with others."""
    return column.references is not None or any(column.name in key.columns for key in table.foreign_keys)


def series(column: Column, table: Table) -> Series | None:
    """Makes values that the column takes, as JSON: another one each time where no two rows may have the same.

    None when no such values are known.
    """
    is_alone, is_part = uniqueness(column, table)
    numbered = _numbered(column) if is_part else None
    if numbered is not None or is_alone:
        return numbered
    known = sample(column)
    return None if known is None else lambda _number: known


def uniqueness(column: Column, table: Table) -> tuple[bool, bool]:
    """Whether no two rows have the same value there, and whether it is a part of what no two rows have the same of."""
    indexes = [index.columns for index in table.indexes if index.is_unique]
    groups = [tuple(key.name for key in table.key_columns), *indexes, *([(column.name,)] if column.is_unique else [])]
    return (column.name,) in groups, any(column.name in group for group in groups)


def sample(column: Column) -> Any:
    """A value that the column takes, as JSON; None when no such value is known."""
    if column.example is not None and (column.type not in _TEXTS or _fits(column, str(column.example))):
        return json_of(column.example, column.type)
    if has_form_of_database(column):
        return None
    if column.type in _TEXTS:
        return next((text for text in _texts(column) if _fits(column, text)), None)
    if column.type is ColumnType.ENUM:
        return column.enum_values[0]
    if column.type is ColumnType.BYTES:
        return base64.b64encode(b"bytes"[: column.max_length].ljust(column.min_length or 0, b".")).decode()
    return _PLAIN[column.type] if column.type in _PLAIN else _number(column)


def _numbered(column: Column) -> Series | None:
    """Makes another such value out of each number."""
    if has_form_of_database(column):
        return None
    if column.type in _TEXTS:
        return next((_text_series(*form) for form in _forms(column) if _all_fit(column, *form)), None)
    if column.type in (ColumnType.INT, ColumnType.BIG_INT):
        return lambda number: _within(column, number)
    if column.type is ColumnType.FLOAT:
        return lambda number: float(_within(column, number))
    if column.type is ColumnType.DECIMAL:
        zeros = "." + "0" * column.scale if column.scale else ""
        return lambda number: f"{_within(column, number)}{zeros}"
    return _SERIAL.get(column.type)


def _within(column: Column, number: int) -> int:
    """The number at that place among those that the column takes; behind the last one they begin again."""
    least = max(math.ceil(column.min_value or 0), 1)
    if column.max_value is None:
        return least + number - 1
    return least + (number - 1) % max(math.floor(column.max_value) - least + 1, 1)


def _forms(column: Column) -> Iterator[tuple[str, str, int]]:
    """The text before and behind a number of at least so many digits."""
    for base in (column.example, *_GUESSES):
        if isinstance(base, str) and (digits := re.search("[0-9]+$", base)):
            yield base[: digits.start()], "", len(digits[0])
    for before, behind in _SERIES:
        yield before, behind, max(1, (column.min_length or 1) - len(before) - len(behind))


def _text_series(before: str, behind: str, width: int) -> Series:
    return lambda number: f"{before}{number:0{width}}{behind}"


def _all_fit(column: Column, before: str, behind: str, width: int) -> bool:
    make = _text_series(before, behind, width)
    return all(_fits(column, make(number)) for number in _TRIED_NUMBERS)


def _number(column: Column) -> Any:
    least = Decimal(1) if column.min_value is None else max(Decimal(1), Decimal(str(column.min_value)))
    number = least if column.max_value is None else min(least, Decimal(str(column.max_value)))
    if column.type is ColumnType.DECIMAL:
        return format(number.quantize(Decimal(1).scaleb(-(column.scale or 0)), context=_ENOUGH), "f")
    return float(number) if column.type is ColumnType.FLOAT else int(number)


def _texts(column: Column) -> Iterator[str]:
    words = f"Some {attribute(column).replace('_', ' ')}"
    yield words[: column.max_length].ljust(column.min_length or 0, ".")
    yield from _GUESSES
    for letter in "aA1":
        yield letter * max(column.min_length or 1, 1)


def _fits(column: Column, text: str) -> bool:
    from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

    from gatewright.http.texts import check_line, check_text

    limits = core_schema.str_schema(min_length=column.min_length, max_length=column.max_length, pattern=column.pattern)
    try:
        SchemaValidator(limits).validate_python(text)
        (check_text if column.type is ColumnType.TEXT else check_line)(text)
    except (ValidationError, PydanticCustomError):
        return False
    return True
