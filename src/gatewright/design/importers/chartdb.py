"""ChartDB's JSON export."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from gatewright.design.document import Design
from gatewright.design.importers.building import build
from gatewright.design.importers.draft import (
    Draft,
    DraftCheck,
    DraftColumn,
    DraftDefault,
    DraftIndex,
    DraftKey,
    DraftTable,
)
from gatewright.design.importers.drawing_files import Part, read_part
from gatewright.design.importers.imported import Imported, SourceFile
from gatewright.design.importers.javascript import parse_javascript


class _Type(Part):
    id: str
    name: str


class _Field(Part):
    id: str
    name: str
    type: _Type
    nullable: bool = True
    primary_key: bool = False
    unique: bool = False
    default: str | None = ""
    increment: bool = False
    is_array: bool = False
    character_maximum_length: str | None = None
    precision: int | None = None
    scale: int | None = None
    comments: str | None = None
    check: str | None = None


class _Index(Part):
    name: str = ""
    field_ids: list[str]
    unique: bool = False
    is_primary_key: bool = False


class _Check(Part):
    expression: str


class _Table(Part):
    id: str
    name: str
    schema_name: str | None = Field(None, alias="schema")
    fields: list[_Field]
    indexes: list[_Index] = Field(default_factory=list)
    check_constraints: list[_Check] | None = None
    comments: str | None = None
    is_view: bool = False


class _Relation(Part):
    name: str = ""
    source_table_id: str
    target_table_id: str
    source_field_id: str
    target_field_id: str
    source_cardinality: str = "one"
    target_cardinality: str = "many"


class _CustomType(Part):
    name: str
    kind: str = "enum"
    values: list[str] | None = None


class _File(Part):
    tables: list[_Table]
    relationships: list[_Relation] = Field(default_factory=list)
    custom_types: list[_CustomType] = Field(default_factory=list)


def read_chartdb(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of ChartDB's JSON.

    Raises:
        DesignError: The file has another form.
    """
    file = read_part(_File, parse_javascript(files[0].text))
    draft = Draft()
    enums = {kind.name.lower(): tuple(kind.values or ()) for kind in file.custom_types if kind.kind == "enum"}
    for kind in file.custom_types:
        if kind.kind != "enum":
            draft.note(f"The type {kind.name} is left out: it is a composite one.")
    tables: dict[str, DraftTable] = {}
    for table in file.tables:
        if table.is_view:
            draft.note(f"{table.name} is left out: it is a view.")
        else:
            tables[table.id] = _table(table, enums)
    draft.tables += tables.values()
    fields = {(table.id, field.id): field.name for table in file.tables for field in table.fields}
    for relation in file.relationships:
        _add_relation(relation, tables, fields, draft)
    if file.relationships:
        draft.note("References have no action: ChartDB does not keep what happens when a row is deleted.")
    return build(draft, known)


def _table(table: _Table, enums: dict[str, tuple[str, ...]]) -> DraftTable:
    schema = None if table.schema_name in (None, "", "public") else table.schema_name
    found = DraftTable(name=table.name, schema=schema, comment=table.comments or None)
    names = {field.id: field.name for field in table.fields}
    for field in table.fields:
        found.columns.append(_column(field, enums))
        if field.check:
            found.checks.append(DraftCheck(expression=field.check))
    for index in table.indexes:
        columns = tuple(names.get(number, "") for number in index.field_ids)
        name = index.name or None
        found.indexes.append(
            DraftIndex(columns=columns, name=name, is_unique=index.unique, is_key=index.is_primary_key)
        )
    found.checks += [DraftCheck(expression=check.expression) for check in table.check_constraints or ()]
    return found


def _column(field: _Field, enums: dict[str, tuple[str, ...]]) -> DraftColumn:
    name = field.type.name
    sizes = [size for size in (field.character_maximum_length, field.precision, field.scale) if size not in (None, "")]
    text = f"{name}({','.join(map(str, sizes))})" if sizes else name
    default = (field.default or "").strip()
    function = default.lower() if default.endswith(")") else default
    # It marks every default that it does not understand as one that counts up.
    is_counted = field.increment and not default
    return DraftColumn(
        name=field.name,
        type=f"{text}[]" if field.is_array else text,
        is_key=field.primary_key,
        is_not_null=not field.nullable,
        is_unique=field.unique,
        is_counted=is_counted,
        default=DraftDefault(function, is_expression=True) if default else None,
        enum_values=enums.get(name.lower(), ()),
        comment=field.comments or None,
    )


def _add_relation(
    relation: _Relation, tables: dict[str, DraftTable], fields: dict[tuple[str, str], str], draft: Draft
) -> None:
    source = (relation.source_table_id, relation.source_field_id)
    target = (relation.target_table_id, relation.target_field_id)
    is_many = (relation.source_cardinality == "many", relation.target_cardinality == "many")
    if all(is_many):
        draft.note(f"The relation {relation.name} of many with many is left out: ChartDB keeps no table for it.")
        return
    child, parent = (source, target) if is_many[0] else (target, source)
    if child not in fields or parent not in fields or child[0] not in tables or parent[0] not in tables:
        draft.note(f"The relation {relation.name} is left out: one of its ends is missing.")
        return
    table = tables[child[0]]
    key = DraftKey(columns=(fields[child],), to_table=tables[parent[0]].place, to_columns=(fields[parent],))
    table.foreign_keys.append(key)
    column = table.column(fields[child])
    if not any(is_many) and column is not None:
        column.is_unique = True
