"""Hot statements that share a commit: together when they wait together, and each for itself in all else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Executable, bindparam, insert, select

from gatewright.core.engine_tables import built_in_design
from gatewright.errors import Unavailable
from gatewright.storage.database import Database, Transaction
from gatewright.storage.dialects import open_database, sqlite
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import Row
from gatewright.storage.schema import Schema

MOMENT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
EVENTS = "gatewright_audit_events"


def _build(schema: Schema) -> Executable:
    events = schema[EVENTS]
    names = ("id", "occurred_at", "event", "outcome", "details")
    row = {name: bindparam(name, type_=events.c[name].type) for name in names}
    return insert(events).values(row).returning(events.c.id)


ADD = HotStatement("add an event", _build, Row, shares_commits=True)


@pytest.fixture
async def db(sqlite_template_copy: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.05)
    database = open_database(f"sqlite:///{sqlite_template_copy}", Schema(built_in_design()))
    await database.start()
    yield database
    await database.stop()


async def add(db: Database, identifier: str) -> Row | None:
    return await db.fetch(ADD, id=identifier, occurred_at=MOMENT, event="x", outcome="success", details={})


async def stored(db: Database) -> list[str]:
    events = db.schema[EVENTS]
    rows = await db.read(lambda tx: tx.all(select(events.c.id).order_by(events.c.id)))
    return [row["id"] for row in rows]


@asynccontextmanager
async def busy_writer(db: Database) -> AsyncIterator[list[str]]:
    """The writer is at something else until the end of the block; what it does afterwards is listed."""
    is_busy, release, message = threading.Event(), threading.Event(), list[str]()

    def work(tx: Transaction) -> None:
        driver = tx.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        is_busy.set()
        release.wait(60)
        driver.set_trace_callback(message.append)

    writing = asyncio.create_task(db.write(work))
    await asyncio.to_thread(is_busy.wait, 60)
    try:
        yield message
    finally:
        release.set()
        await writing


async def waiting(db: Database, *identifiers: str) -> list[asyncio.Task[Row | None]]:
    """Calls that have come to the writer, in this order."""
    calls = [asyncio.create_task(add(db, identifier)) for identifier in identifiers]
    await asyncio.sleep(0)
    return calls


async def test_calls_that_wait_together_share_a_commit(db: Database) -> None:
    """And each gets its own row, once it is stored."""
    names = [f"event-{number:02}" for number in range(20)]
    async with busy_writer(db) as message:
        calls = await waiting(db, *names)
    rows = await asyncio.gather(*calls)
    assert [row and row["id"] for row in rows] == names
    assert [sql for sql in message if sql.startswith("BEGIN")] == ["BEGIN IMMEDIATE"]
    assert await stored(db) == names


async def test_a_call_that_is_refused_harms_no_other(db: Database) -> None:
    """Those before it and behind it are stored."""
    await add(db, "taken")
    async with busy_writer(db):
        calls = await waiting(db, "before", "taken", "behind")
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(ends[1], sqlite3.IntegrityError)
    assert [ends[0], ends[2]] == [{"id": "before"}, {"id": "behind"}]
    assert await stored(db) == ["before", "behind", "taken"]


async def test_a_caller_that_goes_away_takes_no_other_along(db: Database) -> None:
    """Whatever becomes of its own."""
    async with busy_writer(db):
        first, second, third = await waiting(db, "first", "second", "third")
        first.cancel()
        third.cancel()
    assert await second == {"id": "second"}
    assert "second" in await stored(db)


async def test_where_another_process_writes_all_of_them_are_told(db: Database, sqlite_template_copy: Path) -> None:
    """None is taken for stored that is not."""
    other = sqlite3.connect(sqlite_template_copy, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ends = await asyncio.gather(*(add(db, name) for name in ("one", "two", "three")), return_exceptions=True)
    assert [type(end) for end in ends] == [Unavailable] * 3
    other.execute("ROLLBACK")
    other.close()
    assert await stored(db) == []
    assert await add(db, "four") == {"id": "four"}
