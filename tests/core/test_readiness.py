"""Readiness tries a write, rarely, and remembers what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gatewright.core.engine_tables import built_in_design
from gatewright.core.limits.database import remove_expired
from gatewright.core.readiness import TRY_SECONDS, Readiness
from gatewright.errors import Unavailable
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from gatewright.testing import FakeClock
from tests.conftest import make_settings

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def db(migrated_url: str) -> AsyncIterator[Database]:
    database = open_database(migrated_url, Schema(built_in_design()))
    await database.start()
    yield database
    await database.stop()


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_write_is_tried_at_most_once_in_five_seconds(db: Database) -> None:
    """However many ask, and also when they ask at the same moment."""
    statements: list[str] = []
    db.observers.append(statements.append)
    seconds = Seconds()
    readiness = Readiness(db, FakeClock(), monotonic=seconds)
    assert await asyncio.gather(*(readiness.can_write() for _ in range(20))) == [True] * 20
    seconds.now += TRY_SECONDS - 0.001
    assert await readiness.can_write()
    assert len(statements) == 1
    seconds.now += 0.001
    assert await readiness.can_write()
    assert len(statements) == 2


async def test_an_outcome_counts_for_five_seconds_whichever_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that takes writes again is found by the next try, and not before."""
    seconds = Seconds()
    readiness = Readiness(db, FakeClock(), monotonic=seconds)

    async def refuse(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(db, "write", refuse)
        assert not await readiness.can_write()
    assert not await readiness.can_write()
    seconds.now += TRY_SECONDS
    assert await readiness.can_write()


async def test_housekeeping_removes_the_row_of_a_worker_that_ended(db: Database, migrated_url: str) -> None:
    """A worker that is restarted leaves nothing behind for good."""
    clock = FakeClock()
    await Readiness(db, clock).can_write()
    clock.advance(61)
    assert await db.write(lambda tx: remove_expired(tx, clock.now(), make_settings(migrated_url))) == 1
