"""What a table looks like in the database, as plain data that compares by value and prints as source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Design
from gatewright.migrations.script.literals import literal
from gatewright.storage.schema import DIALECT, Schema
from gatewright.storage.types import RowNumber


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column.

    Attributes:
        type: The type, as source.
        default: What the database puts in when nothing is given, as source.
    """

    name: str
    type: str
    nullable: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class ConstraintShape:
    """A key, a reference, or another rule that rows keep to.

    Attributes:
        kind: `primary`, `unique`, `foreignkey` or `check`, as Alembic says.
        target: The table that a reference leads to.
        condition: The SQL of a check.
        dialect: The only database that it is for; empty for all.
    """

    kind: str
    name: str
    columns: tuple[str, ...] = ()
    target: str = ""
    target_columns: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None
    condition: str = ""
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index."""

    name: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table."""

    name: str
    columns: tuple[ColumnShape, ...]
    constraints: tuple[ConstraintShape, ...]
    indexes: tuple[IndexShape, ...]

    @property
    def references(self) -> tuple[ConstraintShape, ...]:
        """The constraints that lead to a table."""
        return tuple(each for each in self.constraints if each.kind == "foreignkey")

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return next(each.columns for each in self.constraints if each.kind == "primary")

    def column(self, name: str) -> ColumnShape | None:
        """The column called *name*, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def without(self, constraints: set[ConstraintShape]) -> TableShape:
        """The same without *constraints*."""
        return replace(self, constraints=tuple(each for each in self.constraints if each not in constraints))

    def is_like(self, other: TableShape) -> bool:
        """Whether both are the same, apart from the order in which their parts stand."""
        parts = ("columns", "constraints", "indexes")
        return all(set(getattr(self, part)) == set(getattr(other, part)) for part in parts)


Shapes = dict[str, TableShape]
"""Tables by their names in the database, in the order of the design."""


def shapes_of(design: Design) -> Shapes:
    """What the tables of *design* look like in the database."""
    schema = Schema(design)
    tables = [schema[table.name] for table in design.tables]
    return {table.name: _table(table) for table in tables}


def _table(table: sa.Table) -> TableShape:
    constraints = [_constraint(constraint, table) for constraint in table.constraints]
    indexes = [IndexShape(str(i.name), tuple(c.name for c in i.columns), bool(i.unique)) for i in table.indexes]
    return TableShape(
        table.name,
        tuple(_column(column) for column in table.columns),
        tuple(sorted(constraints, key=_place)),
        tuple(sorted(indexes, key=lambda index: index.name)),
    )


def _column(column: sa.Column[Any]) -> ColumnShape:
    return ColumnShape(column.name, _type(column.type), bool(column.nullable), _default(column))


def _constraint(constraint: sa.Constraint, table: sa.Table) -> ConstraintShape:
    name = str(constraint.name)
    if isinstance(constraint, sa.CheckConstraint):
        assert isinstance(constraint.sqltext, sa.TextClause)
        dialect = constraint.info.get(DIALECT, "")
        return ConstraintShape("check", name, condition=constraint.sqltext.text, dialect=dialect)
    assert isinstance(constraint, sa.PrimaryKeyConstraint | sa.ForeignKeyConstraint | sa.UniqueConstraint)
    columns = tuple(column.name for column in constraint.columns)
    if isinstance(constraint, sa.PrimaryKeyConstraint):
        return ConstraintShape("primary", name, columns)
    if isinstance(constraint, sa.ForeignKeyConstraint):
        target, _, column = constraint.elements[0].target_fullname.rpartition(".")
        return ConstraintShape("foreignkey", name, columns, target, (column,), constraint.ondelete, constraint.onupdate)
    return ConstraintShape("unique", name, columns)


def _place(constraint: ConstraintShape) -> tuple[int, str]:
    return ("primary", "unique", "foreignkey", "check").index(constraint.kind), constraint.name


def _default(column: sa.Column[Any]) -> str | None:
    default = column.server_default
    if default is None:
        return None
    assert isinstance(default, sa.DefaultClause)
    if isinstance(default.arg, str):
        return literal(default.arg)
    return "sa.true()" if isinstance(default.arg, sa.True_) else "sa.false()"


def _type(type_: sa.types.TypeEngine[Any]) -> str:
    if isinstance(type_, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    arguments = ", ".join(map(str, _arguments(type_)))
    variant = '.with_variant(sa.Integer(), "sqlite")' if type_ is RowNumber else ""
    return f"sa.{type(type_).__name__}({arguments}){variant}"


def _arguments(type_: sa.types.TypeEngine[Any]) -> Iterator[int]:
    if isinstance(type_, sa.String) and type_.length is not None:
        yield type_.length
    elif isinstance(type_, sa.Numeric) and type_.precision is not None and not isinstance(type_, sa.Float):
        yield type_.precision
        if type_.scale is not None:
            yield type_.scale
