"""The links between the tables of a design, whichever key of the vocabulary they are written with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatewright.design.document import Design, OnDelete, Table


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key: the rows of *table* refer to rows of *to_table*.

    Attributes:
        name: Of the constraint in the database.
        is_optional: Whether a row may refer to none.
        is_unique: Whether at most one row refers to another.
    """

    table: Table
    columns: tuple[str, ...]
    to_table: Table
    to_columns: tuple[str, ...]
    name: str
    on_delete: OnDelete
    on_update: OnDelete | None
    is_optional: bool
    is_unique: bool


def links_of(design: Design) -> list[Link]:
    """Every foreign key of *design*, table by table."""
    tables = {table.name: table for table in design.tables}
    return [link for table in design.tables for link in (*_references(table, tables), *_foreign_keys(table, tables))]


def link_name(table: Table, columns: tuple[str, ...]) -> str:
    """What a foreign key is called in the database when the design does not say."""
    return "_".join(["fk", table.database_name, *(table.column(name).database_name for name in columns)])


def is_unique(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether no two rows of *table* have the same values in *columns*."""
    if tuple(column.name for column in table.key_columns) == columns:
        return True
    if len(columns) == 1 and table.column(columns[0]).is_unique:
        return True
    return any(index.is_unique and index.where is None and index.columns == columns for index in table.indexes)


def _references(table: Table, tables: dict[str, Table]) -> Iterator[Link]:
    for column in table.columns:
        reference = column.references
        if reference is None or reference.table not in tables:
            continue
        columns = (column.name,)
        yield Link(
            table,
            columns,
            tables[reference.table],
            (reference.column,),
            link_name(table, columns),
            column.on_delete or OnDelete.RESTRICT,
            reference.on_update,
            not column.is_not_null,
            is_unique(table, columns),
        )


def _foreign_keys(table: Table, tables: dict[str, Table]) -> Iterator[Link]:
    for key in table.foreign_keys:
        if key.table not in tables:
            continue
        yield Link(
            table,
            key.columns,
            tables[key.table],
            key.to_columns,
            key.name or link_name(table, key.columns),
            key.on_delete or OnDelete.RESTRICT,
            key.on_update,
            any(not table.column(name).is_not_null for name in key.columns),
            is_unique(table, key.columns),
        )
