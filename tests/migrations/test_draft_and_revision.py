"""One description of a change is made by a draft, and written into a revision: both lead to the same database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.migrations.apps import App


def table(name: str, *columns: dict[str, Any]) -> dict[str, Any]:
    key = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
    return {"name": name, "columns": [key, *columns]}


VALUES: dict[str, Any] = {
    "Int": 3,
    "BigInt": 4,
    "Float": 1.5,
    "Json": '{"a": 1}',
    "Bytes": "aGk=",
    "Uuid": "00000000-0000-4000-8000-000000000000",
    "DateTime": "2026-01-31T12:00:00+01:00",
    "Date": "2026-01-31",
    "Time": "12:00:00",
    "String": "it's",
    "Text": '"text"',
    "Boolean": True,
    "Decimal": "1.5",
}
FUNCTIONS = {"a": ("String", "cuid()"), "b": ("String", "ulid()"), "c": ("Uuid", "uuid()"), "d": ("String", "uuid7()")}
OPTIONAL = [{"name": f"a{kind}", "type": kind} for kind in VALUES]
REQUIRED = [{"name": f"a{kind}", "type": kind, "isRequired": True, "defaultValue": VALUES[kind]} for kind in VALUES]
ADDED = [{"name": f"b{kind}", "type": kind, "isRequired": True, "defaultValue": VALUES[kind]} for kind in VALUES]
KEYS = [{"name": n, "type": t, "isRequired": True, "defaultValue": value} for n, (t, value) in FUNCTIONS.items()]
MOMENTS = [
    {"name": f"now{kind}", "type": kind, "isRequired": True, "defaultValue": "now()"}
    for kind in ("DateTime", "Date", "Time")
]


def refers(name: str, to: str, column: str = "id") -> dict[str, Any]:
    return {"name": name, "type": "String", "references": {"table": to, "column": column}}


CHANGES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "columns that become required": ([table("Alpha", *OPTIONAL)], [table("Alpha", *REQUIRED)]),
    "required columns": ([table("Alpha")], [table("Alpha", *ADDED)]),
    "keys and moments": ([table("Alpha")], [table("Alpha", *KEYS, *MOMENTS)]),
    "tables that refer to each other": (
        [table("Alpha")],
        [table("Alpha", refers("betaId", "Beta")), table("Beta", refers("alphaId", "Alpha"))],
    ),
    "a reference to what becomes unique": (
        [table("Alpha", {"name": "code", "type": "String"})],
        [
            table("Alpha", {"name": "code", "type": "String", "isUnique": True}),
            table("Beta", refers("alphaCode", "Alpha", "code")),
        ],
    ),
    "what goes": (
        [table("Alpha", refers("betaId", "Beta"), *OPTIONAL), table("Beta", refers("alphaId", "Alpha"))],
        [table("Alpha")],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_draft_and_its_revision_make_the_same_database(sqlite_app: App, tmp_path: Path, change: str) -> None:
    """The same columns and constraints, and rows with the same values; keys and moments have the same form."""
    other = App(tmp_path / "other", f"sqlite:///{tmp_path}/other.db")
    other.folder.mkdir()
    before, after = CHANGES[change]
    for app in (sqlite_app, other):
        app.write(*before)
        app.make("before")
        await app.apply()
        await app.run("INSERT INTO alphas (id) VALUES ('one')")
        app.write(*after)
    assert (await sqlite_app.draft(allow_data_loss=True)).is_changed
    other.make("after", allow_data_loss=True)
    await other.apply()
    assert await tables_of(sqlite_app) == await tables_of(other)
    assert await rows_of(sqlite_app, change) == await rows_of(other, change)
    assert await sqlite_app.drift() == []


async def tables_of(app: App) -> list[tuple[str, list[str]]]:
    """The lines of each statement; Alembic gives the constraints of a table that it rebuilds no order."""
    rows = await app.rows("SELECT name, sql FROM sqlite_master ORDER BY name")
    return [(name, sorted(line.rstrip(", ") for line in str(sql).splitlines())) for name, sql in rows]


async def rows_of(app: App, change: str) -> list[list[str]]:
    rows = [list(map(str, row)) for row in await app.rows("SELECT * FROM alphas")]
    is_random = change == "keys and moments"
    return [[re.sub("[0-9A-Fa-f]", "x", value) if is_random else value for value in row] for row in rows]
