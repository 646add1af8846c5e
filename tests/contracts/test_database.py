"""What every database has to do, whichever it is."""

from __future__ import annotations

import asyncio
import sqlite3
import struct
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gatewright.core.engine_tables import built_in_design
from gatewright.errors import SetupError, Unavailable
from gatewright.features.sessions import queries as sessions
from gatewright.features.users import queries as users
from gatewright.storage.database import Database, Transaction
from gatewright.storage.dialects import open_database, sqlite
from gatewright.storage.schema import Schema
from tests.cable import cable_to

MOMENT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
async def db(migrated_url: str) -> AsyncIterator[Database]:
    database = open_database(migrated_url, Schema(built_in_design()))
    await database.start()
    yield database
    await database.stop()


def user_row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"user-{number}",
        "email": f"Somebody{number}@Example.com",
        "email_key": f"somebody{number}@example.com",
        "password": "a hash",
        "first_name": "Some",
        "last_name": "Body",
        "is_email_verified": True,
        "role": "USER",
        "created_at": MOMENT,
        "updated_at": MOMENT,
        **changes,
    }


def session_values(**changes: Any) -> dict[str, Any]:
    return {
        "id": "session",
        "token": "hash of r",
        "user_id": "user-1",
        "generation": 0,
        "last_used_at": MOMENT,
        "auth_time": MOMENT,
        "amr": "pwd",
        "ip_address": None,
        "user_agent": None,
        "expires_at": MOMENT + timedelta(days=7),
        "created_at": MOMENT,
        "password": "a hash",
        **sessions.near(None),
        **changes,
    }


def rotation(**changes: Any) -> dict[str, Any]:
    return {
        "session_id": "session",
        "spent_generation": 0,
        "next_generation": 1,
        "now": MOMENT,
        "new_expiry": MOMENT + timedelta(days=7),
        "hash_0": "hash of r",
        **changes,
    }


async def names(db: Database) -> list[str]:
    rows = await db.read(lambda tx: tx.all(select(tx.table("User").c.id).order_by(tx.table("User").c.id)))
    return [row["id"] for row in rows]


async def test_a_hot_statement_gives_what_sqlalchemy_gives(db: Database) -> None:
    """Booleans are booleans and moments are aware, by both ways."""
    added = await db.write(lambda tx: users.add(db, tx, user_row()))
    found = await db.fetch(users.FIND_BY_ID, user_id="user-1")
    assert found is not None
    assert added is not None
    assert vars(found) == vars(added)
    assert found.is_email_verified is True
    assert found.created_at == MOMENT
    assert found.created_at.utcoffset() == timedelta(0)


async def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    """What a transaction wrote before it failed is gone, and the next one works."""

    def work(tx: Transaction) -> None:
        users.add(db, tx, user_row())
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await db.write(work)
    assert await names(db) == []
    await db.write(lambda tx: users.add(db, tx, user_row()))
    assert await names(db) == ["user-1"]


async def test_a_write_that_has_begun_is_finished_for_a_caller_who_left(db: Database) -> None:
    """A client that hangs up does not leave a transaction half done, or a connection in the middle of one."""
    writing = asyncio.create_task(db.write(lambda tx: users.add(db, tx, user_row())))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with asyncio.timeout(5):
        while await names(db) != ["user-1"]:  # noqa: ASYNC110 (what is waited for gives no signal)
            await asyncio.sleep(0)
    await db.write(lambda tx: users.add(db, tx, user_row(2)))


async def test_of_many_rotations_one_gets_the_row(db: Database) -> None:
    """The condition is part of the statement: of fifty parallel updates a single one succeeds."""
    await db.write(lambda tx: users.add(db, tx, user_row()))
    started = await db.fetch(sessions.START, **session_values())
    assert started is not None
    assert (started.id, started.is_elsewhere) == ("session", True)

    async def rotate() -> sessions.ClaimsRow | None:
        return await db.fetch(sessions.rotate(1), **rotation())

    answers = await asyncio.gather(*(rotate() for _ in range(50)))
    won = [answer for answer in answers if answer is not None]
    assert won == [sessions.ClaimsRow("user-1", MOMENT, "pwd", "USER")]


@pytest.mark.parametrize(
    "change",
    [
        {"now": MOMENT + timedelta(days=7)},
        {"spent_generation": 1},
        {"hash_0": "another hash"},
        {"session_id": "another session"},
    ],
    ids=["expired", "another generation", "another secret part", "another session"],
)
async def test_a_rotation_asks_for_every_condition(db: Database, change: dict[str, Any]) -> None:
    """Expired, spent, foreign and unknown tokens replace nothing."""
    await db.write(lambda tx: users.add(db, tx, user_row()))
    await db.fetch(sessions.START, **session_values())
    assert await db.fetch(sessions.rotate(1), **rotation(**change)) is None


@pytest.mark.parametrize(
    "change",
    [{"disabled_at": MOMENT}, {"password": "another hash"}, {"password": None}],
    ids=["disabled", "another password", "no password"],
)
async def test_no_session_starts_for_an_account_that_has_changed(db: Database, change: dict[str, Any]) -> None:
    """A password that was right a moment ago starts nothing once the account is disabled or has another."""
    await db.write(lambda tx: users.add(db, tx, user_row(**change)))
    assert await db.fetch(sessions.START, **session_values()) is None


async def test_observers_see_each_statement_once(db: Database) -> None:
    """Statements are counted by their text, apart from BEGIN and COMMIT."""
    seen: list[str] = []
    db.observers.append(seen.append)
    await db.write(lambda tx: users.add(db, tx, user_row()))
    await db.fetch(users.FIND_BY_ID, user_id="user-1")
    await names(db)
    assert [sql.split()[0] for sql in seen] == ["INSERT", "SELECT", "SELECT"]


async def test_an_address_has_one_account(db: Database) -> None:
    """A second one is not inserted, and the transaction goes on; nor does the database take one from other code."""
    await db.write(lambda tx: users.add(db, tx, user_row()))
    second = user_row(2, email_key="somebody1@example.com")
    assert await db.write(lambda tx: users.add(db, tx, second)) is None
    with pytest.raises(IntegrityError):
        await db.write(lambda tx: tx.run(insert(tx.table("User")).values(second)))
    assert await names(db) == ["user-1"]


async def test_a_deleted_user_takes_their_sessions_along(db: Database) -> None:
    """The engine's own references cascade, on SQLite too, where that has to be switched on."""
    await db.write(lambda tx: users.add(db, tx, user_row()))
    await db.fetch(sessions.START, **session_values())
    await db.write(lambda tx: tx.run(tx.table("User").delete()))
    assert await db.read(lambda tx: tx.all(select(tx.table("RefreshToken").c.id))) == []


async def test_postgresql_runs_a_transaction_again_when_asked_to(postgres_template_copy: str) -> None:
    """SQLSTATE 40001 means: try again. It is tried again, and the caller sees only the success."""
    database = open_database(postgres_template_copy, Schema(built_in_design()))
    await database.start()
    attempts = 0

    def work(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        users.add(database, tx, user_row())
        if attempts < 3:
            tx.connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")

    await database.write(work)
    assert (attempts, await names(database)) == (3, ["user-1"])
    await database.stop()


async def test_postgresql_recovers_when_every_connection_is_lost(postgres_template_copy: str) -> None:
    """A failover ends all connections: calls answer 503 or succeed, and soon all succeed again by themselves."""
    database = open_database(postgres_template_copy, Schema(built_in_design()))
    await database.start()
    await database.write(lambda tx: users.add(database, tx, user_row()))
    killer = await asyncpg.connect(postgres_template_copy)
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await killer.close()
    outcomes = []
    for _ in range(4):
        for call in (lambda: database.fetch(users.FIND_BY_ID, user_id="user-1"), lambda: names(database)):
            try:
                outcomes.append(bool(await call()))
            except Unavailable:
                outcomes.append(False)
    assert outcomes[-2:] == [True, True]
    await database.stop()


async def test_postgresql_is_unavailable_between_a_farewell_and_the_end_of_the_connection(
    postgres_template_copy: str,
) -> None:
    """A statement that is sent at just that moment is refused by the driver, with an error it calls unexpected."""
    farewell = b"SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
    with cable_to(postgres_template_copy) as cable:
        database = open_database(cable.url, Schema(built_in_design()))
        await database.start()
        await database.write(lambda tx: users.add(database, tx, user_row()))
        cable.say(b"E" + struct.pack("!I", len(farewell) + 4) + farewell)
        for _ in range(3):
            # The driver reads it when the event loop comes round.
            await asyncio.sleep(0)
        for call in (lambda: database.fetch(users.FIND_BY_ID, user_id="user-1"), lambda: names(database)):
            with pytest.raises(Unavailable):
                await call()
            assert await call()
        await database.stop()


async def test_sqlite_answers_503_when_another_process_keeps_the_lock(
    sqlite_template_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer elsewhere is waited for, and then the call is refused; reads go on meanwhile."""
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.05)
    database = open_database(f"sqlite:///{sqlite_template_copy}", Schema(built_in_design()))
    await database.start()
    other = sqlite3.connect(sqlite_template_copy, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await database.write(lambda tx: users.add(database, tx, user_row()))
    with pytest.raises(Unavailable):
        await database.fetch(sessions.START, **session_values())
    assert await names(database) == []
    other.execute("ROLLBACK")
    await database.write(lambda tx: users.add(database, tx, user_row()))
    other.close()
    await database.stop()


async def test_sqlite_refuses_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A damaged or foreign file is named in one sentence, and left as it is."""
    path = tmp_path / "photo.db"
    path.write_bytes(b"not a database " * 100)
    database = open_database(f"sqlite:///{path}", Schema(built_in_design()))
    with pytest.raises(SetupError, match="photo.db.*not a database"):
        await database.start()
    await database.stop()
    assert path.read_bytes() == b"not a database " * 100


async def test_an_unreachable_postgresql_is_said_in_one_sentence() -> None:
    """The message names the setting, and no password."""
    database = open_database("postgresql://me:hunter2@127.0.0.1:1/nothing", Schema(built_in_design()))
    with pytest.raises(SetupError, match="DATABASE_URL: PostgreSQL does not answer") as caught:
        await database.start()
    assert "hunter2" not in str(caught.value)
