"""What a table looks like in the database, as plain data that compares by value, and the calls that make its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Design
from gatewright.migrations.calls import Call, Value
from gatewright.storage.schema import DIALECT, schema_of
from gatewright.storage.types import RowNumber


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column.

    Attributes:
        type: The call that makes the type.
        default: The value that the database uses when none is given.
    """

    name: str
    type: Call
    nullable: bool
    default: Call | str | None = None

    @property
    def call(self) -> Call:
        """The column as a part of a table."""
        default = () if self.default is None else (("server_default", self.default),)
        return Call("sa.Column", (self.name, self.type), (*default, ("nullable", self.nullable)))


@dataclass(frozen=True, slots=True)
class ConstraintShape:
    """A key, a reference, or another constraint on rows.

    Attributes:
        kind: `primary`, `unique`, `foreignkey` or `check`, as Alembic says.
        target: The table that a reference points to.
        actions: What happens when the referenced row changes or is deleted, as SQLAlchemy's keywords.
        condition: The SQL of a check.
        dialect: The only database that it is for; empty for all.
    """

    kind: str
    name: str
    columns: tuple[str, ...] = ()
    target: str = ""
    target_columns: tuple[str, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    condition: str = ""
    dialect: str = ""

    @property
    def call(self) -> Call:
        """The constraint as a part of a table."""
        name = ("name", name_call(self.name))
        match self.kind:
            case "primary":
                return Call("sa.PrimaryKeyConstraint", self.columns, (name,))
            case "unique":
                return Call("sa.UniqueConstraint", self.columns, (name,))
            case "check":
                alone = Call("ddl_if", keywords=(("dialect", self.dialect),)) if self.dialect else None
                return Call("sa.CheckConstraint", (self.condition,), (name,), then=alone)
        targets = tuple(f"{self.target}.{column}" for column in self.target_columns)
        return Call("sa.ForeignKeyConstraint", (self.columns, targets), (name, *self.actions))

    @property
    def create_call(self) -> Call:
        """What adds it to a table, in `batch`."""
        name = name_call(self.name)
        match self.kind:
            case "unique":
                return Call("batch.create_unique_constraint", (name, self.columns))
            case "check":
                return Call("batch.create_check_constraint", (name, self.condition))
        ends = (self.target, self.columns, self.target_columns)
        return Call("batch.create_foreign_key", (name, *ends), self.actions)


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index."""

    name: str
    columns: tuple[str, ...]
    unique: bool

    @property
    def call(self) -> Call:
        """The index as a part of a table."""
        return Call("sa.Index", (name_call(self.name), *self.columns), (("unique", self.unique),))

    def create_call(self, *table: str) -> Call:
        """What adds it to *table*; without, in `batch`."""
        unique = (("unique", True),) if self.unique else ()
        on = "op" if table else "batch"
        return Call(f"{on}.create_index", (name_call(self.name), *table, self.columns), unique)


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table."""

    name: str
    columns: tuple[ColumnShape, ...]
    constraints: tuple[ConstraintShape, ...]
    indexes: tuple[IndexShape, ...]

    @property
    def references(self) -> tuple[ConstraintShape, ...]:
        """The constraints that point to a table."""
        return tuple(each for each in self.constraints if each.kind == "foreignkey")

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return next(each.columns for each in self.constraints if each.kind == "primary")

    @property
    def parts(self) -> tuple[Call, ...]:
        """The columns and the constraints."""
        return (*(column.call for column in self.columns), *(constraint.call for constraint in self.constraints))

    def column(self, name: str) -> ColumnShape | None:
        """The column called *name*, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def without(self, constraints: set[ConstraintShape]) -> TableShape:
        """The same without *constraints*."""
        return replace(self, constraints=tuple(each for each in self.constraints if each not in constraints))


Shapes = dict[str, TableShape]
"""Tables by their names in the database, in the order of the design."""


def shapes_of(design: Design) -> Shapes:
    """What the tables of *design* look like in the database."""
    schema = schema_of(design)
    tables = [schema[table.name] for table in design.tables]
    return {table.name: _table(table) for table in tables}


def name_call(name: str) -> Call:
    """A name as the database has it; a longer one is always shortened in the same way, as `op.f` does."""
    return Call("op.f", (name,))


def _table(table: sa.Table) -> TableShape:
    constraints = map(_constraint, table.constraints)
    indexes = [IndexShape(str(i.name), tuple(c.name for c in i.columns), bool(i.unique)) for i in table.indexes]
    return TableShape(
        table.name,
        tuple(_column(column) for column in table.columns),
        tuple(sorted(constraints, key=_place)),
        tuple(sorted(indexes, key=lambda index: index.name)),
    )


def _column(column: sa.Column[Any]) -> ColumnShape:
    return ColumnShape(column.name, _type(column.type), bool(column.nullable), _default(column))


def _constraint(constraint: sa.Constraint) -> ConstraintShape:
    name = str(constraint.name)
    if isinstance(constraint, sa.CheckConstraint):
        assert isinstance(constraint.sqltext, sa.TextClause)
        dialect = constraint.info.get(DIALECT, "")
        return ConstraintShape("check", name, condition=constraint.sqltext.text, dialect=dialect)
    assert isinstance(constraint, sa.PrimaryKeyConstraint | sa.ForeignKeyConstraint | sa.UniqueConstraint)
    columns = tuple(column.name for column in constraint.columns)
    if not isinstance(constraint, sa.ForeignKeyConstraint):
        return ConstraintShape(
            "primary" if isinstance(constraint, sa.PrimaryKeyConstraint) else "unique", name, columns
        )
    target, _, column = constraint.elements[0].target_fullname.rpartition(".")
    actions = (("ondelete", constraint.ondelete), ("onupdate", constraint.onupdate))
    taken = tuple((keyword, action) for keyword, action in actions if action is not None)
    return ConstraintShape("foreignkey", name, columns, target, (column,), taken)


def _place(constraint: ConstraintShape) -> tuple[int, str]:
    return ("primary", "unique", "foreignkey", "check").index(constraint.kind), constraint.name


def _default(column: sa.Column[Any]) -> Call | str | None:
    default = column.server_default
    if default is None:
        return None
    assert isinstance(default, sa.DefaultClause)
    if isinstance(default.arg, str):
        return default.arg
    return Call("sa.true" if isinstance(default.arg, sa.True_) else "sa.false")


def _type(type_: sa.types.TypeEngine[Any]) -> Call:
    if isinstance(type_, sa.DateTime):
        return Call("sa.DateTime", keywords=(("timezone", True),))
    variant = Call("with_variant", (Call("sa.Integer"), "sqlite")) if type_ is RowNumber else None
    return Call(f"sa.{type(type_).__name__}", tuple(_arguments(type_)), then=variant)


def _arguments(type_: sa.types.TypeEngine[Any]) -> Iterator[Value]:
    if isinstance(type_, sa.String) and type_.length is not None:
        yield type_.length
    elif isinstance(type_, sa.Numeric) and type_.precision is not None and not isinstance(type_, sa.Float):
        yield type_.precision
        if type_.scale is not None:
            yield type_.scale
