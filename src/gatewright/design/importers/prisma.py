"""Prisma's schema language, in one file or in a folder of them.

Written here because no reader on PyPI knows Prisma 7. The grammar is line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from gatewright.design.document import Design
from gatewright.design.importers.building import build
from gatewright.design.importers.draft import (
    Draft,
    DraftColumn,
    DraftDefault,
    DraftIndex,
    DraftKey,
    DraftTable,
)
from gatewright.design.importers.imported import Imported, SourceFile, fail_at
from gatewright.design.importers.names import is_name
from gatewright.design.importers.prisma_text import Attribute, Block, Line, blocks_of, split_list, unquoted
from gatewright.design.problems import DesignError, Problem

_SCALARS = {
    "String": "text",
    "Int": "integer",
    "BigInt": "bigint",
    "Float": "double precision",
    "Decimal": "numeric",
    "Boolean": "boolean",
    "DateTime": "timestamptz",
    "Json": "json",
    "Bytes": "bytea",
}
# What Prisma makes of a scalar in a database where it is another type than the one above.
_OF_PROVIDER = {
    **{name: {"Json": "jsonb", "Decimal": "numeric(65,30)"} for name in ("postgresql", "postgres", "cockroachdb")},
    "mysql": {"String": "varchar(191)", "Decimal": "numeric(65,30)"},
}
# The names of native types that are not those of SQL in other letters.
_NATIVE = {"doubleprecision": "double precision", "varbit": "bit varying", "integer": "integer"}
# Sizes that PostgreSQL takes anyway.
_USUAL_SIZE = {"timestamptz(6)": "timestamptz", "time(6)": "time", "timestamp(6)": "timestamp"}
_FUNCTIONS = {"cuid": "cuid()", "ulid": "ulid()"}
_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00:00)")
_ACTIONS = {
    "Cascade": "cascade",
    "Restrict": "restrict",
    "NoAction": "noAction",
    "SetNull": "setNull",
    "SetDefault": "setDefault",
}


def read_prisma(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of schemas in Prisma's language; all files are one schema.

    Raises:
        DesignError: One of them is not in Prisma's language; the message names file and line.
    """
    blocks: list[tuple[str, Block]] = []
    for file in files:
        with _naming(file, files):
            blocks += [(file.text, block) for block in blocks_of(file.text)]
    return build(_Schema(blocks).draft(), known)


def _naming(file: SourceFile, files: Sequence[SourceFile]) -> AbstractContextManager[None]:
    """Of several files, have errors name the one; the name of a single file comes from elsewhere."""
    return _naming_lines_of(file.name) if len(files) > 1 else nullcontext()


class _Schema:
    """All blocks of a schema on their way to a draft."""

    def __init__(self, blocks: list[tuple[str, Block]]) -> None:
        self.blocks = blocks
        self.result = Draft()
        self.enums = {block.name: _values(block) for _, block in blocks if block.kind == "enum"}
        self.models = {block.name: block for _, block in blocks if block.kind in ("model", "view")}
        self.tables: dict[str, DraftTable] = {}
        providers = [_text_of(block.attribute("provider"), "0") for _, block in blocks if block.kind == "datasource"]
        self.scalars = _SCALARS | _OF_PROVIDER.get(next(iter(providers), None) or "", {})

    def draft(self) -> Draft:
        for text, block in self.blocks:
            if block.kind == "view":
                self.result.note(f"{block.name} is left out: it is a view.")
            elif block.kind == "model" and block.attribute("ignore") is not None:
                self.result.note(f"{block.name} is left out: it has @@ignore.")
            elif block.kind == "model":
                self._add_model(text, block)
            elif block.kind == "datasource":
                self._look_at_source(block)
        for _, block in self.blocks:
            if block.name in self.tables and block.kind == "model":
                self._add_relations(block)
        self._add_join_tables()
        return self.result

    def _look_at_source(self, block: Block) -> None:
        mode = block.attribute("relationMode")
        if mode is not None and _text_of(mode, "0") == "prisma":
            self.result.note("The references become foreign keys: relationMode keeps them out of the database.")

    def _add_model(self, text: str, block: Block) -> None:
        schema = _text_of(block.attribute("schema"), "0")
        table = DraftTable(
            name=_text_of(block.attribute("map"), "0", "name") or block.name,
            schema=None if schema == "public" else schema,
            wanted_name=block.name if block.name[0].isupper() and is_name(block.name) else None,
            comment=block.documentation,
        )
        self.tables[block.name] = table
        for line in block.lines:
            if line.type not in self.models:
                self._add_column(text, table, line)
        for attribute in block.attributes:
            if attribute.name in ("id", "unique", "index"):
                self._add_index(block, table, attribute)
            elif attribute.name == "fulltext":
                self.result.note(f"{table.name}: a full-text index is left out.")
        self.result.tables.append(table)

    def _add_column(self, text: str, table: DraftTable, line: Line) -> None:
        column = DraftColumn(
            name=_column_name(line),
            type=self._type(text, line),
            wanted_name=line.name if is_name(line.name) else None,
            is_key=line.attribute("id") is not None,
            is_not_null=line.suffix == "",
            is_unique=line.attribute("unique") is not None,
            enum_values=tuple(self.enums.get(line.type, {}).values()) if line.suffix != "[]" else (),
            comment=line.documentation,
        )
        if line.attribute("updatedAt") is not None and line.type == "DateTime":
            column.extra["isUpdatedAt"] = True
        if (default := line.attribute("default")) is not None:
            self._add_default(table, column, line, default.get("0", "value") or "")
        table.columns.append(column)

    def _type(self, text: str, line: Line) -> str:
        if line.type.startswith("Unsupported("):
            return unquoted(line.type[len("Unsupported(") : -1]) or '""'
        if line.type not in _SCALARS and line.type not in self.enums:
            fail_at(text, line.start, f'there is no type, model or enum "{line.type}"')
        if line.suffix == "[]":
            return f"{self.scalars.get(line.type, 'text')}[]"
        native = next((found for found in line.attributes if found.name.startswith("db.")), None)
        if native is None:
            return self.scalars.get(line.type, "text")
        name = native.name.removeprefix("db.").lower()
        sizes = ",".join(native.arguments.values())
        found = _NATIVE.get(name, name) + (f"({sizes})" if sizes else "")
        return _USUAL_SIZE.get(found, found)

    def _add_default(self, table: DraftTable, column: DraftColumn, line: Line, value: str) -> None:
        call = _CALL.fullmatch(value)
        if value.startswith("["):
            self.result.note(f"{table.name}.{column.name} has no default: the design cannot hold {value}.")
        elif call is None:
            column.default = self._literal(line, value)
        elif call[1] == "autoincrement":
            column.is_counted = True
        elif call[1] == "now":
            column.default = DraftDefault("now()", is_expression=True)
        elif call[1] == "dbgenerated":
            column.default = DraftDefault(unquoted(call[2]), is_expression=True) if call[2] else None
        elif call[1] == "uuid":
            column.extra["defaultValue"] = "uuid7()" if call[2] == "7" else "uuid()"
        elif call[1] in _FUNCTIONS:
            column.extra["defaultValue"] = _FUNCTIONS[call[1]]
        else:
            self.result.note(f"{table.name}.{column.name} has no default: the design cannot hold {value}.")

    def _literal(self, line: Line, value: str) -> DraftDefault:
        if line.type in self.enums:
            return DraftDefault(self.enums[line.type].get(value, value), is_expression=False)
        text = unquoted(value)
        moment = _MOMENT.fullmatch(text)
        if moment and line.attribute("db.Date"):
            text = moment[1]
        elif moment and line.attribute("db.Time"):
            text = moment[2]
        return DraftDefault(text, is_expression=False)

    def _add_index(self, block: Block, table: DraftTable, attribute: Attribute) -> None:
        fields = split_list((attribute.get("0", "fields") or "").strip()[1:-1])
        lines = {line.name: line for line in block.lines}
        columns = []
        for field in fields:
            name, bracket, options = field.partition("(")
            if name not in lines:
                self.result.note(f"{table.name}: the index on {', '.join(fields)} is left out.")
                return
            if bracket and options != "sort: Asc)":
                self.result.note(f"{table.name}: the index on {name} is a plain one, without {options.rstrip(')')}.")
            columns.append(_column_name(lines[name]))
        for key in ("type", "where"):
            if (value := attribute.get(key)) not in (None, "BTree"):
                on = f"{table.name}: the index on {', '.join(columns)}"
                self.result.note(f"{on} is a plain one, without {key}: {value}.")
        if attribute.get("where") is not None and attribute.name == "unique":
            return
        map_name = _unquoted_or_none(attribute.get("map"))
        table.indexes.append(
            DraftIndex(
                columns=tuple(columns),
                name=map_name,
                is_unique=attribute.name == "unique",
                is_key=attribute.name == "id",
            )
        )

    def _add_relations(self, block: Block) -> None:
        lines = {line.name: line for line in block.lines}
        for line in block.lines:
            relation = line.attribute("relation")
            if line.type not in self.models or relation is None or relation.get("fields") is None:
                continue
            target = self.tables.get(line.type)
            if target is None:
                self.result.note(f"{block.name}.{line.name} is left out: {line.type} is.")
                continue
            there = {other.name: _column_name(other) for other in self.models[line.type].lines}
            fields = _names(relation.get("fields"))
            is_optional = any(lines[name].suffix == "?" for name in fields if name in lines)
            default = "setNull" if is_optional else "restrict"
            self.tables[block.name].foreign_keys.append(
                DraftKey(
                    columns=tuple(_column_name(lines[name]) if name in lines else name for name in fields),
                    to_table=target.place,
                    to_columns=tuple(there.get(name, name) for name in _names(relation.get("references"))),
                    name=_unquoted_or_none(relation.get("map")),
                    on_delete=_ACTIONS.get(relation.get("onDelete") or "", default),
                    on_update=_ACTIONS.get(relation.get("onUpdate") or "", "cascade"),
                )
            )

    def _add_join_tables(self) -> None:
        """The tables that Prisma makes for lists on both sides: `_AToB` with A and B, in the order of the names."""
        ends: dict[tuple[str, str, str], list[str]] = {}
        for name, table in self.tables.items():
            for line in self.models[name].lines:
                relation = line.attribute("relation")
                if line.type not in self.tables or line.suffix != "[]":
                    continue
                first, second = sorted((name, line.type))
                title = _text_of(relation, "0", "name")
                ends.setdefault((title or f"{first}To{second}", first, second), []).append(table.name)
        for (title, first, second), found in ends.items():
            if len(found) == 2:
                self._add_join_table(f"_{title}", first, second)

    def _add_join_table(self, name: str, first: str, second: str) -> None:
        table = DraftTable(name=name, schema=self.tables[first].schema)
        for letter, model in (("A", first), ("B", second)):
            target = self.tables[model]
            keys = [column for column in target.columns if column.is_key]
            if len(keys) != 1:
                self.result.note(f"{name} is left out: {model} has no key of one column.")
                return
            table.columns.append(DraftColumn(name=letter, type=keys[0].type, is_key=True, is_not_null=True))
            table.foreign_keys.append(
                DraftKey(
                    columns=(letter,),
                    to_table=target.place,
                    to_columns=(keys[0].name,),
                    on_delete="cascade",
                    on_update="cascade",
                )
            )
        self.result.tables.append(table)


@contextmanager
def _naming_lines_of(file: str) -> Iterator[None]:
    """Have the problems of one file of several begin with its name."""
    try:
        yield
    except DesignError as error:
        raise DesignError([Problem(file, problem.message) for problem in error.problems]) from None


def _values(block: Block) -> dict[str, str]:
    return {line.name: _text_of(line.attribute("map"), "0", "name") or line.name for line in block.lines}


def _column_name(line: Line) -> str:
    return _text_of(line.attribute("map"), "0", "name") or line.name


def _text_of(attribute: Attribute | None, *keys: str) -> str | None:
    return None if attribute is None else _unquoted_or_none(attribute.get(*keys))


def _unquoted_or_none(text: str | None) -> str | None:
    return None if text is None else unquoted(text)


def _names(text: str | None) -> list[str]:
    return split_list((text or "").strip()[1:-1])
