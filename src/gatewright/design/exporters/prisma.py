"""Prisma's schema language: models and fields by the names of the design, mapped to those of the database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gatewright.design.document import (
    Column,
    ColumnType,
    DefaultFunction,
    Design,
    ForeignKey,
    Index,
    Reference,
    Table,
)
from gatewright.design.exporters.exported import Exported, Held, Losses, index_place
from gatewright.design.exporters.names import Names
from gatewright.design.exporters.prisma_relations import Field, Relations
from gatewright.design.naming import pascal_case

_HELD: Held = {
    Table: frozenset({"db_name", "db_schema", "description"}),
    Column: frozenset(
        {"db_name", "db_type", "precision", "scale", "is_primary_key", "is_required", "is_unique", "is_indexed"}
        | {"is_updated_at", "default_value", "max_length", "description"}
    ),
    Reference: frozenset({"on_delete", "on_update"}),
    ForeignKey: frozenset({"name", "on_delete", "on_update"}),
    Index: frozenset({"is_unique", "name"}),
}
_TYPES = {
    ColumnType.STRING: ("String", "VarChar"),
    ColumnType.TEXT: ("String", "Text"),
    ColumnType.INT: ("Int", ""),
    ColumnType.BIG_INT: ("BigInt", ""),
    ColumnType.FLOAT: ("Float", ""),
    ColumnType.DECIMAL: ("Decimal", "Decimal"),
    ColumnType.BOOLEAN: ("Boolean", ""),
    ColumnType.DATE_TIME: ("DateTime", "Timestamptz(6)"),
    ColumnType.DATE: ("DateTime", "Date"),
    ColumnType.TIME: ("DateTime", "Time(6)"),
    ColumnType.JSON: ("Json", "Json"),
    ColumnType.BYTES: ("Bytes", ""),
    ColumnType.UUID: ("String", "Uuid"),
}
# Types of PostgreSQL, for `dbType`, that Prisma has a name for.
NATIVE_TYPES = {
    "smallint": "SmallInt",
    "integer": "Integer",
    "bigint": "BigInt",
    "real": "Real",
    "double precision": "DoublePrecision",
    "money": "Money",
    "char": "Char",
    "varchar": "VarChar",
    "text": "Text",
    "citext": "Citext",
    "bit": "Bit",
    "bit varying": "VarBit",
    "xml": "Xml",
    "inet": "Inet",
    "oid": "Oid",
    "uuid": "Uuid",
    "json": "Json",
    "jsonb": "JsonB",
    "bytea": "ByteA",
    "date": "Date",
    "numeric": "Decimal",
    "timestamp": "Timestamp",
    "timestamptz": "Timestamptz",
    "time": "Time",
    "timetz": "Timetz",
}
_SIZED = re.compile(r"([A-Za-z][A-Za-z0-9_ ]*?)(\([0-9]+(?:, ?[0-9]+)?\))?")
_FUNCTIONS = {DefaultFunction.UUID7: "uuid(7)"}
_BARE = (ColumnType.INT, ColumnType.BIG_INT, ColumnType.FLOAT, ColumnType.DECIMAL)
_NO_WORD = re.compile("[^A-Za-z0-9_]+")
_LINE_ENDS = re.compile("[\r\n\u2028\u2029\x0b\x0c\x1c-\x1e\x85]+")


def export_prisma(design: Design) -> Exported:
    """*design* as a `schema.prisma` for PostgreSQL."""
    return _Export(design).exported()


class _Export:
    """One export: the names that were given so far, and what was left out."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.losses = Losses("Prisma")
        self.losses.add_unheld(design, _HELD)
        self.relations = Relations(design)
        self.has_schemas = any(table.db_schema is not None for table in design.tables)
        self.blocks = Names(table.name for table in design.tables)

    def exported(self) -> Exported:
        enums, models = [], []
        for table in self.design.tables:
            names = {column.name: self._enum_name(table, column) for column in table.columns if column.enum_values}
            members = {name: _members(table.column(name).enum_values) for name in names}
            enums += [self._enum(names[name], members[name]) for name in names]
            models.append(self._model(table, names, members))
        text = "\n".join([self._datasource(), *enums, *models])
        return Exported(text, self.losses.notes())

    def _datasource(self) -> str:
        lines = ['  provider = "postgresql"']
        if self.has_schemas:
            names = sorted({table.db_schema or "public" for table in self.design.tables})
            lines.append(f"  schemas  = [{', '.join(map(_text, names))}]")
        return "\n".join(["datasource db {", *lines, "}", ""])

    def _enum_name(self, table: Table, column: Column) -> str:
        return self.blocks.free(table.name + pascal_case(column.name))

    def _enum(self, name: str, members: dict[str, str]) -> str:
        lines = [f"  {word}" + ("" if word == value else f" @map({_text(value)})") for value, word in members.items()]
        return "\n".join([f"enum {name} {{", *lines, *self._schema(None), "}", ""])

    def _schema(self, schema: str | None) -> Iterator[str]:
        if self.has_schemas:
            yield ""
            yield f"  @@schema({_text(schema or 'public')})"

    def _model(self, table: Table, enums: dict[str, str], members: dict[str, dict[str, str]]) -> str:
        lines = list(_comments(table.description, ""))
        lines.append(f"model {table.name} {{")
        fields = [
            self._field(table, column, enums.get(column.name), members.get(column.name, {})) for column in table.columns
        ]
        laid_out = _laid_out([*fields, *self.relations.fields(table)])
        for column, line in zip(table.columns, laid_out, strict=False):
            lines += [*_comments(column.description, "  "), line]
        lines += laid_out[len(fields) :]
        lines += ["", *(f"  {attribute}" for attribute in self._attributes(table))]
        return "\n".join([*lines, "}", ""])

    def _field(self, table: Table, column: Column, enum: str | None, members: dict[str, str]) -> Field:
        place = f"{table.name}.{column.name}"
        base, native = (enum, "") if enum is not None else self._type(column, place)
        optional = "" if column.is_not_null or base.endswith("[]") else "?"
        parts = []
        if table.key_columns == (column,):
            parts.append("@id")
        if column.is_unique:
            parts.append("@unique")
        if (default := _default(column, members)) is not None:
            parts.append(f"@default({default})")
        if column.is_updated_at:
            parts.append("@updatedAt")
        if column.database_name != column.name:
            parts.append(f"@map({_text(column.database_name)})")
        return column.name, base + optional, " ".join([*parts, *([f"@db.{native}"] if native else [])])

    def _type(self, column: Column, place: str) -> tuple[str, str]:
        base, native = _TYPES[column.type]
        has_length = column.type is ColumnType.STRING and column.db_type is None
        if column.stored_limits[1] is not None and not has_length:
            self.losses.add("maxLength", place)
        if column.db_type is not None:
            found = native_type(column.db_type)
            if found is not None:
                return base, found
            if column.db_type == "text[]":
                return "String[]", ""
            self.losses.add(f"the database's type {column.db_type}", place)
        if column.type is ColumnType.STRING and column.stored_limits[1] is not None:
            return base, f"VarChar({column.stored_limits[1]})"
        if column.type is ColumnType.DECIMAL and column.precision is not None:
            return base, f"Decimal({column.precision}, {column.scale or 0})"
        return base, native

    def _attributes(self, table: Table) -> Iterator[str]:
        if len(table.key_columns) > 1:
            yield f"@@id([{', '.join(column.name for column in table.key_columns)}])"
        for column in table.columns:
            if column.is_indexed:
                yield f"@@index([{column.name}])"
        for index in table.indexes:
            if index.where is not None and index.is_unique:
                # Without its condition it would refuse rows that are allowed.
                self.losses.add("a unique index over some rows only", index_place(table, index.columns))
                continue
            word = "unique" if index.is_unique else "index"
            yield f"@@{word}([{', '.join(index.columns)}], map: {_text(table.index_name(index))})"
        if table.database_name != table.name:
            yield f"@@map({_text(table.database_name)})"
        if self.has_schemas:
            yield f"@@schema({_text(table.db_schema or 'public')})"


def _default(column: Column, members: dict[str, str]) -> str | None:
    value = column.default_value
    if value is None:
        return None
    if isinstance(value, DefaultFunction):
        return _FUNCTIONS.get(value, str(value))
    return members[str(value)] if column.type is ColumnType.ENUM else _literal(value, column.type)


def _literal(value: str | int | float | bool, column_type: ColumnType) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if column_type in _BARE:
        return str(value)
    # Prisma has no dates and times of day: both are moments there.
    form = {ColumnType.DATE: "{}T00:00:00Z", ColumnType.TIME: "1970-01-01T{}Z"}.get(column_type, "{}")
    return _text(form.replace("{}", str(value), 1))


def _laid_out(fields: list[Field]) -> list[str]:
    """The lines of *fields*, with types and attributes below each other."""
    widths = [max((len(field[part]) for field in fields), default=0) for part in (0, 1)]
    return [f"  {name:{widths[0]}} {kind:{widths[1]}} {rest}".rstrip() for name, kind, rest in fields]


def native_type(db_type: str) -> str | None:
    """What Prisma calls a type of PostgreSQL; None when it has no name for it."""
    match = _SIZED.fullmatch(db_type)
    name = NATIVE_TYPES.get(match[1].lower()) if match else None
    return None if match is None or name is None else name + (match[2] or "")


def _members(values: tuple[str, ...]) -> dict[str, str]:
    """For each value of an enum, the word that stands for it."""
    plain = [value for value in values if _is_word(value)]
    names = Names(plain)
    return {value: value if value in plain else names.free(_word(value)) for value in values}


def _is_word(value: str) -> bool:
    return re.fullmatch("[A-Za-z][A-Za-z0-9_]*", value) is not None


def _word(value: str) -> str:
    word = _NO_WORD.sub("_", value).strip("_")
    return word if _is_word(word) else f"VALUE_{word}".rstrip("_")


def _comments(description: str | None, indent: str) -> Iterator[str]:
    for line in _LINE_ENDS.split(description or ""):
        if line.strip():
            yield f"{indent}/// {line.strip()}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
