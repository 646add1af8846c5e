"""Checks of single columns: do its keys fit its type and each other?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from gatewright.design.checks.database_types import database_type_fault
from gatewright.design.document import USER, Column, ColumnType, DefaultFunction, Design
from gatewright.design.kinds import keys_of
from gatewright.design.problems import Problems, quoted
from gatewright.design.values import INTEGER_BITS

# A key of the document and what is wrong with its value.
Finding = tuple[str, str]

LONGEST_STRING = 16_383  # characters of four bytes each that a row of MariaDB has room for
MOST_DIGITS = 65
MOST_DECIMALS = 30
LONGEST_ENUM_VALUE = 63  # bytes, in PostgreSQL
MOST_COLUMNS = 1_000  # of a table, in MariaDB; a few more in the others

# A value of each function, for its length and its form.
_SAMPLES = {
    DefaultFunction.CUID: "tz4a98xxat96iws9zmbrgj3a",
    DefaultFunction.ULID: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    DefaultFunction.UUID: "b6f0c8b2-3a5e-4d57-9a51-0f6f5b6f3a10",
    DefaultFunction.UUID7: "019b2d4e-3a5e-7d57-9a51-0f6f5b6f3a10",
}
_ENOUGH = Context(prec=400)

_WHOLE = (ColumnType.INT, ColumnType.BIG_INT)
_NUMBERS = (*_WHOLE, ColumnType.FLOAT, ColumnType.DECIMAL)
_TEXTS = (ColumnType.STRING, ColumnType.TEXT)
_SIZED = (*_TEXTS, ColumnType.BYTES)
# Not every database can make a key or an index over a value of any length.
_INDEXABLE = tuple(kind for kind in ColumnType if kind not in (ColumnType.TEXT, ColumnType.BYTES, ColumnType.JSON))
_KEYS = tuple(kind for kind in _INDEXABLE if kind not in (ColumnType.FLOAT, ColumnType.BOOLEAN))

_FITTING_TYPES = {
    "isPrimaryKey": _KEYS,
    "isUnique": _INDEXABLE,
    "isIndexed": _INDEXABLE,
    "isUpdatedAt": (ColumnType.DATE_TIME,),
    "minLength": _SIZED,
    "maxLength": _SIZED,
    "minValue": _NUMBERS,
    "maxValue": _NUMBERS,
    "pattern": _TEXTS,
    "precision": (ColumnType.DECIMAL,),
    "scale": (ColumnType.DECIMAL,),
    "enumValues": (ColumnType.ENUM,),
    "renamedValues": (ColumnType.ENUM,),
}
_PLAIN = Column(name="", type=ColumnType.STRING)
_FIELDS = {key.name: key.field for key in keys_of(Column)}


def check_columns(design: Design, problems: Problems) -> None:
    """Note what does not fit together within a column."""
    for i, table in enumerate(design.tables):
        if len(table.columns) > MOST_COLUMNS:
            problems.add(f"tables[{i}].columns", f"a table can have at most {MOST_COLUMNS} columns")
        for j, column in enumerate(table.columns):
            path = f"tables[{i}].columns[{j}]"
            if problems.touch(f"{path}.type"):
                continue
            for key, message in _findings(column, in_user=table.name == USER):
                if not problems.touch(f"{path}.{key}"):
                    problems.add(f"{path}.{key}", message)


def _findings(column: Column, *, in_user: bool) -> Iterator[Finding]:
    misfits = list(_misfits(column))
    yield from misfits
    if misfits:
        return
    yield from _length_findings(column)
    yield from _value_findings(column)
    if decimals := list(_decimal_findings(column)):
        yield from decimals
        return
    yield from _room_findings(column)
    yield from _enum_findings(column)
    yield from _pattern_findings(column)
    yield from _default_findings(column)
    yield from _input_findings(column, in_user=in_user)
    if fault := database_type_fault(column):
        yield "dbType", fault


def _misfits(column: Column) -> Iterator[Finding]:
    for key, types in _FITTING_TYPES.items():
        if column.type not in types and getattr(column, _FIELDS[key]) != getattr(_PLAIN, _FIELDS[key]):
            yield key, f"is only for {', '.join(types)}, but this column is {column.type}"


def _length_findings(column: Column) -> Iterator[Finding]:
    if column.type is ColumnType.STRING and (column.min_length or 0) > LONGEST_STRING:
        yield "minLength", f"is more than {LONGEST_STRING}; use the type Text for longer texts"
    elif column.max_length is None:
        return
    elif column.max_length == 0:
        yield "maxLength", "is 0, so no value fits"
    elif column.min_length is not None and column.min_length > column.max_length:
        yield "maxLength", "is less than minLength"
    elif column.type is ColumnType.STRING and column.max_length > LONGEST_STRING:
        yield "maxLength", f"is more than {LONGEST_STRING}; use the type Text for longer texts"


def _value_findings(column: Column) -> Iterator[Finding]:
    for key, bound in (("minValue", column.min_value), ("maxValue", column.max_value)):
        if bound is None or column.type not in _WHOLE:
            continue
        limit = 2 ** (INTEGER_BITS[column.type] - 1)
        if not isinstance(bound, int) or not -limit <= bound < limit:
            yield key, f"{quoted(bound)} is not a whole number that fits {column.type}"
    if column.min_value is not None and column.max_value is not None and column.min_value > column.max_value:
        yield "maxValue", "is less than minValue"


def _decimal_findings(column: Column) -> Iterator[Finding]:
    if column.precision is None:
        if column.scale is not None:
            yield "scale", "needs precision as well"
    elif not 1 <= column.precision <= MOST_DIGITS:
        yield "precision", f"must be from 1 to {MOST_DIGITS}"
    elif column.scale is not None and column.scale > min(column.precision, MOST_DECIMALS):
        yield "scale", f"must be at most precision, and at most {MOST_DECIMALS}"


def _room_findings(column: Column) -> Iterator[Finding]:
    """Whether the smallest and the largest number of a Decimal leave any between them."""
    if column.type is not ColumnType.DECIMAL:
        return
    room, unit = _room(column)
    least = -room if column.min_value is None else Decimal(str(column.min_value))
    most = room if column.max_value is None else Decimal(str(column.max_value))
    for key, bound in (("minValue", least), ("maxValue", most)):
        if abs(bound) > Decimal(10) ** MOST_DIGITS:
            yield key, f"has more than {MOST_DIGITS} digits"
            return
    if column.precision is not None:
        least = max(least, unit - room).quantize(unit, ROUND_CEILING, _ENOUGH)
        most = min(most, room - unit).quantize(unit, ROUND_FLOOR, _ENOUGH)
    if least > most:
        yield (
            ("minValue" if column.max_value is None else "maxValue"),
            "excludes every number of this precision and scale",
        )


def _room(column: Column) -> tuple[Decimal, Decimal]:
    """The number that is just too large for a Decimal, and the step from one of its values to the next."""
    if column.precision is None:
        return Decimal(10) ** MOST_DIGITS, Decimal(1).scaleb(-MOST_DIGITS)
    scale = column.scale or 0
    return Decimal(10) ** (column.precision - scale), Decimal(1).scaleb(-scale)


def _enum_findings(column: Column) -> Iterator[Finding]:
    if column.type is not ColumnType.ENUM:
        return
    if not column.enum_values:
        yield "enumValues", "is missing; list the values of the Enum"
    for i, value in enumerate(column.enum_values):
        if not value or not value.isprintable() or len(value.encode()) > LONGEST_ENUM_VALUE:
            yield f"enumValues[{i}]", f"must be a text on one line, of 1 to {LONGEST_ENUM_VALUE} bytes"
        elif value in column.enum_values[:i]:
            yield f"enumValues[{i}]", f"{quoted(value)} is listed twice"
    yield from _renamed_findings(column)


def _renamed_findings(column: Column) -> Iterator[Finding]:
    renamed = column.renamed_values
    for i, each in enumerate(renamed):
        if each.value not in column.enum_values:
            yield f"renamedValues[{i}].value", f"{quoted(each.value)} is not one of enumValues"
        elif each.renamed_from in column.enum_values:
            yield f"renamedValues[{i}].renamedFrom", f"{quoted(each.renamed_from)} is still one of enumValues"
        elif any(each.value == other.value or each.renamed_from == other.renamed_from for other in renamed[:i]):
            yield f"renamedValues[{i}]", "is the second for one value"


def _pattern_findings(column: Column) -> Iterator[Finding]:
    if column.pattern is not None and (fault := _pattern_fault(column.pattern)):
        yield "pattern", fault


def _default_findings(column: Column) -> Iterator[Finding]:
    for key, value in (("defaultValue", column.default_value), ("example", column.example)):
        if value is None:
            continue
        if isinstance(value, DefaultFunction):
            if column.type in _TEXTS:
                yield from ((key, f"{quoted(str(value))} {fault}") for fault in _text_faults(column, _SAMPLES[value]))
            continue
        if column.type is ColumnType.BYTES:
            yield from ((key, fault) for fault in _length_faults(column, len(base64.b64decode(str(value)))))
        if column.type is ColumnType.ENUM and column.enum_values and value not in column.enum_values:
            yield key, f"{quoted(value)} is not one of enumValues"
        elif column.type in _TEXTS and isinstance(value, str):
            yield from ((key, fault) for fault in _text_faults(column, value))
        elif column.type in _NUMBERS:
            yield from ((key, fault) for fault in _number_faults(column, Decimal(value)))


def _length_faults(column: Column, length: int) -> Iterator[str]:
    if column.min_length is not None and length < column.min_length:
        yield "is shorter than minLength"
    if column.max_length is not None and length > column.max_length:
        yield "is longer than maxLength"


def _text_faults(column: Column, value: str) -> Iterator[str]:
    yield from _length_faults(column, len(value))
    if column.pattern is not None and not _pattern_fault(column.pattern) and _pattern_fault(column.pattern, value):
        yield "does not match pattern"


def _number_faults(column: Column, value: Decimal) -> Iterator[str]:
    if column.min_value is not None and value < column.min_value:
        yield "is less than minValue"
    if column.max_value is not None and value > column.max_value:
        yield "is more than maxValue"
    if column.type is ColumnType.DECIMAL:
        room, unit = _room(column)
        if abs(value) >= room or value.quantize(unit, context=_ENOUGH) != value:
            yield "has more digits than " + (
                f"the {MOST_DIGITS} of a Decimal" if column.precision is None else "precision and scale have room for"
            )


def _input_findings(column: Column, *, in_user: bool) -> Iterator[Finding]:
    if not column.is_input:
        return
    if not in_user and not column.is_hidden:
        yield "isInput", f"is only for columns of {USER} and hidden columns; clients can set other columns anyway"
    elif column.is_read_only:
        yield "isInput", "contradicts isReadOnly; leave one of them out"
    elif column.is_primary_key or column.is_updated_at:
        yield "isInput", "does not apply to a key or an isUpdatedAt column; leave it out"


def _pattern_fault(pattern: str, sample: str | None = None) -> str | None:
    """Why *pattern* is not a pattern, or why *sample* does not match it.

    Patterns are those of the engine that generated schemas check with, whose time is linear in the text: an input
    can't hang it, which is why it knows no look-around and no back reference.
    """
    from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=pattern))
        if sample is not None:
            validator.validate_python(sample)
    except SchemaError:
        return "is not a regular expression without look-around and back references"
    except ValidationError:
        return "does not match"
    return None
