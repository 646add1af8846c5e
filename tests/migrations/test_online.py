"""`migrate apply --online`: others go on writing, and a run that is ended in the middle is finished by the next."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gatewright.errors import SetupError
from gatewright.storage.dialects import postgresql_online
from tests.migrations.apps import App
from tests.migrations.test_changes import ID, as_made_at_once, structure

TAG = {"name": "Tag", "columns": [ID]}
POST: dict[str, Any] = {"name": "Post", "columns": [ID, {"name": "title", "type": "String"}]}
INDEXED = {**POST, "columns": [ID, {"name": "title", "type": "String", "isIndexed": True}]}
LARGER: dict[str, Any] = {
    "name": "Post",
    "columns": [
        ID,
        {"name": "title", "type": "String", "isIndexed": True, "maxLength": 20},
        {"name": "tagId", "type": "String", "references": "Tag"},
        {"name": "rank", "type": "Int", "minValue": 0},
    ],
    "indexes": [{"columns": ["rank", "title"]}],
    "checks": [{"name": "no: spam", "expression": "title <> 'spam'"}],
}
PATIENCE_SECONDS = 60.0


@pytest.fixture
async def postgres_app(tmp_path: Path, postgres_url: str) -> App:
    """Posts with two rows."""
    app = App(tmp_path, postgres_url)
    app.write(POST, TAG)
    app.make("start")
    await app.apply()
    await app.run("INSERT INTO posts (id, title) VALUES ('a', 'one'), ('b', 'two')")
    return app


async def left(app: App) -> int:
    found = await app.rows("SELECT count(*) FROM gatewright_migration_steps")
    return int(found[0][0])


async def unfinished(app: App) -> list[str]:
    """The constraints and indexes that are there and not valid."""
    constraints = await app.rows("SELECT conname FROM pg_constraint WHERE NOT convalidated")
    indexes = await app.rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    return sorted(name for (name,) in [*constraints, *indexes])


async def test_it_makes_what_apply_makes(postgres_app: App) -> None:
    """Indexes, references and checks included; the drift is none, and no step is left."""
    postgres_app.write(LARGER, {**TAG, "columns": [ID, {"name": "name", "type": "String", "isUnique": True}]})
    postgres_app.make("more", allow_data_loss=True)
    await postgres_app.apply(online=True)
    assert await postgres_app.read(structure) == await as_made_at_once(postgres_app)
    assert await postgres_app.drift() == []
    assert await unfinished(postgres_app) == []
    assert await left(postgres_app) == 0
    assert await postgres_app.apply(online=True) == []


async def test_a_run_that_is_ended_is_finished_by_the_next(postgres_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each step: constraints wait as NOT VALID, and an index that was half made is made again."""
    do = postgresql_online._do
    tried: set[str] = set()

    async def ended_once(connection: Any, index: str | None, statement: str) -> None:
        if statement in tried:
            return await do(connection, index, statement)
        tried.add(statement)
        if index is not None:
            # One that fails in the middle leaves what a killed one does.
            unique = re.sub(r"\(.*\)$", "(title)", statement.replace("INDEX", "UNIQUE INDEX", 1))
            with pytest.raises(DBAPIError, match="could not create unique index"):
                await connection.exec_driver_sql(unique)
        raise asyncio.CancelledError

    monkeypatch.setattr(postgresql_online, "_do", ended_once)
    await postgres_app.run("UPDATE posts SET title = 'one'")
    postgres_app.write(LARGER, TAG)
    postgres_app.make("more", allow_data_loss=True)
    seen: list[tuple[int, list[str]]] = []
    while len(seen) < 20:
        try:
            await postgres_app.apply(online=True)
            break
        except asyncio.CancelledError:
            seen.append((await left(postgres_app), await unfinished(postgres_app)))
    assert [number for number, _ in seen] == [7, 6, 5, 4, 3, 2, 1]
    assert "no: spam" in seen[0][1]
    assert any(name.startswith("ix_posts_") for _, names in seen for name in names)
    assert await unfinished(postgres_app) == []
    assert await postgres_app.drift() == []


async def test_others_write_while_an_index_is_built(postgres_app: App) -> None:
    """Where CREATE INDEX would wait for a transaction that has written, and all writers behind it."""
    postgres_app.write(INDEXED, TAG)
    postgres_app.make("index")
    other = await asyncpg.connect(postgres_app.url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("INSERT INTO posts (id, title) VALUES ('c', 'three')")
    run = asyncio.create_task(postgres_app.apply(online=True))
    await _waits_for("CREATE INDEX CONCURRENTLY", postgres_app)
    await postgres_app.run("INSERT INTO posts (id, title) VALUES ('d', 'four')")
    await transaction.commit()
    await asyncio.wait_for(run, PATIENCE_SECONDS)
    await other.close()
    assert await unfinished(postgres_app) == []
    assert await postgres_app.drift() == []


async def _waits_for(words: str, app: App) -> None:
    found = f"SELECT 1 FROM pg_stat_activity WHERE query LIKE '{words}%' AND wait_event_type = 'Lock'"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await app.rows(found):
            pass


async def test_the_steps_are_done_by_one_at_a_time(postgres_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes later waits for the lease to end, and takes over when its holder is gone."""
    do = postgresql_online._do

    async def ended(*_: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(postgresql_online, "_do", ended)
    # A process that is killed does not give its lease back.
    monkeypatch.setattr(postgresql_online, "_RELEASE", text("SELECT :holder"))
    postgres_app.write(INDEXED, TAG)
    postgres_app.make("index")
    with pytest.raises(asyncio.CancelledError):
        await postgres_app.apply(online=True)
    postgres_app.write(INDEXED, {**TAG, "columns": [ID, {"name": "name", "type": "String"}]})
    postgres_app.make("more")
    with pytest.raises(SetupError, match=r"not finished. Run: gatewright migrate apply --online$"):
        await postgres_app.apply()
    monkeypatch.setattr(postgresql_online, "_do", do)
    later = asyncio.create_task(postgres_app.apply(online=True))
    await asyncio.wait([later], timeout=1.0)
    assert not later.done()
    assert await left(postgres_app) == 1
    await postgres_app.run("UPDATE gatewright_migration_lock SET expires_at = clock_timestamp()")
    await asyncio.wait_for(later, PATIENCE_SECONDS)
    assert await left(postgres_app) == 0
    assert await unfinished(postgres_app) == []


async def test_rows_that_prevent_a_step_are_named_and_the_rest_is_kept(postgres_app: App) -> None:
    """A reference to a row that is missing; the next run goes on from there."""
    linked = {**POST, "columns": [ID, {"name": "title", "type": "String", "references": "Tag"}]}
    postgres_app.write(linked, TAG)
    postgres_app.make("link", allow_data_loss=True)
    with pytest.raises(SetupError, match=r"fk_posts_title failed: .*, and run: gatewright migrate apply --online$"):
        await postgres_app.apply(online=True)
    assert await unfinished(postgres_app) == ["fk_posts_title"]
    await postgres_app.run("INSERT INTO tags (id) VALUES ('one'), ('two')")
    await postgres_app.apply(online=True)
    assert await unfinished(postgres_app) == []


async def test_a_table_that_changes_again_in_the_same_run_is_refused(postgres_app: App) -> None:
    """Its index could not be made afterwards. Nothing changes, and `migrate apply` does both."""
    postgres_app.write(INDEXED, TAG)
    postgres_app.make("index")
    postgres_app.write({**INDEXED, "name": "Article", "renamedFrom": "Post"}, TAG)
    postgres_app.make("rename")
    with pytest.raises(SetupError):
        await postgres_app.apply(online=True)
    assert "posts" in await postgres_app.tables()
    await postgres_app.apply()
    assert await postgres_app.drift() == []


async def test_sqlite_has_no_such_migrations(sqlite_app: App) -> None:
    """The message says what to run."""
    sqlite_app.write(POST)
    sqlite_app.make("start")
    with pytest.raises(SetupError, match=r"PostgreSQL only, .*Run: gatewright migrate apply$"):
        await sqlite_app.apply(online=True)
    assert await sqlite_app.tables() == set()
