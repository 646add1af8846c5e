"""`dbType`: which types of the database fit a column."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

from gatewright.design.document import Column
from gatewright.storage.database_types import postgres_type
from tests.design.documents import column, design, problems_of, table

FITTING = [
    ("String", "varchar(40)", "VARCHAR(40)"),
    ("String", "Character Varying (40)", "VARCHAR(40)"),
    ("Text", "citext", "CITEXT"),
    ("Enum", "text", "TEXT"),
    ("String", "inet", "inet"),
    ("String", "text[]", "text[]"),
    ("Int", "smallint", "SMALLINT"),
    ("Decimal", "numeric(9, 3)", "NUMERIC(9, 3)"),
    ("DateTime", "timestamp(3) with time zone", "TIMESTAMP(3) WITH TIME ZONE"),
    ("Time", "time(0)", "TIME(0) WITHOUT TIME ZONE"),
    ("Json", "jsonb", "JSONB"),
]


def _column(kind: str, own: str) -> dict[str, Any]:
    return column("x", kind, dbType=own, **({"enumValues": ["a"]} if kind == "Enum" else {}))


@pytest.mark.parametrize(("kind", "own", "sql"), FITTING)
def test_a_type_that_fits_is_what_postgresql_gets(kind: str, own: str, sql: str) -> None:
    """In whatever way it is written."""
    type_ = postgres_type(design(table("Post", _column(kind, own))).table("Post").column("x"))
    assert type_ is not None
    assert type_.compile(dialect=asyncpg.dialect()) == sql  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("kind", "own", "fitting"),
    [
        ("Int", "text", "integer, int, int4, smallint, int2, bigint, int8"),
        ("DateTime", "timestamp", "timestamp with time zone, timestamptz"),
        ("Uuid", "char(36)", "uuid"),
        ("Json", "text[]", "jsonb, json"),
    ],
)
def test_a_type_that_holds_other_values_is_refused(kind: str, own: str, fitting: str) -> None:
    """The driver would take or give something else, such as moments without a time zone."""
    (problem,) = problems_of(table("Post", _column(kind, own)))
    assert problem == (
        f"tables[0].columns[1].dbType: a {kind} is {fitting} in PostgreSQL; choose one of these, or the type String"
    )


def test_a_key_that_counts_up_has_its_own_type() -> None:
    """What counts up is the database's business."""
    key = {"name": "id", "type": "Int", "isPrimaryKey": True, "defaultValue": "autoincrement()", "dbType": "bigint"}
    (problem,) = problems_of({"name": "Post", "columns": [key]})
    assert "leave dbType out" in problem


def test_sqlite_has_no_such_types() -> None:
    """Its columns take their type's usual form, since a name that SQLite does not know changes what it stores."""
    from gatewright.storage.schema import Schema

    built = Schema(design(table("Post", column("x", "String", dbType="money"))))["Post"]
    assert isinstance(built.c.x.type.dialect_impl(sa.create_engine("sqlite://").dialect), sa.String)
    assert postgres_type(Column(name="x", type=design(table("Post")).table("Post").column("id").type)) is None
