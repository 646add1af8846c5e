"""What holds for any two designs: there and back, and the rows of what stays."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import inspect

from gatewright.storage.checks import quoted_name, quoted_table
from gatewright.storage.database import Transaction
from tests.migrations.apps import App
from tests.migrations.designs import designs, is_valid, values_of
from tests.migrations.test_changes import as_made_at_once, structure

Raw = list[dict[str, Any]]
_DOZEN = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
_HUNDREDS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@_DOZEN
@given(designs(), designs())
def test_any_design_becomes_any_other_and_goes_back(before: Raw, after: Raw) -> None:
    """No drift, the structure of the design made at once, and the values of columns that do not change."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(there_and_back(App(Path(folder), f"sqlite:///{folder}/x.db"), before, after))


@pytest.mark.extra
@_HUNDREDS
@given(designs(), designs())
def test_hundreds_of_designs_become_others_and_go_back(before: Raw, after: Raw) -> None:
    """As above."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(there_and_back(App(Path(folder), f"sqlite:///{folder}/x.db"), before, after))


async def there_and_back(app: App, before: Raw, after: Raw) -> None:
    """Make the tables of *before*, change them to *after* and take that back, with rows."""
    app.write(*before)
    app.make("before")
    await app.apply()
    first = await app.read(structure)
    await _insert(app, before)
    app.write(*after)
    changed = app.make("after", allow_data_loss=True)
    kept = await _kept(app, before, after)
    if changed is None:
        assert await app.drift() == []
        return
    await app.apply()
    assert await app.drift() == []
    assert await app.read(structure) == await as_made_at_once(app)
    assert await _kept(app, before, after) == kept
    await app.roll_back(allow_data_loss=True)
    assert await app.drift() == []
    assert await app.read(structure) == first
    assert await _kept(app, before, after) == kept


async def _insert(app: App, raw: Raw) -> None:
    design = is_valid(raw)
    for table in raw:
        designed = design.table(table["name"])
        filled = [(designed.column(each["name"]).database_name, values_of(each)) for each in table["columns"]]
        shown = [(quoted_name(name), values) for name, values in filled if values]
        names = ", ".join(name for name, _ in shown)
        for i in range(2):
            values = ", ".join(values[i] for _, values in shown)
            statement = f"INSERT INTO {quoted_table(designed.full_name)} ({names}) VALUES ({values})"
            await app.run(statement.replace(":", "\\:"))


async def _kept(app: App, before: Raw, after: Raw) -> dict[str, Any]:
    """The rows of tables that stay, in the columns that do not change."""
    there, found = await app.read(_tables), {}
    for table in before:
        other = next((each for each in after if each["name"] == table["name"]), None)
        if other is None:
            continue
        # A table may have another name in the database before and after.
        named = [is_valid(raw).table(table["name"]) for raw in (before, after)]
        here = next(each for each in named if each.full_name in there)
        same = [column["name"] for column in table["columns"] if column in other["columns"] and values_of(column)]
        columns = ", ".join(quoted_name(here.column(name).database_name) for name in same)
        rows = f"SELECT {columns} FROM {quoted_table(here.full_name)} ORDER BY id"
        found[table["name"]] = await app.rows(rows.replace(":", "\\:"))
    return found


def _tables(tx: Transaction) -> set[str]:
    """The tables in the database, with their schemas."""
    inspector = inspect(tx.connection)
    found = set(inspector.get_table_names())
    if tx.connection.dialect.name == "postgresql":
        found |= {f"{name}.{each}" for name in inspector.get_schema_names() for each in inspector.get_table_names(name)}
    return found
