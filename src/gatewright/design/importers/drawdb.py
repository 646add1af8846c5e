"""drawDB's files: its JSON export and its `.ddb`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

_ACTIONS = {
    "cascade": "cascade",
    "restrict": "restrict",
    "set null": "setNull",
    "set default": "setDefault",
    "no action": "noAction",
}
# Its own import from SQL writes this where it did not understand a condition.
_BROKEN = "[object Object]"
_ONE_TO_ONE, _ONE_TO_MANY = ("one_to_one", "one to one"), ("one_to_many", "one to many")


class _Field(Part):
    id: str
    name: str
    type: str
    default: str | float | bool | list[Any] | None = ""
    check: str | None = ""
    primary: bool = False
    unique: bool = False
    not_null: bool = False
    increment: bool = False
    comment: str | None = ""
    size: str | None = ""
    values: list[str] | None = None


class _Index(Part):
    name: str | None = None
    unique: bool = False
    fields: list[str]


class _Table(Part):
    id: str
    name: str
    comment: str | None = ""
    fields: list[_Field]
    indices: list[_Index] = Field(default_factory=list)
    unique_constraints: list[_Index] = Field(default_factory=list)


class _Pair(Part):
    start_field_id: str
    end_field_id: str


class _Relation(Part):
    name: str | None = None
    start_table_id: str
    end_table_id: str
    start_field_id: str
    end_field_id: str
    fields: list[_Pair] | None = None
    update_constraint: str = "No action"
    delete_constraint: str = "No action"
    cardinality: str = "many_to_one"


class _Enum(Part):
    name: str
    values: list[str]


class _File(Part):
    tables: list[_Table]
    relationships: list[_Relation]
    enums: list[_Enum] = Field(default_factory=list)
    types: list[dict[str, Any]] = Field(default_factory=list)


def read_drawdb(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of drawDB's JSON.

    Raises:
        DesignError: The file has another form.
    """
    file = read_part(_File, parse_javascript(files[0].text))
    draft = Draft()
    enums = {enum.name.lower(): tuple(enum.values) for enum in file.enums}
    if file.types:
        draft.note(f"Types of the database are left out: {', '.join(str(kind.get('name')) for kind in file.types)}.")
    tables = {table.id: _table(table, enums, draft) for table in file.tables}
    draft.tables += tables.values()
    fields = {(table.id, field.id): field.name for table in file.tables for field in table.fields}
    for relation in file.relationships:
        _add_relation(relation, tables, fields, draft)
    return build(draft, known)


def _table(table: _Table, enums: dict[str, tuple[str, ...]], draft: Draft) -> DraftTable:
    found = DraftTable(name=table.name, comment=table.comment or None)
    for field in table.fields:
        found.columns.append(_column(field, enums))
        if field.check and _BROKEN in field.check:
            draft.note(f"{table.name}.{field.name}: the check is left out: drawDB wrote {field.check}.")
        elif field.check:
            found.checks.append(DraftCheck(expression=field.check))
    for index in table.indices:
        found.indexes.append(DraftIndex(columns=tuple(index.fields), name=index.name, is_unique=index.unique))
    for index in table.unique_constraints:
        found.indexes.append(DraftIndex(columns=tuple(index.fields), name=index.name, is_unique=True))
    return found


def _column(field: _Field, enums: dict[str, tuple[str, ...]]) -> DraftColumn:
    sized = f"{field.type}({field.size})" if field.size and field.size != "0" else field.type
    values = tuple(field.values or ()) if field.type.upper() in ("ENUM", "SET") else ()
    return DraftColumn(
        name=field.name,
        type=sized,
        is_key=field.primary,
        is_not_null=field.not_null,
        is_unique=field.unique,
        is_counted=field.increment,
        default=_default(field.default),
        enum_values=values or enums.get(field.type.lower(), ()),
        comment=field.comment or None,
    )


def _default(value: object) -> DraftDefault | None:
    """A text and a function look alike here: what ends in brackets, and NULL, is no text."""
    if value in (None, "") or isinstance(value, list):
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    is_expression = text.endswith(")") or text.upper() in ("NULL", "CURRENT_TIMESTAMP") or text.startswith("'")
    return DraftDefault(text, is_expression=is_expression)


def _add_relation(
    relation: _Relation, tables: dict[str, DraftTable], fields: dict[tuple[str, str], str], draft: Draft
) -> None:
    pairs = [(pair.start_field_id, pair.end_field_id) for pair in relation.fields or ()]
    pairs = pairs or [(relation.start_field_id, relation.end_field_id)]
    start, end = relation.start_table_id, relation.end_table_id
    if relation.cardinality.lower() in _ONE_TO_MANY:
        # Drawn from the referenced table.
        start, end, pairs = end, start, [(there, here) for here, there in pairs]
    names = [(fields.get((start, here)), fields.get((end, there))) for here, there in pairs]
    columns, to_columns = [here for here, _ in names if here], [there for _, there in names if there]
    if start not in tables or end not in tables or len(columns) != len(pairs) or len(to_columns) != len(pairs):
        draft.note(f"The relation {relation.name or relation.start_table_id} is left out: one of its ends is missing.")
        return
    tables[start].foreign_keys.append(
        DraftKey(
            columns=tuple(columns),
            to_table=tables[end].place,
            to_columns=tuple(to_columns),
            name=relation.name,
            on_delete=_ACTIONS.get(relation.delete_constraint.lower(), "noAction"),
            on_update=_ACTIONS.get(relation.update_constraint.lower(), "noAction"),
        )
    )
    column = tables[start].column(columns[0])
    if relation.cardinality.lower() in _ONE_TO_ONE and len(columns) == 1 and column is not None:
        column.is_unique = True
