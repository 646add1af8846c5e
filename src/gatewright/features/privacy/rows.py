"""Which rows of the app's tables belong to a user, and which prevent deleting the user, according to the design."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, exists, or_, select

from gatewright.design.document import USER, Column, Design, OnDelete, Reference, Table
from gatewright.design.soft_deletion import deleted_at
from gatewright.features.users.queries import UserRow
from gatewright.storage.database import Transaction
from gatewright.storage.owner_paths import owner_path
from gatewright.storage.schema import Schema


def tables_about_users(design: Design) -> list[Table]:
    """The tables whose rows can belong to a user, that of the users first."""
    others = [table for table in design.tables if table.name != USER and (_owner_columns(table) or _is_path(table))]
    return [design.table(USER), *others]


def belongs_to(schema: Schema, table: Table, user: UserRow) -> ColumnElement[bool]:
    """The condition that a row of *table* meets if it belongs to *user*, whose whole row this is.

    In a table with an owner column, or a path to one, only that decides; in any other, each reference to a user.
    """
    built, users = schema[table.name], schema.design.table(USER)
    if table.name == USER:
        return or_(built.c.id == user.id)
    path = owner_path(schema, table, table.access.owner_column) if table.access.owner_column else None
    if path is not None:
        return or_(path.leads_to(built.c[path.column], user.id))
    owners = ((built.c[column.database_name], reference) for column, reference in _owner_columns(table))
    return or_(*(owner == user.value_of(users.column(reference.column).database_name) for owner, reference in owners))


def restricting(tx: Transaction, user_id: str) -> list[str]:
    """The tables with rows that keep a user from going: those that refer to the user, or to a row that would go too.

    Rows that are marked as deleted do not: they go with the user (`purging.py`).
    """
    users = tx.table(USER).alias()
    return sorted(set(_restricting(tx, USER, users, users.c.id == user_id, frozenset({USER}))))


def _restricting(
    tx: Transaction, name: str, going: FromClause, condition: ColumnElement[bool], seen: frozenset[str]
) -> Iterator[str]:
    design = tx.schema.design
    for table, column, reference in _references_to(design, name):
        other = tx.table(table.name).alias()
        key = going.c[design.table(name).column(reference.column).database_name]
        refers = other.c[column.database_name].in_(select(key).where(condition).correlate(None))
        if column.on_delete is OnDelete.RESTRICT:
            marked = deleted_at(table)
            live = () if marked is None else (other.c[marked.database_name].is_(None),)
            if tx.value(select(exists().where(refers, *live))):
                yield table.name
        elif column.on_delete is OnDelete.CASCADE and table.name not in seen:
            yield from _restricting(tx, table.name, other, refers, seen | {table.name})


def _references_to(design: Design, name: str) -> Iterator[tuple[Table, Column, Reference]]:
    for table in design.tables:
        for column in table.columns:
            if column.references is not None and column.references.table == name:
                yield table, column, column.references


def _is_path(table: Table) -> bool:
    return "." in (table.access.owner_column or "")


def _owner_columns(table: Table) -> list[tuple[Column, Reference]]:
    named = table.access.owner_column
    found: list[tuple[Column, Any]] = [(column, column.references) for column in table.columns]
    to_users = [(column, reference) for column, reference in found if reference and reference.table == USER]
    return [pair for pair in to_users if named in (None, pair[0].name)]
