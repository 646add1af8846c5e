"""Source that gives the rows which are there a value in a column that is to be NOT NULL."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import ColumnType, DefaultFunction
from gatewright.migrations.script.literals import literal
from gatewright.migrations.shapes import ColumnShape, TableShape
from gatewright.migrations.steps import Fill

# One value for all rows.
_MOMENTS = {
    ColumnType.DATE_TIME: "datetime.now(UTC)",
    ColumnType.DATE: "datetime.now(UTC).date()",
    ColumnType.TIME: "datetime.now(UTC).time()",
}
# A value for each row; keys as `gatewright.ids` makes them, in form and in that nobody can guess them.
_KEYS = {
    DefaultFunction.CUID: '"c" + secrets.token_hex(12)[1:]',
    DefaultFunction.ULID: '"0" + secrets.token_hex(13)[1:].upper()',
    DefaultFunction.UUID: "uuid.uuid4()",
    DefaultFunction.UUID7: "uuid.uuid4()",
}
_LITERALS = {
    # SQLite keeps no zone.
    ColumnType.DATE_TIME: "datetime.fromisoformat({}).astimezone(UTC)",
    ColumnType.DATE: "date.fromisoformat({})",
    ColumnType.TIME: "time.fromisoformat({})",
    ColumnType.DECIMAL: "Decimal({})",
    ColumnType.JSON: "json.loads({})",
    ColumnType.BYTES: "base64.b64decode({})",
    ColumnType.UUID: "uuid.UUID({})",
}
IMPORTS = {
    "base64.": "import base64",
    "json.": "import json",
    "secrets.": "import secrets",
    "uuid.": "import uuid",
    "Decimal(": "from decimal import Decimal",
}
"""What the source here needs, by what it holds; what comes from datetime is added by `moments_in`."""


def fill_lines(table: TableShape, fill: Fill) -> Iterator[str]:
    """Statements of a revision that fill the column."""
    column = table.column(fill.column.database_name)
    assert column is not None
    name = literal(column.name)
    keys = [each for each in table.columns if each.name in table.key and each.name != column.name]
    columns = ", ".join(f"sa.column({literal(each.name)}, {each.type})" for each in (*keys, column))
    yield f"rows = sa.table({literal(table.name)}, {columns})"
    if fill.value in _KEYS:
        yield f"empty = sa.select({_listed(table.key)}).where(rows.c[{name}].is_(None))"
        yield "for key in op.get_bind().execute(empty).all():"
        yield "    one = rows.update().where(" + _is_key(table.key) + ")"
        yield f"    op.execute(one.values({{{name}: {_value(fill)}}}))"
    else:
        yield f"op.execute(rows.update().where(rows.c[{name}].is_(None)).values({{{name}: {_value(fill)}}}))"


def guard_lines(before: TableShape, column: ColumnShape, way_out: str) -> Iterator[str]:
    """Statements of a revision that refuse rows without a value in a column that becomes NOT NULL.

    Args:
        before: The table as it was, perhaps without the column.
        way_out: What to do about such rows.
    """
    name = literal(column.name)
    is_new = before.column(column.name) is None
    yield f"rows = sa.table({literal(before.name)}" + (")" if is_new else f", sa.column({name}, {column.type}))")
    empty = "empty = sa.select(sa.literal(1)).select_from(rows)"
    yield empty if is_new else f"{empty}.where(rows.c[{name}].is_(None))"
    yield "if op.get_bind().execute(empty.limit(1)).first() is not None:"
    yield "    raise RuntimeError("
    yield f"        {literal(f'{before.name}.{column.name} is required, ')}"
    yield '        "and rows that are there have no value for it: "'
    yield f"        {literal(way_out + '.')}"
    yield "    )"


def moments_in(source: str) -> str:
    """The import from datetime that *source* needs; empty when it needs none."""
    needed = {"UTC": "(UTC)", "date": " date.", "datetime": "datetime.", "time": " time."}
    names = [name for name, mark in needed.items() if mark in source]
    return f"from datetime import {', '.join(names)}" if names else ""


def _value(fill: Fill) -> str:
    if isinstance(fill.value, DefaultFunction):
        if fill.value is DefaultFunction.NOW:
            return _MOMENTS[fill.column.type]
        value = _KEYS[fill.value]
        return f"str({value})" if value.startswith("uuid") and fill.column.type is not ColumnType.UUID else value
    return _LITERALS.get(fill.column.type, "{}").format(literal(fill.value))


def _listed(key: tuple[str, ...]) -> str:
    return ", ".join(f"rows.c[{literal(name)}]" for name in key)


def _is_key(key: tuple[str, ...]) -> str:
    return ", ".join(f"rows.c[{literal(name)}] == key[{i}]" for i, name in enumerate(key))
