"""A database that does not do its work: `Unavailable`, two lines in the log, and recovery by itself."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, literal_column, select

from gatewright.core.engine_tables import built_in_design
from gatewright.errors import Unavailable
from gatewright.features.sessions import queries as sessions
from gatewright.features.users import queries as users
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.dialects.sqlite import SqliteDatabase
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import Row
from gatewright.storage.schema import Schema
from gatewright.storage.time_limit import TIME_LIMIT, TimeLimit
from tests.contracts.test_database import names, rotation, user_row

END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
LENGTHS = itertools.count(1)
ON_POSTGRESQL = pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)


@pytest.fixture
async def db(migrated_url: str) -> AsyncIterator[Database]:
    database = open_database(migrated_url, Schema(built_in_design()))
    await database.start()
    yield database
    await database.stop()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def change(url: str, *statements: str) -> None:
    name = url.rpartition("/")[2]
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement.format(name=name))


async def write_hot(db: Database) -> object:
    return await db.fetch(sessions.rotate(1), **rotation())


async def write_cold(db: Database) -> object:
    return await db.write(lambda tx: tx.run(tx.table("User").update().values(first_name="Some")))


async def outcomes(db: Database, *calls: Any) -> list[bool]:
    """What came of each call: whether it was done, or the database was unavailable."""
    done = []
    for call in calls:
        try:
            await call(db)
            done.append(True)
        except Unavailable:
            done.append(False)
    return done


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged of the database, or as an error."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "gatewright.database" or record.levelno >= logging.ERROR
    ]


@ON_POSTGRESQL
async def test_after_a_read_only_spell_no_connection_of_it_is_left(
    db: Database, migrated_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections that were opened in a failover stay read-only for ever; both pools drop them, and say so once."""
    await db.write(lambda tx: users.add(db, tx, user_row()))
    await change(migrated_url, 'ALTER DATABASE "{name}" SET default_transaction_read_only = on', END_OTHERS)
    # Each call a few times, so that every pool has opened connections in the spell.
    caplog.clear()
    during = await outcomes(db, *[write_hot, write_cold, names] * 3)
    assert during[0::3] == during[1::3] == [False] * 3
    await change(migrated_url, "SET default_transaction_read_only = off", 'ALTER DATABASE "{name}" RESET ALL')

    after = await outcomes(db, *[write_hot, write_cold] * 6)
    assert after[-4:] == [True] * 4, "a connection of the spell is still in use"
    assert lines(caplog) == [
        "The database is unavailable: cannot execute UPDATE in a read-only transaction (25006)",
        "The database is available again.",
    ]


@ON_POSTGRESQL
async def test_a_connection_that_the_server_closed_while_it_was_idle_costs_no_request(
    db: Database, migrated_url: str
) -> None:
    """`idle_session_timeout`, a restart, a pooler: the driver knows that it is closed before it is used."""
    await outcomes(db, write_hot, write_cold)
    async with connected(migrated_url) as other:
        await other.execute(END_OTHERS)
    # The driver reads the farewell when the event loop comes round.
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert await outcomes(db, write_cold, write_hot, names) == [True] * 3


@ON_POSTGRESQL
@pytest.mark.parametrize("isolation", ["serializable", "repeatable read"])
async def test_statements_run_as_they_were_written_for(migrated_url: str, isolation: str) -> None:
    """A database whose default is stricter: conditional updates and sign-ins that meet go on, none fails."""
    await change(migrated_url, f"ALTER DATABASE \"{{name}}\" SET default_transaction_isolation = '{isolation}'")
    db = open_database(migrated_url, Schema(built_in_design()))
    await db.start()
    await db.write(lambda tx: users.add(db, tx, user_row()))
    level = select(func.current_setting(literal_column("'transaction_isolation'")).label("level"))
    assert await db.read(lambda tx: tx.one(level)) == {"level": "read committed"}
    assert await db.fetch(HotStatement("level", lambda _: level, Row)) == {"level": "read committed"}

    def spend(number: int) -> Awaitable[object]:
        return write_hot(db) if number % 2 else write_cold(db)

    assert len(await asyncio.gather(*(spend(number) for number in range(40)))) == 40
    await db.stop()


REFUSALS = {
    "08006": "connection failure",
    "25006": "read-only",
    "25P02": "failed transaction",
    "25P03": "idle in a transaction",
    "40001": "serialization",
    "40P01": "deadlock",
    "42501": "no rights",
    "42P01": "no table",
    "53100": "disk full",
    "53200": "out of memory",
    "53300": "too many connections",
    "55P03": "lock not available",
    "57014": "statement timeout",
    "57P01": "shutdown",
    "57P03": "in recovery",
    "58030": "disk fault",
}


@ON_POSTGRESQL
async def test_what_the_server_refuses_for_reasons_of_its_own_is_unavailable(
    db: Database, migrated_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever statement meets it, hot or not; then all works again, and the log has its words and its end."""
    for state, why in REFUSALS.items():
        caplog.clear()
        await change(
            migrated_url,
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION 'words of the server' USING ERRCODE = '{state}', DETAIL = 'a hidden value'; END $$",
            "CREATE TRIGGER refuse BEFORE UPDATE ON refresh_tokens EXECUTE FUNCTION refuse()",
            "CREATE TRIGGER refuse BEFORE UPDATE ON users EXECUTE FUNCTION refuse()",
        )
        assert await outcomes(db, *[write_hot, write_cold] * 2) == [False] * 4, why
        await change(migrated_url, "DROP FUNCTION refuse CASCADE")
        assert await outcomes(db, write_hot, write_cold) == [True] * 2, why
        assert lines(caplog) == [
            f"The database is unavailable: words of the server ({state})",
            "The database is available again.",
        ], why


@ON_POSTGRESQL
async def test_what_may_succeed_when_it_runs_again_runs_again(db: Database, migrated_url: str) -> None:
    """Four times, hot statements too: behind a pooler their isolation is the server's own. Then it is a 503."""
    for state in ("40001", "40P01"):
        await change(
            migrated_url,
            "CREATE SEQUENCE tries",
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF nextval('tries') % 5 > 0 THEN RAISE EXCEPTION 'again' USING ERRCODE = '{state}'; END IF; "
            "RETURN NULL; END $$",
            "CREATE TRIGGER refuse AFTER UPDATE ON refresh_tokens EXECUTE FUNCTION refuse()",
            "CREATE TRIGGER refuse AFTER UPDATE ON users EXECUTE FUNCTION refuse()",
        )
        for call in (write_hot, write_cold):
            await change(migrated_url, "ALTER SEQUENCE tries RESTART WITH 1 INCREMENT BY 1")
            assert await outcomes(db, call) == [True], (state, call)
            await change(migrated_url, "ALTER SEQUENCE tries RESTART WITH 6 INCREMENT BY 5")
            assert await outcomes(db, call) == [False], (state, call)
        await change(migrated_url, "DROP FUNCTION refuse CASCADE", "DROP SEQUENCE tries")


@ON_POSTGRESQL
async def test_a_request_waits_for_the_database_once_and_not_once_for_each_statement(
    db: Database, migrated_url: str
) -> None:
    """The first statement that hangs takes all the time there is; the others are refused at once, unsent."""
    await write_cold(db)
    async with connected(migrated_url) as other, other.transaction():
        await other.execute("LOCK TABLE users, refresh_tokens")
        for first, next_ones in ((write_cold, [write_hot, names]), (write_hot, [write_cold, names])):
            TIME_LIMIT.set(limit := TimeLimit(0.3))
            assert await outcomes(db, first) == [False]
            assert limit.left is not None
            assert limit.left <= 0
            statements: list[str] = []
            db.observers[:] = [statements.append]
            assert await outcomes(db, *next_ones) == [False] * 2
            assert all("RefreshToken" not in each for each in statements)
        # What was given up does not go on on the server, where each would keep a connection.
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(10):
            while await other.fetchval(waiting):  # noqa: ASYNC110 (the database decides when)
                await asyncio.sleep(0.01)
        TIME_LIMIT.set(None)
    assert await outcomes(db, write_hot, write_cold, names) == [True] * 3


async def test_the_time_of_a_request_ends_with_its_answer(db: Database) -> None:
    """What is written after it, piece by piece, may take as long as it does; so may many quick statements before."""
    TIME_LIMIT.set(limit := TimeLimit(10.0))
    for _ in range(200):
        limit.spend(0.09)
    assert await outcomes(db, names) == [True]
    limit.spend(10.0)
    assert await outcomes(db, names, write_cold) == [False] * 2
    limit.lift()
    assert await outcomes(db, names, write_cold) == [True] * 2


async def test_a_full_or_read_only_sqlite_file_is_unavailable_until_it_is_not(
    sqlite_template_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Reads go on, and end no spell: one line when it begins, with SQLite's own words, and one when it is over."""
    db = open_database(f"sqlite:///{sqlite_template_copy}", Schema(built_in_design()))
    await db.start()
    await db.write(lambda tx: users.add(db, tx, user_row()))
    for pragma, back, words in (
        ("query_only = 1", "query_only = 0", "attempt to write a readonly database"),
        ("max_page_count = 1", "max_page_count = 1000000", "database or disk is full"),
    ):
        caplog.clear()
        await set_in_writer(db, pragma)
        assert await outcomes(db, write_big, names, write_big, names) == [False, True, False, True]
        await set_in_writer(db, back)
        assert await outcomes(db, write_big) == [True]
        assert lines(caplog) == [f"The database is unavailable: {words}", "The database is available again."]
    await db.stop()


async def write_big(db: Database) -> object:
    """A write that needs pages which the file does not have."""
    name = "x" * 100_000 * next(LENGTHS)
    return await db.write(lambda tx: tx.run(tx.table("User").update().values(first_name=name)))


async def set_in_writer(db: Database, setting: str) -> None:
    """On the connection that writes, outside of a transaction."""
    assert isinstance(db, SqliteDatabase)
    loop, connection = asyncio.get_running_loop(), db._own_connection
    await loop.run_in_executor(db._writer, lambda: connection().exec_driver_sql(f"PRAGMA {setting}"))
