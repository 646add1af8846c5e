"""The models of the sample are the tables of its design."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex

from gatewright.storage.schema import Schema
from tests.crud.conftest import sample_design
from tests.crud.sample.generated import routers
from tests.crud.sample.generated.base import Base

pytestmark = pytest.mark.both_databases

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call]
TABLES = sorted(table.database_name for table in sample_design().tables)


def _shape(table: sa.Table, dialect: sa.Dialect) -> dict[str, Any]:
    compiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
    constraints = (c for c in table.constraints if not isinstance(c, sa.CheckConstraint))
    return {
        "columns": [compiler.get_column_specification(column) for column in table.columns],
        "constraints": sorted(filter(None, (compiler.process(c) for c in constraints))),
        "indexes": sorted(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes),
    }


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("table", TABLES)
def test_a_model_is_the_table_that_the_design_makes(table: str, dialect: str) -> None:
    """Columns, types, nullability, defaults, keys, references and indexes, by name and in their order."""
    assert routers.router.routes
    designed = Schema(sample_design()).metadata.tables[table]
    assert _shape(Base.metadata.tables[table], DIALECTS[dialect]) == _shape(designed, DIALECTS[dialect])


def test_there_is_a_model_for_every_table() -> None:
    """And no other."""
    assert sorted(Base.metadata.tables) == TABLES
