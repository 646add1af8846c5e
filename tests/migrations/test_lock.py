"""The lock of migrations: tried again and again, never waited for in a statement."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from gatewright.errors import SetupError
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import histories_of
from gatewright.storage import migration_lock
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.migration_lock import MigrationWait
from gatewright.storage.schema import Schema
from tests.migrations.apps import App, post

LOCK = 7449363237792016743
"""What every version of Gatewright has locked, and every `env.py` that it wrote."""

CONCURRENT_INDEX = """
    import asyncio, asyncpg
    from sqlalchemy.util import await_only

    async def build():
        connection = await asyncpg.connect({url!r})
        try:
            await connection.execute("CREATE INDEX CONCURRENTLY by_title ON posts (title)", timeout=20)
        finally:
            await connection.close()

    # What it read last would hold a snapshot of its own.
    op.execute("SET LOCAL lock_timeout = '30s'")
    await_only(build())
"""
"""In a migration: an index is built on a second connection, while the migration has the lock and others want it."""


@pytest.fixture
def postgres_app(tmp_path: Path, postgres_url: str) -> App:
    made = App(tmp_path, postgres_url)
    made.write(post())
    made.make("start")
    return made


def opened(app: App, *, lock_seconds: float = 60.0) -> Database:
    return open_database(app.url, Schema(app.design), lock_seconds=lock_seconds)


async def test_an_index_is_built_concurrently_while_nine_workers_wait(postgres_app: App) -> None:
    """A statement that waits holds a snapshot, for which the index would wait, and the ten would wait for ever."""
    await postgres_app.apply()
    postgres_app.write(post({"name": "views", "type": "Int"}))
    script = postgres_app.make("views")
    assert script is not None
    indented = CONCURRENT_INDEX.format(url=postgres_app.url)
    script.write_text(script.read_text().replace("def upgrade() -> None:\n", f"def upgrade() -> None:{indented}"))

    histories = histories_of(postgres_app.folder)
    crowd = await asyncio.gather(*(apply_all(opened(postgres_app), histories) for _ in range(10)))
    assert sorted(len(applied) for applied in crowd) == [0] * 9 + [1]
    assert ("by_title",) in await postgres_app.rows("SELECT indexname::text FROM pg_indexes")


async def test_a_migration_that_postgresql_refuses_the_lock_gives_up_and_names_the_holder(postgres_app: App) -> None:
    """The lock may be a former version's, left on a pooler's connection: how to free it is in the message."""
    async with locked(postgres_app.url) as process:
        with pytest.raises(
            SetupError, match=rf"another migration \(pid {process}\).*pg_terminate_backend\({process}\)"
        ):
            await apply_all(opened(postgres_app, lock_seconds=0), histories_of(postgres_app.folder))
    assert await apply_all(opened(postgres_app, lock_seconds=0), histories_of(postgres_app.folder))


async def test_waiting_for_the_lock_of_postgresql_ends_when_it_is_free(
    postgres_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is open meanwhile: no statement, no transaction."""
    refused = asyncio.Event()
    monkeypatch.setattr(migration_lock.MigrationWait, "go_on", lambda *_: refused.set())
    async with locked(postgres_app.url):
        waiting = asyncio.create_task(apply_all(opened(postgres_app), histories_of(postgres_app.folder)))
        await refused.wait()
        # Between two tries; what is looked at are the server's other connections to this database.
        states = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
        assert await postgres_app.rows(f"{states} AND pid <> pg_backend_pid() AND query LIKE '%pg_locks%'") == []
    assert await waiting


async def test_a_migration_that_sqlite_refuses_the_lock_gives_up(sqlite_app: App) -> None:
    """With the setting that says for how long, instead of two silent minutes."""
    sqlite_app.make("start")
    with writing(sqlite_app), pytest.raises(SetupError, match=r"another migration.*MIGRATION_LOCK_TIMEOUT"):
        await apply_all(opened(sqlite_app, lock_seconds=0), histories_of(sqlite_app.folder))
    assert await apply_all(opened(sqlite_app), histories_of(sqlite_app.folder))


def test_waiting_is_announced_once_after_two_seconds_and_has_an_end(caplog: pytest.LogCaptureFixture) -> None:
    """Short waits are usual when workers start together, and are not worth a line."""
    now = 0.0
    wait = MigrationWait(300.0, lambda: now)

    def refused_at(seconds: float) -> list[tuple[str, int, str]]:
        nonlocal now
        now = seconds
        wait.go_on("another migration (pid 4711)", "")
        return caplog.record_tuples

    line = ("gatewright.migrations", logging.WARNING, "waiting for another migration (pid 4711)")
    assert refused_at(1.9) == []
    assert refused_at(2.0) == refused_at(299.9) == [line]
    with pytest.raises(SetupError, match="300 seconds"):
        refused_at(300.0)


async def test_a_script_that_would_end_the_transaction_is_refused_in_words(app: App) -> None:
    """The lock would end with it, and a second worker run the same script; Alembic says nothing but AssertionError."""
    script = app.make("start")
    assert script is not None
    step = "    with op.get_context().autocommit_block():\n        op.execute('SELECT 1')\n"
    script.write_text(script.read_text().replace("def upgrade() -> None:\n", f"def upgrade() -> None:\n{step}"))
    with pytest.raises(SetupError, match=r"start\.py failed, and the database is as it was: .*autocommit_block"):
        await app.apply()
    assert await app.tables() == set()


async def test_alembics_own_command_takes_the_lock_as_gatewright_does(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same limit, and the same words when it is over; without a traceback, and with exit status 1."""
    app.make("start")
    monkeypatch.setenv("GATEWRIGHT_MIGRATION_LOCK_TIMEOUT", "0s")
    if app.url.startswith("sqlite:"):
        with writing(app):
            refused = await upgraded(app, monkeypatch)
    else:
        async with locked(app.url):
            refused = await upgraded(app, monkeypatch)
    assert str(refused).startswith("error: Gave up waiting for another migration")
    assert "after 0 seconds (MIGRATION_LOCK_TIMEOUT)" in str(refused)


async def test_alembics_own_command_reads_the_url_as_gatewright_does(
    sqlite_app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Percent-encoded, with a parameter: one file is made, and it is the one that every command looks for."""
    sqlite_app.make("start")
    sqlite_app.url = f"sqlite:///{tmp_path}/my%20shop.db?timeout=20"
    assert await upgraded(sqlite_app, monkeypatch) is None
    files = sorted(path.name for path in tmp_path.glob("*.db*"))
    assert files == ["gatewright.db", "my shop.db"]
    assert [each.history.name for each in await sqlite_app.apply()] == ["kernel"]
    assert sorted(path.name for path in tmp_path.glob("*.db*") if not path.name.endswith(("-wal", "-shm"))) == files


async def upgraded(app: App, monkeypatch: pytest.MonkeyPatch) -> object:
    """What `alembic upgrade head` in the app's folder exits with; None when it is done."""
    monkeypatch.chdir(app.folder)
    monkeypatch.setenv("DATABASE_URL", app.url)

    def upgrade() -> object:
        try:
            command.upgrade(Config("alembic.ini"), "head")
        except SystemExit as end:
            return end.code
        return None

    return await asyncio.to_thread(upgrade)


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[int]:
    """Another migration has the lock: the process of its connection."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({LOCK})")
        yield connection.get_server_pid()
    finally:
        await connection.close()


@contextmanager
def writing(app: App) -> Iterator[None]:
    """Another process writes to the SQLite file."""
    connection = sqlite3.connect(app.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()
