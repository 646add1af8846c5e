"""Rows that are marked as deleted and that have to go with an account: its own, and those that would keep it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_, delete, select, tuple_

from gatewright.design.document import USER, OnDelete, Table
from gatewright.design.soft_deletion import Link, deleted_at, links_to
from gatewright.features.privacy.rows import belongs_to, tables_about_users
from gatewright.features.users.queries import UserRow
from gatewright.storage.database import Transaction


def purge(tx: Transaction, user: UserRow) -> None:
    """Delete for good what is marked as deleted and is *user*'s own, or refers to a row that goes with the user."""
    for table in tables_about_users(tx.schema.design):
        if table.soft_delete and table.access.owner_column is not None:
            rows = tx.table(table.name)
            _delete(tx, table, rows, and_(belongs_to(tx.schema, table, user), _is_marked(rows, table)))
    users = tx.table(USER)
    _free(tx, tx.schema.design.table(USER), users, users.c.id == user.id, frozenset({USER}))


def _delete(tx: Transaction, table: Table, rows: FromClause, condition: ColumnElement[bool]) -> None:
    """Delete the *rows* of *table* that meet *condition*, behind the deleted ones that keep them."""
    _free(tx, table, rows, condition, frozenset({table.name}))
    built = tx.table(table.name)
    key = [column.database_name for column in table.key_columns]
    found = select(*(rows.c[name] for name in key)).where(condition).correlate(None)
    tx.run(delete(built).where(tuple_(*(built.c[name] for name in key)).in_(found)))


def _free(
    tx: Transaction, table: Table, rows: FromClause, condition: ColumnElement[bool], seen: frozenset[str]
) -> None:
    """Delete the deleted rows that keep *rows*, or what cascades from these."""
    for link in links_to(tx.schema.design, table):
        if link.table.name in seen:
            continue
        others = tx.table(link.table.name).alias()
        refers = _refers(link, others, rows, condition)
        if link.on_delete is OnDelete.CASCADE:
            _free(tx, link.table, others, refers, seen | {link.table.name})
        elif link.table.soft_delete and link.on_delete in (OnDelete.RESTRICT, OnDelete.NO_ACTION):
            _delete(tx, link.table, others, and_(refers, _is_marked(others, link.table)))


def _refers(link: Link, others: FromClause, rows: FromClause, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    there = [rows.c[column.database_name] for column in link.to_columns]
    here = [others.c[column.database_name] for column in link.columns]
    return tuple_(*here).in_(select(*there).where(condition).correlate(None))


def _is_marked(rows: FromClause, table: Table) -> ColumnElement[bool]:
    column = deleted_at(table)
    assert column is not None, "only tables with softDelete are asked about"
    return rows.c[column.database_name].is_not(None)
