"""How a column is written in a model, and in the schemas of requests and answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Column, ColumnType, DefaultFunction
from gatewright.design.limits import limits_of
from gatewright.design.values import json_of
from gatewright.generator.imports import Imports
from gatewright.generator.literals import Code, literal
from gatewright.generator.table_rules import is_of_table
from gatewright.generator.words import attribute
from gatewright.migrations.tables import type_call
from gatewright.storage.checks import sql_text
from gatewright.storage.database_types import postgres_type

_PYTHON_TYPES = {
    ColumnType.STRING: "str",
    ColumnType.TEXT: "str",
    ColumnType.ENUM: "str",
    ColumnType.INT: "int",
    ColumnType.BIG_INT: "int",
    ColumnType.FLOAT: "float",
    ColumnType.DECIMAL: "decimal.Decimal",
    ColumnType.BOOLEAN: "bool",
    ColumnType.DATE_TIME: "datetime.datetime",
    ColumnType.DATE: "datetime.date",
    ColumnType.TIME: "datetime.time",
    ColumnType.JSON: "typing.Any",
    ColumnType.BYTES: "bytes",
    ColumnType.UUID: "uuid.UUID",
}
_DATABASE_TYPES = {
    ColumnType.TEXT: "sa.Text",
    ColumnType.INT: "sa.Integer",
    ColumnType.BIG_INT: "sa.BigInteger",
    ColumnType.FLOAT: "sa.Double",
    ColumnType.BOOLEAN: "sa.Boolean",
    ColumnType.DATE_TIME: "crud.UtcDateTime",
    ColumnType.DATE: "sa.Date",
    ColumnType.TIME: "sa.Time",
    ColumnType.BYTES: "sa.LargeBinary",
    ColumnType.UUID: "sa.Uuid",
}
_DEFAULTS = {
    DefaultFunction.CUID: "crud.cuid",
    DefaultFunction.ULID: "crud.ulid",
    DefaultFunction.UUID: "crud.uuid4_text",
    DefaultFunction.UUID7: "crud.uuid7_text",
}
_UUID_DEFAULTS = {DefaultFunction.UUID: "uuid.uuid4", DefaultFunction.UUID7: "crud.uuid7"}
_NOW = {ColumnType.DATE_TIME: "crud.now", ColumnType.DATE: "crud.today", ColumnType.TIME: "crud.time_of_day"}
_PARSED = {
    ColumnType.DATE_TIME: "datetime.datetime.fromisoformat",
    ColumnType.DATE: "datetime.date.fromisoformat",
    ColumnType.TIME: "datetime.time.fromisoformat",
    ColumnType.UUID: "uuid.UUID",
}
_TEXTS = (ColumnType.STRING, ColumnType.TEXT)
# Literal defaults that a schema can show; the others are left to the database.
_SHOWN_DEFAULTS = (*_TEXTS, ColumnType.ENUM, ColumnType.INT, ColumnType.BIG_INT, ColumnType.FLOAT, ColumnType.BOOLEAN)


def mapped(column: Column, built: sa.Column[Any], imports: Imports) -> Code:
    """The rest of the column's line in the model: `orm.Mapped[str] = orm.mapped_column(sa.String)`.

    Args:
        built: The column as `storage.schema` makes it, so that the model can't say anything else.
    """
    orm = imports("orm")
    python_type = imports.type(_PYTHON_TYPES[column.type]) + ("" if column.is_not_null else " | None")
    arguments = ", ".join(_arguments(column, built, imports))
    return Code(f"{orm}.Mapped[{python_type}] = {orm}.mapped_column({arguments})")


def read_field(column: Column, imports: Imports) -> Code:
    """The rest of the column's line in the schema of what clients get."""
    annotation, described = _annotation(column, imports, in_path=False), list(_described(column))
    return Code(f"{annotation} = {_call(_field(imports), described)}" if described else annotation)


def create_field(column: Column, imports: Imports) -> Code:
    """The rest of the column's line in the schema of what a new row is made from."""
    default, rest = column.default_value, [*_limits(column), *_described(column)]
    annotation = _annotation(column, imports, in_path=column.is_primary_key)
    if default is not None and column.type not in _SHOWN_DEFAULTS:
        return Code(f"{annotation} = {_call(_unset(imports), rest)}")
    first = None if default is None and column.is_not_null else literal(default)
    if rest:
        return Code(f"{annotation} = {_call(_field(imports), rest, first)}")
    return Code(annotation if first is None else f"{annotation} = {first}")


def update_field(column: Column, imports: Imports) -> Code:
    """The rest of the column's line in the schema of what may change of a row."""
    rest = [*_limits(column), *_described(column)]
    return Code(f"{_annotation(column, imports, in_path=False)} = {_call(_unset(imports), rest)}")


def _arguments(column: Column, built: sa.Column[Any], imports: Imports) -> Iterator[str]:
    if built.name != attribute(column):
        yield literal(built.name)
    yield _database_type(column, imports)
    own = (key for key in built.foreign_keys if key.constraint is not None and not is_of_table(key.constraint))
    yield from (_foreign_key(key, imports) for key in own)
    if column.computed is not None:
        expression = literal(sql_text(column.computed.expression).text)
        yield f"{imports('sa')}.Computed({expression}, persisted={column.computed.is_stored})"
    yield from (f"{flag}=True" for flag in ("primary_key", "unique") if getattr(built, flag))
    if default := _default(column, imports):
        yield f"default={default}"
    if column.is_updated_at:
        yield f"onupdate={imports('crud')}.now"
    if isinstance(built.server_default, sa.DefaultClause):
        yield f"server_default={_server_default(built.server_default.arg, imports)}"
    if built.index:
        yield "index=True"


def _database_type(column: Column, imports: Imports) -> str:
    portable, own = _portable_type(column, imports), postgres_type(column)
    if own is None:
        return portable
    if not portable.endswith(")") and column.type is not ColumnType.DATE_TIME:
        portable += "()"
    module, _, call = str(type_call(own)).rpartition(".")
    return f'{portable}.with_variant({imports(module or "crud")}.{call}, "postgresql")'


def _portable_type(column: Column, imports: Imports) -> str:
    if column.type is ColumnType.STRING:
        longest = column.stored_limits[1]
        return f"{imports('sa')}.String" + (f"({longest})" if longest is not None else "")
    if column.type is ColumnType.ENUM:
        return f"{imports('sa')}.String({max(map(len, column.enum_values))})"
    if column.type is ColumnType.DECIMAL:
        digits = ", ".join(str(n) for n in (column.precision, column.scale) if n is not None)
        return f"{imports('crud')}.numeric({digits})"
    if column.type is ColumnType.JSON:
        return f"{imports('sa')}.JSON(none_as_null=True)"
    if column.type is ColumnType.BIG_INT and column.counts_up:
        return f"{imports('crud')}.RowNumber"
    return _dotted(_DATABASE_TYPES[column.type], imports)


def _foreign_key(key: sa.ForeignKey, imports: Imports) -> str:
    actions = {"ondelete": key.ondelete, "onupdate": key.onupdate}
    options = [(name, literal(action)) for name, action in actions.items() if action is not None]
    return _call(f"{imports('sa')}.ForeignKey", options, literal(key.target_fullname))


def _default(column: Column, imports: Imports) -> str | None:
    """The default that Python works out, if it does."""
    value = column.default_value
    if column.is_updated_at or value is DefaultFunction.NOW:
        return _dotted(_NOW[column.type], imports)
    if value is DefaultFunction.AUTOINCREMENT or value is None:
        return None
    if isinstance(value, DefaultFunction):
        return _dotted((_UUID_DEFAULTS if column.type is ColumnType.UUID else _DEFAULTS)[value], imports)
    if column.type is ColumnType.BYTES:
        return literal(base64.b64decode(str(value)))
    if column.type in _PARSED:
        return f"{_dotted(_PARSED[column.type], imports)}({literal(value)})"
    return None


def _server_default(value: object, imports: Imports) -> str:
    if isinstance(value, sa.True_ | sa.False_):
        return f"{imports('sa')}.{'true' if isinstance(value, sa.True_) else 'false'}()"
    return literal(value)


def _annotation(column: Column, imports: Imports, *, in_path: bool) -> str:
    if column.type is ColumnType.ENUM:
        name = f"{imports('typing')}.Literal[{', '.join(map(literal, column.enum_values))}]"
    elif in_path and column.type in _TEXTS:
        name = f"{imports('crud')}.KeyString"
    else:
        name = f"{imports('crud')}.{column.type}"
    return name if column.is_not_null else f"{name} | None"


def _limits(column: Column) -> Iterator[tuple[str, Code]]:
    return ((name, literal(value)) for name, value in limits_of(column).items())


def _described(column: Column) -> Iterator[tuple[str, Code]]:
    if column.description is not None:
        yield "description", literal(" ".join(column.description.split()))
    if column.example is not None:
        yield "examples", literal([json_of(column.example, column.type)])


def _field(imports: Imports) -> str:
    return f"{imports('pydantic')}.Field"


def _unset(imports: Imports) -> str:
    return f"{imports('crud')}.unset"


def _call(
    function: str, options: Iterator[tuple[str, Code]] | list[tuple[str, Code]], first: Code | None = None
) -> str:
    arguments = [] if first is None else [str(first)]
    return f"{function}({', '.join([*arguments, *(f'{name}={value}' for name, value in options)])})"


def _dotted(name: str, imports: Imports) -> str:
    module, _, rest = name.partition(".")
    return f"{imports(module)}.{rest}"
