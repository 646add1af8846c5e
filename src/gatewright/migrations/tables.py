"""What a table looks like in the database, as plain data that compares by value, and the calls that make its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from gatewright.design.document import Column, Computed, Design, Table
from gatewright.migrations.calls import Call, Value
from gatewright.storage.checks import sql_text
from gatewright.storage.database_types import PostgresText, postgres_type
from gatewright.storage.schema import DIALECT, schema_of
from gatewright.storage.types import RowNumber


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column.

    Attributes:
        type: The call that makes the type.
        default: The value that the database uses when none is given.
        computed: What the database computes the value from.
        is_counted: False for a key of one number that names another row: PostgreSQL makes no sequence for it. Without
            the word, SQLAlchemy would ask for one while the reference is not there yet.
    """

    name: str
    type: Call
    nullable: bool
    default: Call | str | None = None
    computed: Computed | None = None
    is_counted: bool = field(default=True, compare=False)

    @property
    def call(self) -> Call:
        """The column as a part of a table."""
        default = () if self.default is None else (("server_default", self.default),)
        counted: tuple[tuple[str, Value], ...] = () if self.is_counted else (("autoincrement", False),)
        keywords = (*default, *counted, ("nullable", self.nullable))
        return Call("sa.Column", (self.name, self.type, *self._computed()), keywords)

    def _computed(self) -> Iterator[Call]:
        if self.computed is not None:
            expression = sql_text(self.computed.expression).text
            yield Call("sa.Computed", (expression,), (("persisted", self.computed.is_stored),))


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
        target, schema = in_schema(self.target, "referent_schema")
        ends = (target, self.columns, self.target_columns)
        return Call("batch.create_foreign_key", (name, *ends), (*schema, *self.actions))


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index.

    Attributes:
        where: The SQL condition that its rows meet; empty for all.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool
    where: str = ""

    @property
    def call(self) -> Call:
        """The index as a part of a table."""
        return Call("sa.Index", (name_call(self.name), *self.columns), (("unique", self.unique), *self._limited()))

    def create_call(self, table: str = "") -> Call:
        """What adds it to *table*; without, in `batch`."""
        unique = (("unique", True),) if self.unique else ()
        if not table:
            return Call("batch.create_index", (name_call(self.name), self.columns), (*unique, *self._limited()))
        name, schema = in_schema(table)
        arguments = (name_call(self.name), name, self.columns)
        return Call("op.create_index", arguments, (*schema, *unique, *self._limited()))

    def _limited(self) -> Iterator[tuple[str, Value]]:
        """What limits the index to some rows, in the keyword of each database."""
        if self.where:
            condition = Call("sa.text", (self.where,))
            yield from ((f"{dialect}_where", condition) for dialect in ("sqlite", "postgresql"))


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table.

    Attributes:
        name: Its name in the database, with its schema if it has one.
    """

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
"""Tables by their names in the database, with their schemas, in the order of the design."""


def in_schema(full_name: str, keyword: str = "schema") -> tuple[str, tuple[tuple[str, str], ...]]:
    """A table's name alone and, if *full_name* has one, its schema as a keyword."""
    schema, _, name = full_name.rpartition(".")
    return name, ((keyword, schema),) if schema else ()


def shapes_of(design: Design) -> Shapes:
    """What the tables of *design* look like in the database."""
    schema = schema_of(design)
    return {table.full_name: _table(schema[table.name], table) for table in design.tables}


def name_call(name: str) -> Call:
    """A name as the database has it; a longer one is always shortened in the same way, as `op.f` does."""
    return Call("op.f", (name,))


def _table(built: sa.Table, table: Table) -> TableShape:
    constraints = map(_constraint, built.constraints)
    return TableShape(
        table.full_name,
        tuple(_column(built.c[column.database_name], column) for column in table.columns),
        tuple(sorted(constraints, key=_place)),
        tuple(sorted(map(_index, built.indexes), key=lambda index: index.name)),
    )


def _column(built: sa.Column[Any], column: Column) -> ColumnShape:
    type_ = _type(built.type, postgres_type(column))
    default = _default(built)
    return ColumnShape(built.name, type_, bool(built.nullable), default, column.computed, not _is_key_of_another(built))


def _is_key_of_another(column: sa.Column[Any]) -> bool:
    is_whole = isinstance(column.type, sa.Integer) and list(column.table.primary_key) == [column]
    return is_whole and bool(column.foreign_keys)


def _index(index: sa.Index) -> IndexShape:
    where = index.dialect_kwargs.get("sqlite_where")
    columns = tuple(column.name for column in index.columns)
    return IndexShape(str(index.name), columns, bool(index.unique), "" if where is None else where.text)


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
    targets = [element.target_fullname.rpartition(".") for element in constraint.elements]
    actions = (("ondelete", constraint.ondelete), ("onupdate", constraint.onupdate))
    taken = tuple((keyword, action) for keyword, action in actions if action is not None)
    target, to_columns = targets[0][0], tuple(column for _, _, column in targets)
    return ConstraintShape("foreignkey", name, columns, target, to_columns, taken)


def _place(constraint: ConstraintShape) -> tuple[int, str]:
    return ("primary", "unique", "foreignkey", "check").index(constraint.kind), constraint.name


def _default(column: sa.Column[Any]) -> Call | str | None:
    default = column.server_default
    if default is None or isinstance(default, sa.Computed):
        return None
    assert isinstance(default, sa.DefaultClause)
    if isinstance(default.arg, str):
        return default.arg
    return Call("sa.true" if isinstance(default.arg, sa.True_) else "sa.false")


def _type(type_: sa.types.TypeEngine[Any], postgres: sa.types.TypeEngine[Any] | None) -> Call:
    plain = type_call(type_)
    if type_ is RowNumber:
        return replace(plain, then=Call("with_variant", (Call("sa.Integer"), "sqlite")))
    if postgres is not None:
        return replace(plain, then=Call("with_variant", (type_call(postgres), "postgresql")))
    return plain


def type_call(type_: sa.types.TypeEngine[Any]) -> Call:
    """What makes the type in Python."""
    name = type(type_).__name__
    module = "postgresql" if type(type_).__module__.startswith(postgresql.__name__) else "sa"
    function = name if isinstance(type_, PostgresText) else f"{module}.{name}"
    return Call(function, tuple(_arguments(type_)), tuple(_options(type_)))


def _options(type_: sa.types.TypeEngine[Any]) -> Iterator[tuple[str, Value]]:
    if isinstance(type_, sa.DateTime):
        yield "timezone", True
    if isinstance(type_, postgresql.TIMESTAMP | postgresql.TIME) and type_.precision is not None:
        yield "precision", type_.precision


def _arguments(type_: sa.types.TypeEngine[Any]) -> Iterator[Value]:
    if isinstance(type_, PostgresText):
        yield type_.name
    elif isinstance(type_, sa.String) and type_.length is not None:
        yield type_.length
    elif isinstance(type_, sa.Numeric) and type_.precision is not None and not isinstance(type_, sa.Float):
        yield type_.precision
        if type_.scale is not None:
            yield type_.scale
