"""From the tables of a database to the values of a design, with notes on what a design cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gatewright.design.document import ColumnType, Design
from gatewright.design.importers.columns_from_database import column_values
from gatewright.design.importers.found import FoundIndex, FoundTable
from gatewright.design.importers.imported import Imported, Notes, refuse, refuse_many_tables
from gatewright.design.importers.keys_from_database import Linked, add_foreign_keys
from gatewright.design.importers.names import (
    ColumnNames,
    TableNames,
    is_reserved_table,
    table_database_name,
)

_NOT_INDEXABLE = (ColumnType.TEXT, ColumnType.BYTES, ColumnType.JSON)


def imported_tables(found: Sequence[FoundTable], known: Design, notes: Notes) -> Imported:
    """The tables of a database as the values of a design.

    Args:
        known: The design of the app, with the engine's tables.
        notes: What the reader of the database noted already.

    Raises:
        DesignError: There is no table, or there are too many.
    """
    if not found:
        refuse("there is no table in it; a table begins with CREATE TABLE")
    refuse_many_tables(len(found))
    names, linked = TableNames(known), {}
    for table in found:
        if _is_taken(table, notes):
            linked[table.schema, table.name] = _linked(table, names, notes)
    for one in linked.values():
        add_foreign_keys(one, linked, notes)
    for one in linked.values():
        _add_indexes(one, notes)
        _add_checks(one)
    return Imported([one.raw for one in linked.values()], notes.as_tuple())


def _is_taken(table: FoundTable, notes: Notes) -> bool:
    if is_reserved_table(table.name):
        return False
    if not table.key:
        notes.add(table.shown, "has no primary key, which every table of a design has; the table is left out")
        return False
    return True


def _linked(table: FoundTable, names: TableNames, notes: Notes) -> Linked:
    name = names.name(table.name, table.schema)
    columns = ColumnNames(names.known(table.name, table.schema))
    called = {column.name: columns.name(column.name) for column in table.columns}
    keyed = set(table.key) | {column for index in table.indexes for column in index.columns}
    keyed |= {column for key in table.foreign_keys for column in (*key.columns, *key.to_columns)}
    checks = list(table.checks)
    raw: dict[str, Any] = {"name": name}
    if (kept := table_database_name(name, table.name)) is not None:
        raw["dbName"] = kept
    if table.schema:
        raw["dbSchema"] = table.schema
    if table.comment:
        raw["description"] = table.comment
    raw["columns"] = [
        column_values(
            column,
            table,
            name=called[column.name],
            is_keyed=column.name in keyed,
            checks=checks,
            notes=notes,
        )
        for column in table.columns
    ]
    by_name = dict(zip((column.name for column in table.columns), raw["columns"], strict=True))
    return Linked(table, raw, called, by_name, checks, names.known(table.name, table.schema))


def _add_indexes(one: Linked, notes: Notes) -> None:
    found = sorted(one.table.indexes, key=lambda index: _place(index, one))
    indexes = [raw for index in found if (raw := _index(index, one, notes)) is not None]
    if indexes:
        one.raw["indexes"] = indexes


def _place(index: FoundIndex, one: Linked) -> tuple[int, list[int], str]:
    """Where the index stands: as in the design of the app, then by its columns. Databases keep no order."""
    known = [] if one.known is None else [one.known.index_name(each) for each in one.known.indexes]
    columns = list(one.names)
    name = index.name or _own_name(index, one)
    place = known.index(name) if name in known else len(known)
    return place, [columns.index(name) for name in index.columns], index.name or ""


def _index(index: FoundIndex, one: Linked, notes: Notes) -> dict[str, Any] | None:
    """The index, where it does not belong to a column alone."""
    place = f"{one.table.shown}.{index.name or ', '.join(index.columns)}"
    columns = [one.columns[name] for name in index.columns]
    if any(ColumnType(column["type"]) in _NOT_INDEXABLE for column in columns):
        notes.add(place, "is an index over a type that a design cannot index; it is left out")
        return None
    if len(columns) == 1 and index.where is None and _is_plain(index, one):
        column = columns[0]
        if index.is_unique and not column.get("isPrimaryKey"):
            column["isUnique"] = True
            column.pop("isIndexed", None)
            return None
        if not index.is_unique and not column.keys() & {"isUnique", "references"}:
            column["isIndexed"] = True
            return None
        if "references" in column and not index.is_unique:
            return None
    raw: dict[str, Any] = {"columns": [one.names[name] for name in index.columns]}
    if index.is_unique:
        raw["isUnique"] = True
    if index.name and index.name != _own_name(index, one) and not index.name.startswith("sqlite_autoindex_"):
        raw["name"] = index.name
    if index.where is not None:
        raw["where"] = index.where
    return raw


def _own_name(index: FoundIndex, one: Linked) -> str:
    """What the design calls an index without a name."""
    return "_".join(["uq" if index.is_unique else "ix", one.table.name, *index.columns])


def _is_plain(index: FoundIndex, one: Linked) -> bool:
    """Whether the name is one that a tool made of the column's name, which says nothing more."""
    table, column = one.table.name, index.columns[0]
    usual = _usual_names(table, column, index.is_unique)
    return index.name is None or index.name.startswith("sqlite_autoindex_") or index.name in usual


def _usual_names(table: str, column: str, is_unique: bool) -> Iterable[str]:
    if is_unique:
        return (f"uq_{table}_{column}", f"{table}_{column}_key", column, f"{table}_{column}_unique")
    return (f"ix_{table}_{column}", f"{table}_{column}_idx", column, f"{column}_idx")


def _add_checks(one: Linked) -> None:
    checks: list[dict[str, str]] = []
    for check in sorted(one.checks, key=lambda check: not check.name):
        taken = {other["name"] for other in checks}
        free = (f"ck_{one.table.name}_{number}" for number in range(1, len(one.checks) + 2))
        name = check.name if check.name and check.name not in taken else next(n for n in free if n not in taken)
        checks.append({"name": name, "expression": check.expression})
    if checks:
        one.raw["checks"] = checks
