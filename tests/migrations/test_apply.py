"""Bringing databases up to date, alone and in a crowd."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gatewright.core.engine_tables import built_in_design
from gatewright.errors import SetupError
from gatewright.migrations import running
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import BUILT_IN, HISTORIES, History
from gatewright.migrations.status import check_current
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.migrations.processes import starting


def opened(url: str) -> Database:
    return open_database(url, Schema(built_in_design()))


def test_ten_processes_that_start_together_migrate_once_and_share_one_key(database_url: str, tmp_path: Path) -> None:
    """Each history is applied by one of them, and all of them sign with the same key."""
    crowd = [starting(tmp_path, database_url) for _ in range(10)]
    for process in crowd:
        process.join(120)
        assert process.exitcode == 0
    message = [json.loads(path.read_text()) for path in tmp_path.glob("*.started")]
    assert len(message) == 10
    assert sorted(name for each in message for name in each["applied"]) == sorted(h.name for h in HISTORIES)
    assert len({each["kid"] for each in message}) == 1


async def test_a_database_that_is_behind_stops_the_start(database_url: str) -> None:
    """The refusal names the command that mends it."""

    async def start() -> None:
        db = opened(database_url)
        try:
            await db.start()
            await check_current(db, HISTORIES)
        finally:
            await db.stop()

    with pytest.raises(SetupError, match="gatewright migrate apply"):
        await start()
    await apply_all(opened(database_url), HISTORIES)
    await start()


async def test_applying_twice_does_nothing_the_second_time(migrated_url: str) -> None:
    """An up-to-date database is left alone."""
    assert await apply_all(opened(migrated_url), HISTORIES) == []


@pytest.mark.parametrize("history", HISTORIES, ids=["kernel", "built-in"])
async def test_a_newer_database_is_not_touched(migrated_url: str, history: History) -> None:
    """An older package refuses a database that a newer one has changed."""
    db = opened(migrated_url)
    await db.start()
    await db.write(lambda tx: tx.run(text(f"UPDATE {history.version_table} SET version_num = 'z9999'")))
    with pytest.raises(SetupError, match="z9999.*newer"):
        await apply_all(db, HISTORIES)
    with pytest.raises(SetupError, match="z9999"):
        await check_current(db, HISTORIES)
    await db.stop()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both histories are applied in one transaction: when the second fails, the first is undone too."""
    db = opened(database_url)
    monkeypatch.setattr("gatewright.migrations.running.upgrade_package", _failing_at(BUILT_IN.name))
    with pytest.raises(RuntimeError, match="halfway"):
        await apply_all(db, HISTORIES)
    monkeypatch.undo()
    assert {a.history.name for a in await apply_all(db, HISTORIES)} == {h.name for h in HISTORIES}


def _failing_at(name: str) -> Callable[[Connection, History, str | None], None]:
    real = running.upgrade_package

    def upgrade(connection: Connection, history: History, revision: str | None) -> None:
        if history.name == name:
            raise RuntimeError("halfway")
        real(connection, history, revision)

    return upgrade
