"""From the tables of a draft to the values of a design document."""

from __future__ import annotations

from typing import Any

from gatewright.design.document import SCHEMA_REFERENCE, ColumnType, DefaultFunction, Design
from gatewright.design.importers.columns_from_database import take_limits
from gatewright.design.importers.defaults import default_in, is_null
from gatewright.design.importers.draft import Draft, DraftCheck, DraftColumn, DraftIndex, DraftKey, DraftTable
from gatewright.design.importers.imported import Imported, refuse_many_tables
from gatewright.design.importers.names import (
    ColumnNames,
    TableNames,
    column_database_name,
    is_reserved_table,
    table_database_name,
)
from gatewright.design.importers.sql_types import type_of
from gatewright.design.importers.sql_values import NotHeld, limits_of

_NOT_INDEXABLE = (ColumnType.TEXT, ColumnType.BYTES, ColumnType.JSON)
_DEFAULT_SCHEMA = "public"
# Defaults that no row of another table has.
_OWN_VALUES = tuple(str(function) for function in DefaultFunction if function is not DefaultFunction.NOW)

Raw = dict[str, Any]


def build(draft: Draft, known: Design) -> Imported:
    """The design of *draft*. What it cannot hold is added to the notes of the draft.

    Args:
        known: The design of the app, whose tables and columns keep their names.

    Raises:
        DesignError: There are more tables than an app can have.
    """
    refuse_many_tables(len(draft.tables))
    return _Builder(draft, known).built()


class _Builder:
    """One draft on its way to a design."""

    def __init__(self, draft: Draft, known: Design) -> None:
        self.draft = draft
        self.names = TableNames(known)
        self.tables: dict[tuple[str | None, str], Raw] = {}
        self.columns: dict[tuple[str | None, str], dict[str, Raw]] = {}
        for table in known.tables:
            # What the file refers to may be in the design already.
            place = (table.db_schema, table.database_name)
            self.tables[place] = {"name": table.name}
            self.columns[place] = {
                column.database_name: {"name": column.name, "type": str(column.type)} for column in table.columns
            }

    def built(self) -> Imported:
        kept = [table for table in self.draft.tables if self._is_kept(table)]
        for table in kept:
            self._add_table(table)
        for table in kept:
            self._add_indexes(table)
        for table in kept:
            self._add_references(table)
            self._add_checks(table)
        raw = {"$schema": SCHEMA_REFERENCE, "tables": [self._finished(table) for table in kept]}
        return Imported(raw, tuple(self.draft.notes))

    def _is_kept(self, table: DraftTable) -> bool:
        if is_reserved_table(table.name):
            self.draft.note(f"{table.name} is left out: the name belongs to Gatewright or to the database.")
            return False
        for index in table.indexes:
            if index.is_key:
                for name in index.columns:
                    if (column := table.column(name)) is not None:
                        column.is_key = True
        if any(column.is_key for column in table.columns):
            return True
        self.draft.note(f"{table.name} is left out: it has no primary key.")
        return False

    def _add_table(self, table: DraftTable) -> None:
        schema = None if table.schema == _DEFAULT_SCHEMA else table.schema
        names = ColumnNames(self.names.known(table.name, schema))
        name = self.names.name(table.name, schema, table.wanted_name)
        raw: Raw = {"name": name}
        if (kept := table_database_name(name, table.name)) is not None:
            raw["dbName"] = kept
        if schema is not None:
            raw["dbSchema"] = schema
        if table.comment:
            raw["description"] = table.comment
        self.tables[table.place] = raw
        self.columns[table.place] = {column.name: self._column(table, column, names) for column in table.columns}

    def _column(self, table: DraftTable, column: DraftColumn, names: ColumnNames) -> Raw:
        name = names.name(column.name, column.wanted_name)
        found = type_of(column.type)
        kind, keys = (ColumnType.ENUM, {}) if column.enum_values else (found.type, dict(found.keys))
        place = f"{table.name}.{column.name}"
        if not column.enum_values and not found.is_known:
            self.draft.note(f"{place} is a Text: the design has no type for {column.type}.")
        if found.lacks_zone and not column.enum_values:
            self.draft.note(f"{place} has a time zone in the design: a DateTime is a moment, not {column.type}.")
        raw: Raw = {"name": name, "type": str(kind), **keys}
        if (kept := column_database_name(name, column.name)) is not None:
            raw["dbName"] = kept
        raw |= {"enumValues": list(column.enum_values)} if column.enum_values else {}
        raw |= {"isPrimaryKey": True} if column.is_key else {}
        raw |= {"isUnique": True} if column.is_unique and not self._is_whole_key(table, column) else {}
        raw |= {"description": column.comment} if column.comment else {}
        raw |= column.extra
        self._add_default(table, column, raw, is_counted=column.is_counted or found.is_counted)
        if column.is_not_null and not column.is_key and "defaultValue" not in raw and "isUpdatedAt" not in raw:
            raw["isRequired"] = True
        if not column.is_not_null and not column.is_key and ("defaultValue" in raw or "isUpdatedAt" in raw):
            raw["isRequired"] = False
        if kind is ColumnType.TEXT and (column.is_key or column.is_unique):
            _make_string(raw)
        return raw

    def _add_default(self, table: DraftTable, column: DraftColumn, raw: Raw, *, is_counted: bool) -> None:
        place = f"{table.name}.{column.name}"
        if is_counted:
            if self._is_whole_key(table, column):
                raw["defaultValue"] = "autoincrement()"
            else:
                self.draft.note(f"{place} does not count up: it is not the whole key.")
            return
        default = column.default
        if default is None or is_null(default) or "defaultValue" in raw:
            return
        value = default_in(default, ColumnType(raw["type"]))
        if value is None or (raw["type"] == "Enum" and value not in column.enum_values):
            self.draft.note(f"{place} has no default: the design cannot hold {default.text}.")
        else:
            raw["defaultValue"] = value

    def _is_whole_key(self, table: DraftTable, column: DraftColumn) -> bool:
        return [other.name for other in table.columns if other.is_key] == [column.name]

    def _add_indexes(self, table: DraftTable) -> None:
        for index in table.indexes:
            if not index.is_key:
                self._add_index(table, index)

    def _add_index(self, table: DraftTable, index: DraftIndex) -> None:
        columns = self.columns[table.place]
        raws = [columns[name] for name in index.columns if name in columns]
        for raw in raws:
            if raw["type"] == "Text" and "maxLength" not in raw:
                _make_string(raw)
        if len(raws) != len(index.columns) or any(raw["type"] in _NOT_INDEXABLE for raw in raws):
            self.draft.note(f"{table.name}: the index on {', '.join(index.columns)} is left out.")
            return
        if index.name is None and len(raws) == 1:
            raws[0]["isUnique" if index.is_unique else "isIndexed"] = True
            return
        default = "_".join(["uq" if index.is_unique else "ix", table.name, *index.columns])
        found: Raw = {"columns": [raw["name"] for raw in raws]}
        found |= {"isUnique": True} if index.is_unique else {}
        found |= {"name": index.name} if index.name not in (None, default) else {}
        self.tables[table.place].setdefault("indexes", []).append(found)

    def _add_references(self, table: DraftTable) -> None:
        for key in table.foreign_keys:
            fault = self._fault(table, key)
            if fault is not None:
                self.draft.note(f"{table.name}: the reference from {', '.join(key.columns)} is left out: {fault}.")
            elif len(key.columns) == 1:
                self._add_reference(table, key)
            else:
                self._add_key(table, key)

    def _fault(self, table: DraftTable, key: DraftKey) -> str | None:
        here, there = self.columns[table.place], self.columns.get(key.to_table)
        if there is None:
            return f"there is no table {key.to_table[1]}"
        missing = [name for name in key.columns if name not in here]
        missing += [name for name in key.to_columns if name not in there]
        if missing or len(key.columns) != len(key.to_columns):
            return f"there is no column {missing[0]}" if missing else "its sides differ in length"
        target = self.draft.table(key.to_table)
        if target is not None and not _is_unique(target, key.to_columns):
            return f"{', '.join(key.to_columns)} of {key.to_table[1]} is neither the key nor unique"
        for name, other in zip(key.columns, key.to_columns, strict=True):
            _agree(here[name], there[other])
            if here[name]["type"] != there[other]["type"]:
                return f"{name} is {here[name]['type']}, and what it refers to is {there[other]['type']}"
        if len(key.columns) == 1 and "references" in here[key.columns[0]]:
            return "the column refers to another table as well"
        return None

    def _add_reference(self, table: DraftTable, key: DraftKey) -> None:
        raw, target = self.columns[table.place][key.columns[0]], self.tables[key.to_table]
        to_column = self.columns[key.to_table][key.to_columns[0]]["name"]
        reference: Raw = {"table": target["name"]} | ({"column": to_column} if to_column != "id" else {})
        raw["references"] = reference | self._actions(table, key)
        if raw.get("defaultValue") in _OWN_VALUES:
            self.draft.note(
                f"{table.name}.{key.columns[0]} has no default: {raw.pop('defaultValue')} refers to no row."
            )
        # Every reference has an index in our databases.
        raw.pop("isIndexed", None)

    def _add_key(self, table: DraftTable, key: DraftKey) -> None:
        here, there = self.columns[table.place], self.columns[key.to_table]
        found: Raw = {
            "columns": [here[name]["name"] for name in key.columns],
            "table": self.tables[key.to_table]["name"],
            "toColumns": [there[name]["name"] for name in key.to_columns],
        }
        default = "_".join(["fk", table.name, *key.columns])
        found |= {"name": key.name} if key.name not in (None, default) else {}
        self.tables[table.place].setdefault("foreignKeys", []).append(found | self._actions(table, key))

    def _actions(self, table: DraftTable, key: DraftKey) -> Raw:
        """What the document says of deletes and updates; to do nothing at an update is what it means without."""
        found = {"onDelete": self._action(table, key, key.on_delete)}
        update = self._action(table, key, key.on_update)
        return found if update == "noAction" else found | {"onUpdate": update}

    def _action(self, table: DraftTable, key: DraftKey, action: str) -> str:
        raws = [self.columns[table.place][name] for name in key.columns]
        if action == "setNull" and any(_is_not_null(raw) for raw in raws):
            self.draft.note(
                f"{table.name}: {', '.join(key.columns)} cannot become null, so that set null is no action."
            )
            return "noAction"
        return action

    def _add_checks(self, table: DraftTable) -> None:
        for number, check in enumerate(table.checks, 1):
            if not self._add_limits(table, check):
                name = check.name or f"ck_{table.name}_{number}"
                found = {"name": name, "expression": check.expression}
                self.tables[table.place].setdefault("checks", []).append(found)

    def _add_limits(self, table: DraftTable, check: DraftCheck) -> bool:
        """Keep *check* as limits or values of a column, if that is all it says."""
        for name, raw in self.columns[table.place].items():
            try:
                keys = limits_of(check.expression, name)
            except NotHeld:
                continue
            return take_limits(raw, keys)
        return False

    def _finished(self, table: DraftTable) -> Raw:
        raw = self.tables[table.place]
        return raw | {"columns": list(self.columns[table.place].values())}


def _make_string(raw: Raw) -> None:
    """A text of any length that is a key or in an index: the design's String, in the same type of the database."""
    raw["type"] = "String"
    raw.setdefault("dbType", "text")


def _agree(raw: Raw, target: Raw) -> None:
    if {raw["type"], target["type"]} == {"String", "Text"}:
        for side in (raw, target):
            if side["type"] == "Text":
                _make_string(side)


def _is_unique(table: DraftTable, columns: tuple[str, ...]) -> bool:
    if {column.name for column in table.columns if column.is_key} == set(columns):
        return True
    column = table.column(columns[0])
    if len(columns) == 1 and column is not None and column.is_unique:
        return True
    # The design asks that a reference of one column leads to a column that is unique by itself.
    return any(
        index.is_unique and index.columns == columns and (len(columns) > 1 or index.name is None)
        for index in table.indexes
    )


def _is_not_null(raw: Raw) -> bool:
    if raw.get("isPrimaryKey"):
        return True
    default: bool = raw.get("defaultValue") is not None or bool(raw.get("isUpdatedAt"))
    return bool(raw.get("isRequired", default))
