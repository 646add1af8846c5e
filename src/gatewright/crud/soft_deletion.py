"""Rows that are marked as deleted and kept, and what happens to the rows that refer to them.

A mark does what a delete would do, as far as it can be undone: rows that restrict keep the row, rows that cascade are
marked with it, and references that are emptied by a delete are emptied. To restore the row restores the rows that were
marked by the same call.

A row that is marked is locked first. Others refer to a row under a lock on it (`crud/references.py`), so that none can
begin to refer to a row while it is being marked (PostgreSQL's documentation, section 13.3.2: FOR UPDATE conflicts with
FOR KEY SHARE). SQLite has one writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Column, OnDelete, Table
from gatewright.design.naming import camel_case
from gatewright.design.soft_deletion import Link, deleted_at, links_to
from gatewright.errors import Conflict
from gatewright.storage.database import Transaction

Condition = sa.ColumnElement[bool]
Row = Mapping[str, Any]
"""A row's values by the columns' names in the database."""

_MOST_VALUES = 500
"""The most values in one condition; databases limit the parameters of a statement."""


def moment_at(now: datetime) -> datetime:
    """The time of deletion that rows which are deleted together have, by which they are restored together.

    It has whole milliseconds, which the columns of each table keep alike: Prisma makes them `timestamp(3)`.
    """
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def mark_deleted(tx: Transaction, table: Table, row: Row, now: datetime) -> None:
    """Mark a *row* that is locked as deleted, with the rows that cascade from it.

    Raises:
        Conflict: Rows that are not deleted refer to it, or to a row that would go with it.
    """
    marks = _Marks(tx, now)
    marks.add(table, [row])
    marks.refuse_referred()


def restore(tx: Transaction, table: Table, row: Row) -> None:
    """Restore a *row* that is locked, with the rows that were deleted by the same call.

    Raises:
        Conflict: One of them refers to a row that is still deleted.
    """
    restored = _Restored(tx, row[_marker(table)])
    restored.add(table, [row])
    restored.refuse_dangling()


@dataclass
class _Marks:
    """Rows that are marked as deleted in one call."""

    tx: Transaction
    now: datetime
    rows: list[tuple[Table, Sequence[Row]]] = field(default_factory=list)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Mark *rows* of *table*, which are locked, and the rows that cascade from them, at any depth."""
        waiting = [(table, rows)]
        while waiting:
            here, found = waiting.pop()
            self.rows.append((here, found))
            _set_marker(self.tx, here, found, self.now)
            for link in links_to(self.tx.schema.design, here):
                for refers in _referring(self.tx, link, found):
                    waiting += self._following(link, refers)

    def _following(self, link: Link, refers: Condition) -> Iterator[tuple[Table, Sequence[Row]]]:
        """The rows to mark because of *link*; a reference that a delete empties is emptied."""
        built = self.tx.schema[link.table.name]
        if link.on_delete is OnDelete.SET_NULL:
            empty = {column.database_name: None for column in link.columns}
            self.tx.run(sa.update(built).where(refers).values(empty))
        elif link.on_delete is OnDelete.CASCADE and link.table.soft_delete:
            found = self.tx.all(sa.select(built).where(refers, *_live(built, link.table)).with_for_update())
            if found:
                yield link.table, found

    def refuse_referred(self) -> None:
        """Refuse to mark a row that others, which are not deleted, keep."""
        for table, rows in self.rows:
            for link in links_to(self.tx.schema.design, table):
                if link.on_delete not in (OnDelete.RESTRICT, OnDelete.NO_ACTION):
                    continue
                built = self.tx.schema[link.table.name]
                for refers in _referring(self.tx, link, rows):
                    if self.tx.exists(sa.select(sa.literal(1)).where(refers, *_live(built, link.table)).limit(1)):
                        raise Conflict("Other rows refer to this one.")


@dataclass
class _Restored:
    """Rows that are restored in one call: those that were deleted at one moment."""

    tx: Transaction
    moment: datetime
    rows: list[tuple[Table, Sequence[Row]]] = field(default_factory=list)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Restore *rows* of *table*, which are locked, and those that cascaded from them, at any depth."""
        waiting = [(table, rows)]
        while waiting:
            here, found = waiting.pop()
            self.rows.append((here, found))
            _set_marker(self.tx, here, found, None)
            for link in links_to(self.tx.schema.design, here):
                if link.on_delete is OnDelete.CASCADE and link.table.soft_delete:
                    waiting += self._following(link, found)

    def _following(self, link: Link, rows: Sequence[Row]) -> Iterator[tuple[Table, Sequence[Row]]]:
        """The rows that were deleted because of *link*."""
        built = self.tx.schema[link.table.name]
        same = built.c[_marker(link.table)] == self.moment
        for refers in _referring(self.tx, link, rows):
            found = self.tx.all(sa.select(built).where(refers, same).with_for_update())
            if found:
                yield link.table, found

    def refuse_dangling(self) -> None:
        """Refuse to restore a row that would refer to a deleted one."""
        for table, rows in self.rows:
            for link in self._links_from(table):
                wanted = {values for row in rows if None not in (values := _values(row, link.columns))}
                if missing := wanted - self._live_among(link, wanted):
                    names = " and ".join(camel_case(column.name) for column in link.columns)
                    those = "those rows" if len(missing) > 1 else "that row"
                    raise Conflict(f"{table.name}.{names} names a deleted {link.target.name}. Restore {those} first.")

    def _links_from(self, table: Table) -> Iterator[Link]:
        design = self.tx.schema.design
        marked = (each for each in design.tables if each.soft_delete)
        return (link for each in marked for link in links_to(design, each) if link.table.name == table.name)

    def _live_among(self, link: Link, wanted: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        """The *wanted* values that rows have which are not deleted; these stay so until the transaction ends."""
        built = self.tx.schema[link.target.name]
        columns = [built.c[column.database_name] for column in link.to_columns]
        found = set()
        for named in _among(columns, list(wanted)):
            live = sa.select(*columns).where(named, *_live(built, link.target))
            found |= {tuple(row) for row in self.tx.connection.execute(live.with_for_update(read=True, key_share=True))}
        return found


def _marker(table: Table) -> str:
    """The column with the time of deletion, by its name in the database."""
    column = deleted_at(table)
    assert column is not None, "only rows of tables with softDelete are marked"
    return column.database_name


def _live(built: sa.FromClause, table: Table) -> list[Condition]:
    """The condition that a row is not deleted, where its table keeps deleted rows."""
    return [built.c[_marker(table)].is_(None)] if table.soft_delete else []


def _set_marker(tx: Transaction, table: Table, rows: Sequence[Row], value: datetime | None) -> None:
    built = tx.schema[table.name]
    key = [built.c[column.database_name] for column in table.key_columns]
    for found in _among(key, [_values(row, table.key_columns) for row in rows]):
        tx.run(sa.update(built).where(found).values({_marker(table): value}))


def _referring(tx: Transaction, link: Link, rows: Sequence[Row]) -> Iterator[Condition]:
    """The conditions that a row refers by *link* to one of *rows*."""
    built = tx.schema[link.table.name]
    columns = [built.c[column.database_name] for column in link.columns]
    return _among(columns, [_values(row, link.to_columns) for row in rows])


def _among(columns: Sequence[sa.Column[Any]], values: Sequence[tuple[Any, ...]]) -> Iterator[Condition]:
    for start in range(0, len(values), _MOST_VALUES):
        some = values[start : start + _MOST_VALUES]
        if len(columns) == 1:
            yield columns[0].in_([value for (value,) in some])
        else:
            each = (sa.and_(*map(sa.ColumnElement.__eq__, columns, value)) for value in some)
            yield sa.or_(*each)


def _values(row: Row, columns: Sequence[Column]) -> tuple[Any, ...]:
    return tuple(row[column.database_name] for column in columns)
