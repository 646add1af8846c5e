"""The types of PostgreSQL that a design names by `dbType`. SQLite has no such types: its columns stay as they are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, UserDefinedType

from gatewright.design.checks.database_types import parse_database_type
from gatewright.design.document import Column, ColumnType

_Type = type[sa.types.TypeEngine[Any]]

_CLASSES: dict[str, _Type] = {
    **dict.fromkeys(("varchar", "character varying"), sa.String),
    **dict.fromkeys(("char", "character", "bpchar"), sa.CHAR),
    "text": sa.Text,
    "citext": postgresql.CITEXT,
    **dict.fromkeys(("smallint", "int2"), sa.SmallInteger),
    **dict.fromkeys(("integer", "int", "int4"), sa.Integer),
    **dict.fromkeys(("bigint", "int8"), sa.BigInteger),
    **dict.fromkeys(("real", "float4"), sa.REAL),
    **dict.fromkeys(("double precision", "float8"), sa.Double),
    **dict.fromkeys(("boolean", "bool"), sa.Boolean),
    "date": sa.Date,
    "json": sa.JSON,
    "jsonb": postgresql.JSONB,
    "bytea": sa.LargeBinary,
    "uuid": sa.Uuid,
}
_SIZED = (sa.String, sa.CHAR)
_TEXTS = (ColumnType.STRING, ColumnType.TEXT, ColumnType.ENUM)


class _Named(UserDefinedType[str]):
    """A type of PostgreSQL by its name."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class PostgresText(TypeDecorator[str]):
    """A type of PostgreSQL whose values come and go as texts: `PostgresText("inet")`.

    Drivers have their own classes for such values; the database itself translates from text and back.

    Args:
        name: The type's name, as in CREATE TABLE.
    """

    impl = _Named
    cache_ok = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def bind_expression(self, bindparam: sa.BindParameter[str]) -> sa.ColumnElement[Any]:
        """A value on its way to the database."""
        return sa.cast(sa.cast(bindparam, sa.Text), _Named(self.name))

    def column_expression(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
        """A value on its way from the database."""
        return sa.cast(column, sa.Text)

    class Comparator(TypeDecorator.Comparator[str]):
        """Comparisons, searches and sorting by the text."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            """The comparison *op* of the text with *other*."""
            return op(sa.cast(self.expr, sa.Text), *other, **kwargs)

    comparator_factory = Comparator


def postgres_type(column: Column) -> sa.types.TypeEngine[Any] | None:
    """What *column* is in PostgreSQL where its design says so; None where it does not."""
    if column.db_type is None:
        return None
    name, numbers = parse_database_type(column.db_type)
    if name in ("numeric", "decimal") and column.type is ColumnType.DECIMAL:
        return sa.Numeric(*numbers[:2])  # type: ignore[call-overload, no-any-return]
    if column.type is ColumnType.DATE_TIME:
        return postgresql.TIMESTAMP(timezone=True, precision=numbers[0] if numbers else None)
    if column.type is ColumnType.TIME:
        return postgresql.TIME(precision=numbers[0] if numbers else None)
    found = _CLASSES.get(name)
    if found is None or (column.type in _TEXTS and not issubclass(found, sa.String)):
        return PostgresText(column.db_type)
    return found(*numbers[:1]) if found in _SIZED else found()  # type: ignore[arg-type]


def has_form_of_database(column: Column) -> bool:
    """Whether the database takes only texts of a certain form, as for `inet`."""
    return isinstance(postgres_type(column), PostgresText)
