"""Values for the rows that are there, in a column that becomes NOT NULL: given by a draft, or written into a revision.

Each value is here twice, side by side: as source for the revision, and as the value that a draft writes.
"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from gatewright.clock import SystemClock
from gatewright.design.document import Column, ColumnType, DefaultFunction, DefaultValue
from gatewright.design.python_text import literal
from gatewright.migrations.calls import NAMES
from gatewright.migrations.tables import TableShape, in_schema
from gatewright.storage.checks import quoted_name, quoted_table

# One value for all rows.
_MOMENTS: dict[ColumnType, tuple[str, Callable[[datetime], object]]] = {
    ColumnType.DATE_TIME: ("datetime.now(UTC)", lambda now: now),
    ColumnType.DATE: ("datetime.now(UTC).date()", datetime.date),
    ColumnType.TIME: ("datetime.now(UTC).time()", datetime.time),
}
# A value for each row; keys as `gatewright.ids` makes them, in form and in that they cannot be guessed.
_KEYS: dict[DefaultValue | None, tuple[str, Callable[[], object]]] = {
    DefaultFunction.CUID: ('"c" + secrets.token_hex(12)[1:]', lambda: "c" + secrets.token_hex(12)[1:]),
    DefaultFunction.ULID: (
        '"0" + secrets.token_hex(13)[1:].upper()',
        lambda: "0" + secrets.token_hex(13)[1:].upper(),
    ),
    DefaultFunction.UUID: ("uuid.uuid4()", uuid.uuid4),
    DefaultFunction.UUID7: ("uuid.uuid4()", uuid.uuid4),
}
_LITERALS: dict[ColumnType, tuple[str, Callable[[Any], object]]] = {
    # SQLite keeps no zone.
    ColumnType.DATE_TIME: (
        "datetime.fromisoformat({}).astimezone(UTC)",
        lambda text: datetime.fromisoformat(text).astimezone(UTC),
    ),
    ColumnType.DATE: ("date.fromisoformat({})", date.fromisoformat),
    ColumnType.TIME: ("time.fromisoformat({})", time.fromisoformat),
    ColumnType.DECIMAL: ("Decimal({})", Decimal),
    ColumnType.JSON: ("json.loads({})", json.loads),
    ColumnType.BYTES: ("base64.b64decode({})", base64.b64decode),
    ColumnType.UUID: ("uuid.UUID({})", uuid.UUID),
}
_IMPORTS = {
    "base64.": "import base64",
    "json.": "import json",
    "secrets.": "import secrets",
    "uuid.": "import uuid",
    "Decimal(": "from decimal import Decimal",
}
_MOMENT_IMPORTS = {"UTC": "(UTC)", "date": " date.", "datetime": "datetime.", "time": " time."}


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL that gives each row its value, as a person wrote it for a migration of theirs."""

    sql: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A value for the rows that are there, in a column that becomes NOT NULL."""

    column: Column
    value: DefaultValue | Expression


def fill_rows(connection: Connection, table: TableShape, fill: Fill) -> None:
    """Fill the column where it is empty."""
    assert not isinstance(fill.value, Expression), "an expression is written into a revision, never run by a draft"
    name = fill.column.database_name
    columns = [each for each in table.columns if each.name in (*table.key, name)]
    table_name, schema = in_schema(table.name)
    parts = (sa.column(each.name, each.type.make(NAMES)) for each in columns)
    rows = sa.table(table_name, *parts, **dict(schema))
    empty = rows.c[name].is_(None)
    if fill.value not in _KEYS:
        connection.execute(rows.update().where(empty).values({name: _value(fill)}))
        return
    key = [rows.c[each] for each in table.key]
    for values in connection.execute(sa.select(*key).where(empty)).all():
        is_row = sa.and_(*(column == value for column, value in zip(key, values, strict=True)))
        connection.execute(rows.update().where(is_row).values({name: _value(fill)}))


def fill_lines(table: TableShape, fill: Fill) -> Iterator[str]:
    """Statements of a revision that fill the column where it is empty."""
    column = table.column(fill.column.database_name)
    assert column is not None
    if isinstance(fill.value, Expression):
        yield from _expression_lines(table, column.name, fill.value)
        return
    name = literal(column.name)
    keys = [each for each in table.columns if each.name in table.key and each.name != column.name]
    columns = ", ".join(f"sa.column({literal(each.name)}, {each.type})" for each in (*keys, column))
    table_name, schema = in_schema(table.name)
    named = "".join(f", {keyword}={literal(value)}" for keyword, value in schema)
    yield f"rows = sa.table({literal(table_name)}, {columns}{named})"
    if fill.value in _KEYS:
        listed = ", ".join(f"rows.c[{literal(each)}]" for each in table.key)
        is_row = ", ".join(f"rows.c[{literal(each)}] == key[{i}]" for i, each in enumerate(table.key))
        yield f"empty = sa.select({listed}).where(rows.c[{name}].is_(None))"
        yield "for key in op.get_bind().execute(empty).all():"
        yield f"    one = rows.update().where({is_row})"
        yield f"    op.execute(one.values({{{name}: {_source(fill)}}}))"
    else:
        yield f"op.execute(rows.update().where(rows.c[{name}].is_(None)).values({{{name}: {_source(fill)}}}))"


def _expression_lines(table: TableShape, column: str, expression: Expression) -> Iterator[str]:
    name = quoted_name(column)
    # What a person types for a migration of theirs, which they read before they apply it.
    statement = f"UPDATE {quoted_table(table.name)} SET {name} = ({expression.sql}) WHERE {name} IS NULL"  # noqa: S608
    # A colon would begin a parameter.
    escaped = statement.replace(":", "\\:")
    yield f"op.execute({literal(escaped)})"


def imports_of(source: str) -> list[str]:
    """The imports of the standard library that lines made here need."""
    lines = [line for mark, line in _IMPORTS.items() if mark in source]
    if moments := [name for name, mark in _MOMENT_IMPORTS.items() if mark in source]:
        lines.append(f"from datetime import {', '.join(moments)}")
    return sorted(lines, key=lambda line: (line.startswith("from"), line))


def _value(fill: Fill) -> object:
    kind = fill.column.type
    if fill.value is DefaultFunction.NOW:
        return _MOMENTS[kind][1](SystemClock().now())
    if fill.value in _KEYS:
        value = _KEYS[fill.value][1]()
        return value if kind is ColumnType.UUID else str(value)
    return _LITERALS[kind][1](fill.value) if kind in _LITERALS else fill.value


def _source(fill: Fill) -> str:
    kind = fill.column.type
    if fill.value is DefaultFunction.NOW:
        return _MOMENTS[kind][0]
    if fill.value in _KEYS:
        source = _KEYS[fill.value][0]
        return f"str({source})" if source.startswith("uuid") and kind is not ColumnType.UUID else source
    text = literal(fill.value)
    return _LITERALS[kind][0].format(text) if kind in _LITERALS else text
