"""Keys of the vocabulary that Gatewright does not support yet: refused, never ignored.

This is the only place that lists it. A line goes when the feature comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatewright.design.document import Access, Column, Design, Index, OnDelete, Table
from gatewright.design.problems import DesignError, Problem

TABLE_KEYS = {
    "dbSchema": "db_schema",
    "foreignKeys": "foreign_keys",
    "checks": "checks",
    "relationships": "relationships",
    "softDelete": "soft_delete",
    "audit": "audit",
}
COLUMN_KEYS = {"dbType": "db_type", "computed": "computed"}
INDEX_KEYS = {"where": "where"}
ACTIONS = frozenset({OnDelete.SET_DEFAULT, OnDelete.NO_ACTION})
DATABASE_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def refuse_unbuilt(design: Design) -> None:
    """Refuse a design that uses what is not built yet.

    Raises:
        DesignError: It does; each place is named.
    """
    problems = [Problem(path, f"{what} is not built yet; leave it out") for path, what in _uses(design)]
    if problems:
        raise DesignError(problems)


def _uses(design: Design) -> Iterator[tuple[str, str]]:
    for i, table in enumerate(design.tables):
        path = f"tables[{i}]"
        yield from _keys(table, TABLE_KEYS, path)
        yield from _name(table.db_name, f"{path}.dbName")
        for j, column in enumerate(table.columns):
            yield from _keys(column, COLUMN_KEYS, f"{path}.columns[{j}]")
            yield from _name(column.db_name, f"{path}.columns[{j}].dbName")
            yield from _actions(column, f"{path}.columns[{j}].references")
        for j, index in enumerate(table.indexes):
            yield from _keys(index, INDEX_KEYS, f"{path}.indexes[{j}]")
            yield from _name(index.name, f"{path}.indexes[{j}].name")
        yield from _owner(table.access, f"{path}.access")


def _keys(part: Table | Column | Index, keys: dict[str, str], path: str) -> Iterator[tuple[str, str]]:
    for key, field in keys.items():
        if getattr(part, field):
            yield f"{path}.{key}", key


def _name(name: str | None, path: str) -> Iterator[tuple[str, str]]:
    if name is not None and not DATABASE_NAME.fullmatch(name):
        yield path, "a name of other characters than letters, digits and underscores"


def _actions(column: Column, path: str) -> Iterator[tuple[str, str]]:
    if (reference := column.references) is None:
        return
    for key, action in (("onDelete", reference.on_delete), ("onUpdate", reference.on_update)):
        if action in ACTIONS:
            yield f"{path}.{key}", str(action)


def _owner(access: Access, path: str) -> Iterator[tuple[str, str]]:
    if "." in (access.owner_column or ""):
        yield f"{path}.ownerColumn", "a path"
