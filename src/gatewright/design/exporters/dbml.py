"""DBML, the language of dbdiagram.io: tables and columns by their names in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatewright.design.document import (
    Column,
    ColumnType,
    DefaultFunction,
    Design,
    ForeignKey,
    Index,
    OnDelete,
    Reference,
    Table,
)
from gatewright.design.exporters.conditions import conditions_of
from gatewright.design.exporters.exported import Exported, Held, Losses
from gatewright.design.exporters.links import Link, links_of
from gatewright.design.exporters.names import Names
from gatewright.design.exporters.sql_types import sql_type
from gatewright.design.importers.names import ColumnNames, TableNames

_HELD: Held = {
    Table: frozenset({"db_name", "db_schema", "description", "checks"}),
    Column: frozenset(
        {"db_name", "db_type", "precision", "scale", "is_primary_key", "is_required", "is_unique", "is_indexed"}
        | {"default_value", "min_length", "max_length", "min_value", "max_value", "description"}
    ),
    Reference: frozenset({"on_delete", "on_update"}),
    ForeignKey: frozenset({"name", "on_delete", "on_update"}),
    Index: frozenset({"is_unique", "name"}),
}
_FUNCTIONS = {
    DefaultFunction.NOW: "now()",
    DefaultFunction.UUID: "gen_random_uuid()",
    DefaultFunction.UUID7: "uuidv7()",
}
_NUMBERS = (ColumnType.INT, ColumnType.BIG_INT, ColumnType.FLOAT, ColumnType.DECIMAL)
_PLAIN_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\([0-9]+(,[0-9]+)?\))?")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
ACTIONS = {
    OnDelete.CASCADE: "cascade",
    OnDelete.RESTRICT: "restrict",
    OnDelete.SET_NULL: "set null",
    OnDelete.SET_DEFAULT: "set default",
    OnDelete.NO_ACTION: "no action",
}


def export_dbml(design: Design) -> Exported:
    """*design* in DBML."""
    losses = Losses("DBML")
    losses.add_unheld(design, _HELD)
    _add_names(design, losses)
    enums = _enum_names(design)
    blocks = [_enum(enums[key], column) for key, column in _enum_columns(design)]
    blocks += [_table(table, enums, losses) for table in design.tables]
    blocks += [_ref(link) for link in links_of(design)]
    return Exported("\n".join(blocks), losses.notes())


def _add_names(design: Design, losses: Losses) -> None:
    """Note the names that do not follow from those in the database."""
    tables = TableNames(Design(()))
    for table in design.tables:
        if tables.name(table.database_name, table.db_schema) != table.name:
            losses.add("a name beside the one in the database", table.name)
        columns = ColumnNames()
        for column in table.columns:
            if columns.name(column.database_name) != column.name:
                losses.add("a name beside the one in the database", f"{table.name}.{column.name}")


def _enum_columns(design: Design) -> Iterator[tuple[tuple[str, str], Column]]:
    for table in design.tables:
        for column in table.columns:
            if column.type is ColumnType.ENUM:
                yield (table.name, column.name), column


def _enum_names(design: Design) -> dict[tuple[str, str], str]:
    names, tables = Names(), {table.name: table for table in design.tables}
    return {
        key: names.free(f"{tables[key[0]].database_name}_{column.database_name}")
        for key, column in _enum_columns(design)
    }


def _enum(name: str, column: Column) -> str:
    return _block(f"Enum {_name(name)}", [_name(value) for value in column.enum_values])


def _table(table: Table, enums: dict[tuple[str, str], str], losses: Losses) -> str:
    lines = [_column(table, column, enums, losses) for column in table.columns]
    checks = [
        (f"ck_{table.database_name}_{column.database_name}_{end}", condition)
        for column in table.columns
        for end, condition in conditions_of(column)
    ]
    checks += [(check.name, check.expression) for check in table.checks]
    lines += _inner("Checks", [f"{_expression(condition)} [name: {_text(name)}]" for name, condition in checks])
    lines += _inner("Indexes", list(_indexes(table)))
    if table.description is not None:
        lines.append(f"Note: {_text(table.description)}")
    return _block(f"Table {_table_name(table)}", lines)


def _column(table: Table, column: Column, enums: dict[tuple[str, str], str], losses: Losses) -> str:
    enum = enums.get((table.name, column.name))
    column_type = _name(enum) if enum is not None else _type(sql_type(column))
    settings = ", ".join(_settings(table, column, losses))
    return f"{_name(column.database_name)} {column_type}" + (f" [{settings}]" if settings else "")


def _settings(table: Table, column: Column, losses: Losses) -> Iterator[str]:
    if table.key_columns == (column,):
        yield "pk"
    elif column.is_not_null:
        yield "not null"
    if column.is_unique:
        yield "unique"
    if column.counts_up:
        yield "increment"
    elif column.default_value is not None:
        default = _default(column)
        if default is None:
            losses.add(f"the default {column.default_value}", f"{table.name}.{column.name}")
        else:
            yield f"default: {default}"
    if column.description is not None:
        yield f"note: {_text(column.description)}"


def _default(column: Column) -> str | None:
    value = column.default_value
    if isinstance(value, DefaultFunction):
        return _expression(_FUNCTIONS[value]) if value in _FUNCTIONS else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if column.type in _NUMBERS:
        return str(value)
    if column.type is ColumnType.BYTES:
        return None
    return _text(str(value))


def _indexes(table: Table) -> Iterator[str]:
    if len(table.key_columns) > 1:
        yield f"{_columns(table, tuple(column.name for column in table.key_columns))} [pk]"
    for column in table.columns:
        if column.is_indexed:
            yield _name(column.database_name)
    for index in table.indexes:
        settings = ("unique, " if index.is_unique else "") + f"name: {_text(table.index_name(index))}"
        yield f"{_columns(table, index.columns)} [{settings}]"


def _ref(link: Link) -> str:
    settings = [f"delete: {ACTIONS[link.on_delete]}"]
    if link.on_update is not None:
        settings.append(f"update: {ACTIONS[link.on_update]}")
    ends = f"{_end(link.table, link.columns)} > {_end(link.to_table, link.to_columns)}"
    return f"Ref {_name(link.name)}: {ends} [{', '.join(settings)}]\n"


def _end(table: Table, columns: tuple[str, ...]) -> str:
    inner = _columns(table, columns)
    return f"{_table_name(table)}.{inner if len(columns) > 1 else inner[1:-1]}"


def _columns(table: Table, columns: tuple[str, ...]) -> str:
    return f"({', '.join(_name(table.column(name).database_name) for name in columns)})"


def _table_name(table: Table) -> str:
    schema = "" if table.db_schema is None else f"{_name(table.db_schema)}."
    return schema + _name(table.database_name)


def _type(name: str) -> str:
    return name if _PLAIN_TYPE.fullmatch(name) else _name(name)


def _name(name: str) -> str:
    return '"' + name.translate(_ESCAPES).replace('"', '\\"') + '"'


def _text(text: str) -> str:
    return "'" + text.translate(_ESCAPES).replace("'", "\\'") + "'"


def _expression(expression: str) -> str:
    return "`" + expression.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _inner(head: str, lines: list[str]) -> list[str]:
    return ["", f"{head} {{", *(f"  {line}" for line in lines), "}"] if lines else []


def _block(head: str, lines: list[str]) -> str:
    return "\n".join([f"{head} {{", *(f"  {line}" if line else "" for line in lines), "}", ""])
