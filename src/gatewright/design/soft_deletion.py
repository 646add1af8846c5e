"""Tables whose deleted rows are marked and kept: what `softDelete` means for a design.

A completed design says all of it in words that it has anyway: a column, and indexes over some rows. Tables, migrations,
models and exports follow from these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatewright.design.document import Column, ColumnType, Design, Index, OnDelete, Table
from gatewright.design.kinds import MAX_NAME
from gatewright.design.sql_names import quoted_name

DELETED_AT = "deletedAt"
"""The column with the time of deletion; empty in rows that are not deleted."""


@dataclass(frozen=True, slots=True)
class Link:
    """A reference of one column or several, seen from the row that it names.

    Attributes:
        table: The table that refers.
        columns: Its columns.
        target: The table that it refers to.
        to_columns: The columns there, in the same order.
        on_delete: What happens to the row that refers when the other one goes.
    """

    table: Table
    columns: tuple[Column, ...]
    target: Table
    to_columns: tuple[Column, ...]
    on_delete: OnDelete


def with_soft_deletion(design: Design) -> Design:
    """*design* with what the `softDelete` of its tables means; a design that has it already stays as it is."""
    return replace(
        design, tables=tuple(_marked(table, design) if table.soft_delete else table for table in design.tables)
    )


def as_designed(found: Table, present: Table) -> Table:
    """The table *found* in a database as a design with `softDelete` has it: the opposite of `with_soft_deletion`.

    Args:
        present: The table in the design, which may have a column of its own for the time of deletion.
    """
    marked = replace(found, soft_delete=True)
    if DELETED_AT not in {column.name for column in found.columns}:
        return marked
    condition = live_condition(marked)
    own = {column.name for column in present.columns}
    alone = {e.columns[0] for e in found.indexes if e.is_unique and e.where == condition and len(e.columns) == 1}
    columns = (replace(c, is_unique=c.is_unique or c.name in alone) for c in found.columns)
    added = Index((DELETED_AT,), where=_opposite(condition))
    return replace(
        marked,
        columns=tuple(column for column in columns if column.name != DELETED_AT or column.name in own),
        indexes=tuple(
            _of_all_rows(each, condition)
            for each in found.indexes
            if replace(each, name=None) != added
            and not (each.is_unique and each.where == condition and len(each.columns) == 1)
        ),
    )


def _of_all_rows(index: Index, condition: str) -> Index:
    where = index.where or ""
    if not index.is_unique or not (where == condition or where.startswith(f"{condition} AND (")):
        return index
    return replace(index, where=where[len(f"{condition} AND (") : -1] or None)


def deleted_at(table: Table) -> Column | None:
    """The column with the time of deletion, where rows of *table* are marked when they are deleted."""
    return table.column(DELETED_AT) if table.soft_delete else None


def live_condition(table: Table) -> str:
    """The SQL condition that a row of *table* is not deleted."""
    return f"{quoted_name(table.column(DELETED_AT).database_name)} IS NULL"


def is_of_live_rows(index: Index, table: Table) -> bool:
    """Whether *index* is over every row of *table* that is not deleted."""
    return table.soft_delete and index.where == live_condition(table)


def fully_unique(design: Design) -> Iterator[tuple[Table, tuple[Column, ...]]]:
    """Columns of a completed *design* whose values stay taken after their row is deleted, beside keys.

    A reference needs a column that is unique in the whole table: databases accept no index over some rows.
    """
    for table in design.tables:
        if table.soft_delete:
            yield from ((table, (column,)) for column in table.columns if column.is_unique)
            yield from (
                (table, tuple(map(table.column, index.columns)))
                for index in table.indexes
                if index.is_unique and index.where is None
            )


def links_to(design: Design, table: Table) -> Iterator[Link]:
    """The references of other rows to rows of *table*."""
    for each in design.tables:
        for column in each.columns:
            reference, on_delete = column.references, column.on_delete
            if reference is not None and on_delete is not None and reference.table == table.name:
                yield Link(each, (column,), table, (table.column(reference.column),), on_delete)
        for key in each.foreign_keys:
            if key.table == table.name:
                columns, to_columns = map(each.column, key.columns), map(table.column, key.to_columns)
                yield Link(each, tuple(columns), table, tuple(to_columns), key.on_delete or OnDelete.RESTRICT)


def is_join_table(table: Table) -> bool:
    """Whether a row of *table* says no more than which rows belong together."""
    return all(column.is_primary_key and column.references is not None for column in table.columns)


def _marked(table: Table, design: Design) -> Table:
    if DELETED_AT not in {column.name for column in table.columns}:
        table = replace(table, columns=(*table.columns, Column(name=DELETED_AT, type=ColumnType.DATE_TIME)))
    # The time of deletion has an index of its own, by which the database is different from one without softDelete.
    columns = (replace(c, is_read_only=True, is_indexed=False) if c.name == DELETED_AT else c for c in table.columns)
    own = (index for index in table.indexes if index != Index((DELETED_AT,)))
    table = replace(table, columns=tuple(columns), indexes=tuple(own))
    referenced = {frozenset(column.name for column in link.to_columns) for link in links_to(design, table)}
    return _unique_among_live_rows(table, referenced)


def _unique_among_live_rows(table: Table, referenced: set[frozenset[str]]) -> Table:
    """*table* with its rules of uniqueness over the rows that are not deleted, where no reference needs another."""
    condition = live_condition(table)
    free = [c.name for c in table.columns if c.is_unique and not c.is_primary_key and {c.name} not in referenced]
    columns = tuple(replace(c, is_unique=False) if c.name in free else c for c in table.columns)
    own = (each if set(each.columns) in referenced else _of_live_rows(each, condition) for each in table.indexes)
    added = [Index((name,), is_unique=True, where=condition) for name in free]
    added.append(Index((DELETED_AT,), where=_opposite(condition)))
    return replace(table, columns=columns, indexes=tuple(dict.fromkeys((*own, *(_named(e, table) for e in added)))))


def _opposite(condition: str) -> str:
    return f"{condition.removesuffix('NULL')}NOT NULL"


def _of_live_rows(index: Index, condition: str) -> Index:
    if not index.is_unique or index.where == condition or (index.where or "").startswith(f"{condition} AND ("):
        return index
    return replace(index, where=condition if index.where is None else f"{condition} AND ({index.where})")


def _named(index: Index, table: Table) -> Index:
    """*index* with a name that every database takes, where the usual one is too long."""
    name = table.index_name(index)
    if len(name) <= MAX_NAME:
        return index
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return replace(index, name=f"{name[: MAX_NAME - len(mark) - 1]}_{mark}")
