"""What holds for any design on PostgreSQL: changes there and back with rows and schemas, and what an import gives."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.migrations.apps import App
from tests.migrations.designs import designs, is_valid
from tests.migrations.test_properties import Raw, there_and_back
from tests.services import postgres

pytestmark = pytest.mark.extra
_DOZENS = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


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
