"""`migrate sql`: the statements that `migrate apply` would run, for a person who runs them by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import asyncpg
import pytest

from gatewright.errors import SetupError
from gatewright.migrations.histories import histories_of
from gatewright.migrations.printed import pending_sql
from gatewright.migrations.status import read_standings
from tests.migrations.apps import App
from tests.migrations.test_changes import ID, as_made_at_once, structure

pytestmark = pytest.mark.both_databases

POST = {"name": "Post", "columns": [ID, {"name": "title", "type": "String"}]}
STATES = {"name": "state", "type": "Enum", "enumValues": ["it's: 50 %", ":b"], "defaultValue": ":b"}
CHANGED = {
    "name": "Article",
    "renamedFrom": "Post",
    "columns": [
        ID,
        {"name": "title", "type": "Int"},
        STATES,
        {"name": "at", "type": "DateTime", "isRequired": True},
        {"name": "authorId", "type": "String", "references": "User"},
    ],
}
FILLED = {"Article.at": "2026-01-31T12:00:00Z"}


async def printed(app: App) -> list[str]:
    return await app._with(lambda db: pending_sql(db, histories_of(app.folder)))


async def run_by_hand(app: App, statements: list[str]) -> None:
    """As psql and the sqlite3 shell run a file."""
    script = ";\n".join(statements) + ";"
    if app.url.startswith("sqlite"):
        with closing(sqlite3.connect(app.url.removeprefix("sqlite:///"), isolation_level=None)) as shell:
            shell.executescript(script)
    else:
        connection = await asyncpg.connect(app.url)
        await connection.execute(script)
        await connection.close()


async def is_current(app: App) -> bool:
    standings = await app._with(lambda db: read_standings(db, histories_of(app.folder)))
    return all(standing.is_current for standing in standings)


async def test_what_is_printed_does_what_apply_does(app: App) -> None:
    """In an empty database, and in one with rows: values, renames and conversions included."""
    app.write(POST)
    app.make("first")
    first = await printed(app)
    assert await app.tables() == set()
    await run_by_hand(app, first)
    assert await is_current(app)
    assert await printed(app) == []
    await app.run("INSERT INTO posts (id, title) VALUES ('a', '5')")
    app.write(CHANGED)
    app.make("second", allow_data_loss=True, defaults=FILLED)
    before = await app.read(structure)
    second = await printed(app)
    assert await app.read(structure) == before
    await run_by_hand(app, second)
    assert await is_current(app)
    assert await app.drift() == []
    assert await app.read(structure) == await as_made_at_once(app)
    assert await app.rows("SELECT id, title, state FROM articles") == [("a", 5, ":b")]
    assert [str(row.at) for row in await _articles(app)] == ["2026-01-31 12:00:00+00:00"]


async def _articles(app: App) -> list[Any]:
    return await app.read(lambda tx: list(tx.connection.execute(tx.schema["Article"].select())))


async def test_what_rows_prevent_is_said_and_nothing_changes(app: App) -> None:
    """As by `migrate apply`."""
    app.write(POST)
    app.make("first")
    await app.apply()
    await app.run("INSERT INTO posts (id, title) VALUES ('a', 'five')")
    app.write({**POST, "columns": [ID, {"name": "title", "type": "Int"}]})
    app.make("second", allow_data_loss=True)
    with pytest.raises(SetupError, match=r"\(1, such as id 'a'\)"):
        await printed(app)
    assert await app.rows("SELECT title FROM posts") == [("five",)]
    assert not await is_current(app)
