"""Rows that belong to a user by another row: a comment by its post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Column, Table
from gatewright.design.naming import relation_name
from gatewright.storage.schema import Schema


@dataclass(frozen=True, slots=True)
class OwnerPath:
    """The way from a row to its owner, over the row that it refers to.

    Attributes:
        column: The reference, by its name in the database.
        holder: The table that it refers to.
        key: The referenced column, by its name in the database.
        owner: The reference of that table to a user, by its name in the database.
    """

    column: str
    holder: sa.Table
    key: str
    owner: str

    def leads_to(self, value: Any, owner: str) -> sa.ColumnElement[bool]:
        """Whether the row that a reference with this *value* names belongs to *owner*."""
        rows = self.holder.alias()
        conditions = (rows.c[self.key] == value, rows.c[self.owner] == owner)
        return sa.exists(sa.select(sa.literal(1)).select_from(rows).where(*conditions))

    def owner_of(self, value: Any) -> sa.ScalarSelect[Any]:
        """The owner of the row that a reference with this *value* names."""
        rows = self.holder.alias()
        return sa.select(rows.c[self.owner]).select_from(rows).where(rows.c[self.key] == value).scalar_subquery()


def owner_path(schema: Schema, table: Table, owner_column: str) -> OwnerPath | None:
    """The way that an `ownerColumn` such as `post.authorId` describes; None for a column of *table* itself."""
    relation, dot, last = owner_column.rpartition(".")
    if not dot:
        return None
    column = reference_called(table, relation)
    assert column.references is not None, "design/checks/links.py looks at paths"
    holder = schema.design.table(column.references.table)
    key, owner = holder.column(column.references.column), holder.column(last)
    return OwnerPath(column.database_name, schema[holder.name], key.database_name, owner.database_name)


def reference_called(table: Table, relation: str) -> Column:
    """The reference of *table* whose relation has this name: `authorId` for `author`."""
    return next(c for c in table.columns if c.references is not None and relation_name(c.name) == relation)
