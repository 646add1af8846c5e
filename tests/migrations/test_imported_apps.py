"""Databases that nobody designed for Gatewright become apps, with code and migrations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.generator.run import generate
from tests.design.importers.test_shapes import SHAPES, read
from tests.migrations.apps import App


@pytest.mark.extra
@pytest.mark.both_databases
@pytest.mark.parametrize("name", SHAPES)
async def test_it_becomes_an_app_with_its_database(app: App, name: str) -> None:
    """Code is generated, and the migrations make what the design says."""
    tables: Any = read(name).raw
    (app.folder / "db.design.json").write_text(json.dumps({"tables": tables}), "utf-8")
    (app.folder / "app").mkdir()
    assert generate(app.folder, engine_tables).changes
    app.make("import")
    await app.apply()
    assert await app.drift() == []
