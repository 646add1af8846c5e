"""The types of fields in generated schemas: one for each type that a column can have.

They take what the database can keep and nothing else, so that a value is refused with 422 before it gets there. A
design's own limits come on top, with `pydantic.Field(max_length=…, ge=…)`.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import math
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gatewright.clock import rfc3339
from gatewright.design.values import KEY_PATTERN, LONGEST_KEY
from gatewright.http.texts import LINE_PATTERN, TEXT_PATTERN, check_line, check_text

DEEPEST_JSON = 64
MOST_DIGITS = 65
_SAFE_BOUND = 2**63 - 1024
# SQLite would round a larger literal.
_WHOLE_JSON = 2**63

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
# RFC 3339 section 5.6: a moment has a zone, and its letters may be small.
_MOMENT = re.compile(rf"{_DATE}[Tt ]{_TIME}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

_Parse = Callable[[Any], Any]
_Encode = Callable[[Any], Any]


# pydantic applies a field's own limits sometimes before and sometimes after what stands in `Annotated`. So each class
# below completes the schema that it finds, and lets others add to it.


class Characters:
    """A text of certain characters only. `RequestBody` checks them, so that the field can have a pattern of its own.

    Args:
        check: Refuses the others.
        pattern: What *check* takes, as JSON Schema writes it.
    """

    def __init__(self, check: Callable[[str], str], pattern: str) -> None:
        self.check = check
        self._pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _completed(handler(source), "str", strict=True)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return _with_pattern(handler(schema), self._pattern)


class _KeyText(Characters):
    """A text for a path: not empty, no slash, and neither `.` nor `..`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = _completed(handler(source), "str", strict=True, max_length=LONGEST_KEY)
        # Not as the pattern, whose place is the column's own.
        return core_schema.no_info_after_validator_function(_checked_key, text)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return _with_pattern(super().__get_pydantic_json_schema__(schema, handler), KEY_PATTERN)


def _with_pattern(form: dict[str, Any], pattern: str) -> dict[str, Any]:
    """*form* with one more pattern."""
    if "pattern" not in form:
        return form | {"pattern": pattern}
    return {**form, "allOf": [*form.get("allOf", ()), {"pattern": pattern}]}


def _checked_key(text: str) -> str:
    if not re.fullmatch(KEY_PATTERN, text):
        raise PydanticCustomError(
            "invalid_format", "Must not be empty or only dots, or contain a slash or control character."
        )
    return text


class _Whole:
    """A whole number of so many bits: `5` and `5.0`, which are the same in JSON, but neither `true` nor `"5"`."""

    def __init__(self, bits: int) -> None:
        self._limit = 2 ** (bits - 1)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        number = _completed(handler(source), "int", strict=True, ge=-self._limit, le=self._limit - 1)
        return core_schema.no_info_before_validator_function(_whole, number)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        if handler.mode == "validation":
            # FastAPI writes bounds as floating point, which would round these up, out of the range.
            found["minimum"] = max(found["minimum"], -_SAFE_BOUND)
            found["maximum"] = min(found["maximum"], _SAFE_BOUND)
        return found


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Real:
    """A finite number."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _completed(handler(source), "float", strict=True, allow_inf_nan=False)


class _Digits:
    """An exact number, written as a string so that no client rounds it; a JSON number is taken too."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = core_schema.plain_serializer_function_ser_schema(_plain_digits, when_used="json")
        limits = {"allow_inf_nan": False, "max_digits": MOST_DIGITS}
        return _completed(handler(source), "decimal", **limits, serialization=plain)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        while "schema" in schema:  # The validators of the whole model wrap the number.
            schema = schema["schema"]
        places = schema.get("decimal_places", MOST_DIGITS // 2)
        whole = max(schema["max_digits"] - places, 1)
        sign = "" if schema.get("ge") is not None and schema["ge"] >= 0 else "-?"
        fraction = f"(\\.[0-9]{{1,{places}}})?" if places else ""
        return {"type": "string", "pattern": f"^{sign}[0-9]{{1,{whole}}}{fraction}$"}


def _completed(schema: Any, kind: str, **options: Any) -> CoreSchema:
    """*schema* with those *options* that the field does not set itself.

    Raises:
        TypeError: Something is between the type and its limits, which would then have no effect.
    """
    if schema["type"] != kind:
        raise TypeError(f"limits of {kind} can't be put on {schema['type']}")
    return cast("CoreSchema", {**options, **schema})


class _Parsed:
    """A value that travels as a string of one form.

    Args:
        parse: Makes the value of the string; `ValueError` when it can't.
        encode: Makes the string of the value.
        schema: The form, as JSON Schema.
        kind: What has been parsed already.
        message: What to send instead.
    """

    def __init__(self, parse: _Parse, encode: _Encode, schema: dict[str, Any], kind: type, message: str) -> None:
        self._parse = parse
        self._encode = encode
        self._schema = schema
        self._kind = kind
        self._message = message

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        encoding = core_schema.plain_serializer_function_ser_schema(self._encode, when_used="json")
        return core_schema.no_info_before_validator_function(self._checked, handler(source), serialization=encoding)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self._schema)

    def _checked(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("invalid_type", "{message}", {"message": self._message})
        try:
            return self._parse(value)
        except PydanticCustomError:
            raise
        except ValueError:
            raise PydanticCustomError("invalid_format", "{message}", {"message": self._message}) from None


class _AnyJson:
    """Any JSON value but null, nested to a depth that every database and parser takes."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_checked_json, core_schema.any_schema())

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": ["object", "array", "string", "number", "boolean"]}


def _checked_json(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("invalid_type", "Must not be null.")
    todo = [(value, 1)]
    while todo:
        part, depth = todo.pop()
        if depth > DEEPEST_JSON:
            raise PydanticCustomError("too_long", "Must be nested at most {n} levels deep.", {"n": DEEPEST_JSON})
        if isinstance(part, float) and not math.isfinite(part):
            raise PydanticCustomError("out_of_range", "Must contain only finite numbers.")
        if isinstance(part, int) and not -_WHOLE_JSON <= part < _WHOLE_JSON:
            raise PydanticCustomError("out_of_range", "Must contain only whole numbers of at most 64 bits.")
        if isinstance(part, dict):
            todo.extend((inner, depth + 1) for inner in part.values())
        elif isinstance(part, list):
            todo.extend((inner, depth + 1) for inner in part)
    return value


def _moment(text: str) -> datetime.datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    try:
        return datetime.datetime.fromisoformat(text.upper()).astimezone(datetime.UTC)
    except OverflowError:
        raise PydanticCustomError("out_of_range", "Must be from year 1 to year 9999, in UTC.") from None


def _plain_digits(value: decimal.Decimal) -> str:
    return format(value, "f")


def _date(text: str) -> datetime.date:
    if not re.fullmatch(_DATE, text):
        raise ValueError(text)
    return datetime.date.fromisoformat(text)


def _time(text: str) -> datetime.time:
    if not re.fullmatch(_TIME, text):
        raise ValueError(text)
    return datetime.time.fromisoformat(text)


def _uuid(text: str) -> uuid.UUID:
    if not _UUID.fullmatch(text):
        raise ValueError(text)
    return uuid.UUID(text)


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _in_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


String = Annotated[str, Characters(check_line, LINE_PATTERN)]
"""A text on one line, without control characters and invisible ones."""

Text = Annotated[str, Characters(check_text, TEXT_PATTERN)]
"""A text of any length, without control characters but tabs and ends of lines."""

KeyString = Annotated[str, _KeyText(check_line, LINE_PATTERN)]
"""A text that a client chooses as (a part of) a row's key, and that is therefore a part of a path."""

Int = Annotated[int, _Whole(32)]
"""A whole number of 32 bits."""

BigInt = Annotated[int, _Whole(64)]
"""A whole number of 64 bits."""

Float = Annotated[float, _Real()]
"""A finite number of 64 bits."""

Decimal = Annotated[decimal.Decimal, _Digits()]
"""An exact number."""

Boolean = Annotated[bool, Strict()]
"""`true` or `false`."""

DateTime = Annotated[
    datetime.datetime,
    _Parsed(
        _moment,
        rfc3339,
        {"type": "string", "format": "date-time"},
        datetime.datetime,
        "Must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.",
    ),
]
"""A moment: aware, and in UTC."""

Date = Annotated[
    datetime.date,
    _Parsed(
        _date,
        datetime.date.isoformat,
        {"type": "string", "format": "date"},
        datetime.date,
        "Must be a date such as 2026-01-31.",
    ),
]
"""A day of the calendar."""

Time = Annotated[
    datetime.time,
    _Parsed(
        _time,
        datetime.time.isoformat,
        # Not JSON Schema's "time", which has a zone.
        {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?$"},
        datetime.time,
        "Must be a time of day such as 12:30:00.",
    ),
]
"""A time of day, in no zone."""

Uuid = Annotated[
    uuid.UUID,
    _Parsed(_uuid, str, {"type": "string", "format": "uuid"}, uuid.UUID, "Must be a UUID (RFC 9562)."),
]
"""A UUID."""

Bytes = Annotated[
    bytes,
    _Parsed(
        _from_base64,
        _in_base64,
        {"type": "string", "contentEncoding": "base64", "pattern": _BASE64},
        bytes,
        "Must be base64.",
    ),
]
"""Bytes, which travel as base64 (RFC 4648 section 4). Limits count bytes."""

Json = Annotated[Any, _AnyJson()]
"""Any JSON value but null."""
