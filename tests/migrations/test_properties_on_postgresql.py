"""What holds for any design on PostgreSQL: changes there and back with rows and schemas, and what an import gives."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.design.document import Design
from gatewright.design.reading import design_of
from gatewright.design.writing import write_design
from gatewright.storage.creation import export_sql
from gatewright.storage.dialects.postgresql_import import read_database
from tests.migrations.apps import App
from tests.migrations.designs import designs, is_valid
from tests.migrations.test_properties import Raw, there_and_back
from tests.services import postgres

pytestmark = pytest.mark.extra
_DOZENS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def placed(draw: st.DrawFn) -> Raw:
    """A design whose tables may be in schemas."""
    schemas = st.sampled_from([None, None, "sales", "Odd schema %s:x"])
    tables = [{**table, **({"dbSchema": name} if (name := draw(schemas)) else {})} for table in draw(designs())]
    is_valid(tables)
    return tables


def _without_soft_deletion(raw: Raw) -> Raw:
    """A database does not say that a table keeps its deleted rows."""
    return [{key: value for key, value in table.items() if key != "softDelete"} for table in raw]


@contextmanager
def database(service: str) -> Iterator[str]:
    """An empty database."""
    url = postgres.create_database(service)
    try:
        yield url
    finally:
        postgres.drop_database(service, url)


@_DOZENS
@given(placed(), placed())
def test_any_design_becomes_any_other_and_goes_back(postgres_service: str, before: Raw, after: Raw) -> None:
    """No drift, the structure of the design made at once, and the rows of what stays, whatever schema it moves to."""
    with tempfile.TemporaryDirectory() as folder, database(postgres_service) as url:
        asyncio.run(there_and_back(App(Path(folder), url), before, after))


@_DOZENS
@given(placed().filter(bool))
def test_what_a_database_gives_makes_the_same_database(postgres_service: str, raw: Raw) -> None:
    """Its design, made in another database and imported from there, is the same to the letter."""
    design = design_of({"tables": _without_soft_deletion(raw)})
    first = _through_database(postgres_service, design)
    assert write_design(_through_database(postgres_service, first)) == write_design(first)


def _through_database(service: str, design: Design) -> Design:
    with database(service) as url:
        asyncio.run(_execute(url, export_sql(design, "postgresql").text))
        imported = read_database(url, design)
    assert imported.notes == ()
    tables = {table.name: table for table in design_of(imported.raw).tables}
    return replace(design, tables=tuple(tables[table.name] for table in design.tables))


async def _execute(url: str, sql: str) -> None:
    connection: Any = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
