"""Defaults and examples: from the value in a document to a literal that fits the column's type, and back.

The tutorial writes every default as a string (`"false"`, `"0"`), others write JSON values; both give the same literal.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from uuid import UUID

from gatewright.design.document import ColumnType, DefaultFunction, DefaultValue
from gatewright.design.json_text import parse_json
from gatewright.design.problems import Problems, nearest, quoted

Literal = str | int | float | bool

INTEGER_BITS = {ColumnType.INT: 32, ColumnType.BIG_INT: 64}

FUNCTION_TYPES = {
    DefaultFunction.CUID: (ColumnType.STRING, ColumnType.TEXT),
    DefaultFunction.ULID: (ColumnType.STRING, ColumnType.TEXT),
    DefaultFunction.UUID: (ColumnType.UUID, ColumnType.STRING, ColumnType.TEXT),
    DefaultFunction.UUID7: (ColumnType.UUID, ColumnType.STRING, ColumnType.TEXT),
    DefaultFunction.NOW: (ColumnType.DATE_TIME, ColumnType.DATE, ColumnType.TIME),
    DefaultFunction.AUTOINCREMENT: (ColumnType.INT, ColumnType.BIG_INT),
}

KEY_PATTERN = r"^[^/\x00-\x1f\x7f]*[^./\x00-\x1f\x7f][^/\x00-\x1f\x7f]*$"
"""A text that can be in a path: not empty, no slash, no control character, and not only dots."""

LONGEST_KEY = 255
"""Characters of such a text, where the design says nothing else."""

_FUNCTION = re.compile(r"\w+\(\)", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_DATE_TIME = re.compile(_DATE.pattern + "T" + _TIME.pattern + r"(Z|[+-][0-9]{2}:[0-9]{2})")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MOST_DIGITS = 100


def default_of(raw: object, column_type: ColumnType) -> DefaultValue:
    """The default that *raw* means.

    Raises:
        ValueError: It is no default for a column of this type; the message says why.
    """
    if not isinstance(raw, str) or not _FUNCTION.fullmatch(raw):
        return literal_of(raw, column_type)
    if raw not in tuple(DefaultFunction):
        near = nearest(raw, DefaultFunction)
        raise ValueError(f"no function {quoted(raw)}" + (f"; did you mean {quoted(near)}?" if near else ""))
    function = DefaultFunction(raw)
    if column_type not in FUNCTION_TYPES[function]:
        types = ", ".join(FUNCTION_TYPES[function])
        raise ValueError(f"{quoted(raw)} is a default for {types}, but this column is {column_type}")
    return function


def literal_of(raw: object, column_type: ColumnType) -> Literal:
    """The literal that *raw* means in a column of this type, in the form that `Column` describes.

    Raises:
        ValueError: It doesn't fit the type; the message says what does.
    """
    return _LITERALS[column_type](raw)


def json_of(value: Literal, column_type: ColumnType) -> object:
    """How a literal or a default is written in a document."""
    if column_type is not ColumnType.JSON or not isinstance(value, str):
        return str(value) if isinstance(value, str) else value
    inner: object = json.loads(value)
    # A text or null inside Json stays JSON text: bare, they would mean something else.
    return value if inner is None or isinstance(inner, str) else inner


def _text(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    raise ValueError(f"{quoted(raw)} is not a string")


def _whole_number(column_type: ColumnType) -> Callable[[object], int]:
    bits = INTEGER_BITS[column_type]

    def read(raw: object) -> int:
        if isinstance(raw, str) and _INTEGER.fullmatch(raw):
            raw = int(raw)
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise ValueError(f"{quoted(raw)} is not a whole number")
        if not -(2 ** (bits - 1)) <= raw < 2 ** (bits - 1):
            raise ValueError(f"{quoted(raw)} does not fit the {bits} bits of {column_type}")
        return raw

    return read


def _float(raw: object) -> float:
    if isinstance(raw, str) and _NUMBER.fullmatch(raw):
        raw = float(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or abs(raw) > 1.7e308:
        raise ValueError(f"{quoted(raw)} is not a number")
    return float(raw)


def _decimal(raw: object) -> str:
    text = raw if isinstance(raw, str) else repr(raw)
    if isinstance(raw, bool) or not isinstance(raw, str | int | float) or not _NUMBER.fullmatch(text):
        raise ValueError(f"{quoted(raw)} is not a number")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{quoted(raw)} is not a number") from None
    if abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"{quoted(raw)} has too many digits")
    return format(number, "f")


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("true", "false"):
        return raw == "true"
    raise ValueError(f"{quoted(raw)} is neither true nor false")


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def _moment(form: re.Pattern[str], parse: Callable[[str], object], example: str) -> Callable[[object], str]:
    def read(raw: object) -> str:
        try:
            if isinstance(raw, str) and form.fullmatch(raw) and parse(raw) is not None:
                return raw
        except ValueError:
            pass
        raise ValueError(f"{quoted(raw)} does not have the form {example}")

    return read


def _json(raw: object) -> str:
    if isinstance(raw, str):
        problems = Problems()
        raw = parse_json(raw, problems)
        if problems.found:
            raise ValueError(f"is not JSON text ({problems.found[0].message}); put a string in quotes")
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


def _bytes(raw: object) -> str:
    try:
        base64.b64decode(_text(raw), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{quoted(raw)} is not base64") from None
    return _text(raw)


def _uuid(raw: object) -> str:
    if isinstance(raw, str) and _UUID.fullmatch(raw):
        return str(UUID(raw))
    raise ValueError(f"{quoted(raw)} is not a UUID")


_LITERALS: dict[ColumnType, Callable[[object], Literal]] = {
    ColumnType.STRING: _text,
    ColumnType.TEXT: _text,
    ColumnType.ENUM: _text,
    ColumnType.INT: _whole_number(ColumnType.INT),
    ColumnType.BIG_INT: _whole_number(ColumnType.BIG_INT),
    ColumnType.FLOAT: _float,
    ColumnType.DECIMAL: _decimal,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.DATE_TIME: _moment(_DATE_TIME, _instant, "2026-01-31T12:00:00Z"),
    ColumnType.DATE: _moment(_DATE, date.fromisoformat, "2026-01-31"),
    ColumnType.TIME: _moment(_TIME, time.fromisoformat, "12:00:00"),
    ColumnType.JSON: _json,
    ColumnType.BYTES: _bytes,
    ColumnType.UUID: _uuid,
}
