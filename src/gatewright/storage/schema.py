"""Tables from a design: one SQLAlchemy table for each, with its keys, references, indexes and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gatewright.design.document import (
    Column,
    ColumnType,
    DefaultFunction,
    Design,
    ForeignKey,
    Index,
    OnDelete,
    Reference,
    Table,
)
from gatewright.errors import SetupError
from gatewright.storage.checks import conditions_of, sql_text
from gatewright.storage.column_types import type_constraints
from gatewright.storage.database_types import postgres_type
from gatewright.storage.kernel_tables import KERNEL_PREFIX, add_kernel_tables
from gatewright.storage.types import RowNumber, UtcDateTime, numeric

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
"""Every constraint has a predictable name, so that a later migration can find it."""

DIALECT = "dialect"
"""In the info of a constraint: the only database that it is for."""

OF_TABLE = "of_table"
"""In the info of a foreign key: the design lists it among the table's `foreignKeys`, and not at a column."""

_ON_DELETE = {
    None: None,
    OnDelete.CASCADE: "CASCADE",
    OnDelete.RESTRICT: "RESTRICT",
    OnDelete.SET_NULL: "SET NULL",
    OnDelete.SET_DEFAULT: "SET DEFAULT",
    OnDelete.NO_ACTION: "NO ACTION",
}


DefineTables = Callable[[sa.MetaData], object]
"""Adds the kernel tables that a feature brings."""


class Schema:
    """The tables of a design and of the kernel, by the names that the design gives them.

    Those that no sign-in needs are made when they are asked for: most belong to the app, which has models of its own.

    Attributes:
        design: What the tables are made from.
        of_features: Functions that add the kernel tables which features bring.
        kernel_tables: The tables that belong to no design.
    """

    def __init__(self, design: Design, of_features: Sequence[DefineTables] = ()) -> None:
        self.design = design
        self.of_features = of_features
        self._metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)
        add_kernel_tables(self._metadata)
        for define in of_features:
            _add_feature_tables(self._metadata, define)
        self.kernel_tables = tuple(self._metadata.tables.values())
        self._designed = {table.full_name: table for table in design.tables}
        self._by_name = {table.name: table for table in design.tables}
        self._tables: dict[str, sa.Table] = {}
        self._making = Lock()
        self._make(table.name for table in design.tables if table.is_system)

    def designed(self, full_name: str) -> Table | None:
        """What the design says of the table of this name in the database, with its schema; None if there is none."""
        return self._designed.get(full_name)

    def __getitem__(self, name: str) -> sa.Table:
        """The table that the design calls *name*, or one of the kernel's by its full name."""
        if name not in self._by_name:
            return self._metadata.tables[name]
        if name not in self._tables:
            self._make([name])
        return self._tables[name]

    @property
    def metadata(self) -> sa.MetaData:
        """SQLAlchemy's collection of all of them."""
        if len(self._tables) < len(self._by_name):
            self._make(self._by_name)
        return self._metadata

    @property
    def engine_tables(self) -> Iterator[sa.Table]:
        """The tables that sign-ins need: the kernel's, and those that the engine declares."""
        yield from self.kernel_tables
        yield from (self[table.name] for table in self.design.tables if table.is_system)

    def _make(self, names: Iterable[str]) -> None:
        """Make the tables called *names* and those that they refer to, which are looked for in the same collection."""
        waiting = list(names)
        # Transactions run in threads, and a table is made once.
        with self._making:
            made: dict[str, sa.Table] = {}
            while waiting:
                table = self._by_name[waiting.pop()]
                if table.name not in self._tables and table.name not in made:
                    made[table.name] = _table(table, self.design, self._metadata)
                    waiting += [column.references.table for column in table.columns if column.references is not None]
                    waiting += [key.table for key in table.foreign_keys]
            self._tables.update(made)


def _add_feature_tables(metadata: sa.MetaData, define: DefineTables) -> None:
    """Add what *define* adds, if it is as a table of the kernel has to be.

    Raises:
        SetupError: A name is taken or is not the kernel's, or an account could not be erased because of a reference.
    """
    before = set(metadata.tables)
    try:
        define(metadata)
    except sa.exc.InvalidRequestError as error:
        raise SetupError(f"A feature declares a table that is there already. {error}") from None
    for name in metadata.tables.keys() - before:
        if not name.startswith(KERNEL_PREFIX):
            raise SetupError(f"The table {name} of a feature should have a name that begins with {KERNEL_PREFIX}.")
        for reference in metadata.tables[name].foreign_keys:
            if reference.ondelete not in ("CASCADE", "SET NULL"):
                raise SetupError(
                    f"{name}.{reference.parent.name} of a feature refers to {reference.target_fullname} without "
                    f'ondelete="CASCADE" or "SET NULL": accounts could not be erased.'
                )


@lru_cache(maxsize=32)
def schema_of(design: Design, of_features: tuple[DefineTables, ...] = ()) -> Schema:
    """The tables of *design* and of features; those that were asked for before are not made again."""
    return Schema(design, of_features)


def _table(table: Table, design: Design, metadata: sa.MetaData) -> sa.Table:
    columns = (_column(column, table, design) for column in table.columns)
    built = sa.Table(table.database_name, metadata, *columns, schema=table.db_schema)
    for index in table.indexes:
        _add_index(built, table, index)
    for key in table.foreign_keys:
        built.append_constraint(_several_columns(key, table, design))
    for column in table.columns:
        for name, condition in conditions_of(column):
            built.append_constraint(sa.CheckConstraint(sql_text(condition), name=name))
    for each in table.checks:
        built.append_constraint(sa.CheckConstraint(sql_text(each.expression), name=sa.schema.conv(each.name)))
    if design.holds_types:
        for _, name, condition in type_constraints(table):
            check = sa.CheckConstraint(sql_text(condition), name=name, info={DIALECT: "sqlite"})
            built.append_constraint(check.ddl_if(dialect="sqlite"))
    return built


def _column(column: Column, table: Table, design: Design) -> sa.Column[Any]:
    arguments: list[Any] = []
    if column.references is not None:
        arguments.append(_foreign_key(column, column.references, design))
    if column.computed is not None:
        arguments.append(sa.Computed(sql_text(column.computed.expression), persisted=column.computed.is_stored))
    return sa.Column(
        column.database_name,
        _type(column),
        *arguments,
        primary_key=column.is_primary_key,
        nullable=not column.is_not_null,
        unique=True if column.is_unique else None,
        index=True if (column.is_indexed or column.references is not None) and not column.is_unique else None,
        server_default=_server_default(column),
    )


def _foreign_key(column: Column, reference: Reference, design: Design) -> sa.ForeignKey:
    target = design.table(reference.table)
    to = f"{target.full_name}.{target.column(reference.column).database_name}"
    return sa.ForeignKey(to, ondelete=_ON_DELETE[column.on_delete], onupdate=_ON_DELETE[reference.on_update])


def _several_columns(key: ForeignKey, table: Table, design: Design) -> sa.ForeignKeyConstraint:
    target = design.table(key.table)
    return sa.ForeignKeyConstraint(
        [table.column(name).database_name for name in key.columns],
        [f"{target.full_name}.{target.column(name).database_name}" for name in key.to_columns],
        name=None if key.name is None else sa.schema.conv(key.name),
        ondelete=_ON_DELETE[key.on_delete or OnDelete.RESTRICT],
        onupdate=_ON_DELETE[key.on_update],
        # What makes the referenced columns unique may be an index, which follows its table.
        use_alter=target is table,
        info={OF_TABLE: True},
    )


def _type(column: Column) -> sa.types.TypeEngine[Any]:
    type_, own = _portable_type(column), postgres_type(column)
    return type_ if own is None else type_.with_variant(own, "postgresql")


def _portable_type(column: Column) -> sa.types.TypeEngine[Any]:
    match column.type:
        case ColumnType.STRING:
            return sa.String(column.stored_limits[1])
        case ColumnType.ENUM:
            return sa.String(max(map(len, column.enum_values)))
        case ColumnType.DECIMAL:
            return numeric(column.precision, column.scale)
        case ColumnType.DATE_TIME:
            return UtcDateTime
        case ColumnType.BIG_INT if column.counts_up:
            return RowNumber
        case _:
            return _PLAIN_TYPES[column.type]()


_PLAIN_TYPES: dict[ColumnType, type[sa.types.TypeEngine[Any]]] = {
    ColumnType.TEXT: sa.Text,
    ColumnType.INT: sa.Integer,
    ColumnType.BIG_INT: sa.BigInteger,
    ColumnType.FLOAT: sa.Double,
    ColumnType.BOOLEAN: sa.Boolean,
    ColumnType.DATE: sa.Date,
    ColumnType.TIME: sa.Time,
    ColumnType.JSON: sa.JSON,
    ColumnType.BYTES: sa.LargeBinary,
    ColumnType.UUID: sa.Uuid,
}


def _server_default(column: Column) -> Any:
    """The literal default, so that rows which others insert, or which were there before the column, have it too."""
    value = column.default_value
    if value is None or isinstance(value, DefaultFunction) or column.type is ColumnType.BYTES:
        # No two databases write bytes alike.
        return None
    if isinstance(value, bool):
        return sa.true() if value else sa.false()
    if column.type is ColumnType.DATE_TIME:
        return datetime.fromisoformat(str(value)).astimezone(UTC).isoformat(" ")
    if column.type is ColumnType.UUID:
        return UUID(str(value)).hex
    return str(value)


def _add_index(built: sa.Table, table: Table, index: Index) -> None:
    names = [table.column(name).database_name for name in index.columns]
    where = None if index.where is None else sql_text(index.where)
    name = table.index_name(index)
    sa.Index(name, *(built.c[n] for n in names), unique=index.is_unique, sqlite_where=where, postgresql_where=where)
