"""Values that a column takes, for the rows that generated tests make."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator
from decimal import Context, Decimal

from gatewright.design.document import Column, ColumnType
from gatewright.design.values import json_of
from gatewright.generator.literals import Code, literal
from gatewright.generator.words import attribute

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
# What means itself between the quotes of an f-string.
_HARMLESS = re.compile("[A-Za-z0-9@:/._-]*")
_ENOUGH = Context(prec=200)
_TRIED_NUMBERS = (1, 9, 10, 99)
_PLAIN = {
    ColumnType.BOOLEAN: literal(True),
    ColumnType.DATE_TIME: literal("2026-01-31T12:00:00Z"),
    ColumnType.DATE: literal("2026-01-31"),
    ColumnType.TIME: literal("12:30:00"),
    ColumnType.JSON: literal({"key": ["value", 1]}),
    ColumnType.UUID: literal("b6f0c8b2-3a5e-4d57-9a51-0f6f5b6f3a10"),
}
_SERIAL = {
    ColumnType.DATE_TIME: Code('f"{people.day()}T12:00:00Z"'),
    ColumnType.DATE: Code("people.day()"),
    ColumnType.TIME: Code('f"{people.number() % 24:02}:00:00"'),
    ColumnType.UUID: Code("people.uuid()"),
}


def sample(column: Column) -> Code | None:
    """A literal for a value that the column takes, as JSON; None when no such value is known."""
    if column.example is not None and (column.type not in _TEXTS or _fits(column, str(column.example))):
        return literal(json_of(column.example, column.type))
    if column.type in _TEXTS:
        return next((literal(text) for text in _texts(column) if _fits(column, text)), None)
    if column.type is ColumnType.ENUM:
        return literal(column.enum_values[0])
    if column.type is ColumnType.BYTES:
        return literal(base64.b64encode(b"bytes"[: column.max_length].ljust(column.min_length or 0, b".")).decode())
    return _PLAIN.get(column.type) or _number(column)


def series(column: Column) -> Code | None:
    """An expression that gives another such value each time; None when none is known.

    It names `people`, of which it takes numbers, days and UUIDs.
    """
    if column.type in _TEXTS:
        return next((_numbered(*form) for form in _forms(column) if _all_fit(column, *form)), None)
    if column.type in (ColumnType.INT, ColumnType.BIG_INT):
        return Code(f"people.number(){_behind(column)}")
    if column.type is ColumnType.FLOAT:
        return Code(f"float(people.number(){_behind(column)})")
    if column.type is ColumnType.DECIMAL:
        zeros = "." + "0" * column.scale if column.scale else ""
        return Code('f"{people.number()' + _behind(column) + "}" + zeros + '"')
    return _SERIAL.get(column.type)


def _behind(column: Column) -> str:
    """What to add to 1, 2, 3 … for numbers that are not below the smallest one."""
    least = math.ceil(column.min_value or 0)
    return f" + {least - 1}" if least > 1 else ""


def _forms(column: Column) -> Iterator[tuple[str, str, int]]:
    """What may stand before and behind a number of at least so many digits."""
    for base in (column.example, *_GUESSES):
        if isinstance(base, str) and (digits := re.search("[0-9]+$", base)):
            yield base[: digits.start()], "", len(digits[0])
    for before, behind in _SERIES:
        yield before, behind, max(1, (column.min_length or 1) - len(before) - len(behind))


def _numbered(before: str, behind: str, width: int) -> Code:
    number = f"{{people.number():0{width}}}" if width > 1 else "{people.number()}"
    if _HARMLESS.fullmatch(before + behind):
        return Code(f'f"{before}{number}{behind}"')
    parts = [literal(before) if before else "", f'f"{number}"', literal(behind) if behind else ""]
    return Code(" + ".join(filter(None, parts)))


def _all_fit(column: Column, before: str, behind: str, width: int) -> bool:
    return all(_fits(column, f"{before}{number:0{width}}{behind}") for number in _TRIED_NUMBERS)


def _number(column: Column) -> Code:
    least = Decimal(1) if column.min_value is None else max(Decimal(1), Decimal(str(column.min_value)))
    number = least if column.max_value is None else min(least, Decimal(str(column.max_value)))
    if column.type is ColumnType.DECIMAL:
        return literal(format(number.quantize(Decimal(1).scaleb(-(column.scale or 0)), context=_ENOUGH), "f"))
    return literal(float(number) if column.type is ColumnType.FLOAT else int(number))


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
