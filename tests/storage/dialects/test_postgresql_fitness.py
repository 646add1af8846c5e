"""A PostgreSQL database that cannot be worked with is refused in words that say what to grant or to change."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from gatewright.core.engine_tables import built_in_design
from gatewright.core.readiness import TRY_SECONDS, Readiness
from gatewright.errors import GatewrightError, SetupError
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from gatewright.testing import FakeClock
from tests.services import postgres


def database(url: str, migration_url: str | None = None) -> Database:
    return open_database(url, Schema(built_in_design()), migration_url=migration_url)


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def refusal(url: str) -> str:
    """What a start says."""
    db = database(url)
    with pytest.raises(SetupError) as caught:
        await db.start()
    return str(caught.value)


async def migration_refusal(url: str) -> str:
    with pytest.raises(SetupError) as caught:
        await apply_all(database(url), HISTORIES)
    return str(caught.value)


@pytest.fixture
def latin1_url(postgres_service: str) -> Iterator[str]:
    name = "gatewright_test_" + secrets.token_hex(8)
    create = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    postgres._execute(postgres_service, create)
    url = urlsplit(postgres_service)._replace(path=f"/{name}").geturl()
    yield url
    postgres.drop_database(postgres_service, url)


@pytest.fixture
async def role_url(postgres_template_copy: str) -> AsyncIterator[str]:
    """The migrated database of another role, for a role that may connect and nothing else."""
    role, password = f"app_{secrets.token_hex(4)}", secrets.token_hex(8)
    await run(postgres_template_copy, f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    parts = urlsplit(postgres_template_copy)
    yield parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()
    await run(postgres_template_copy, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def role_of(url: str) -> str:
    return str(urlsplit(url).username)


async def test_postgresql_in_another_encoding_is_refused(latin1_url: str) -> None:
    """A name in it could be stored for some and not for others; the message says how to make the right one."""
    for message in (await refusal(latin1_url), await migration_refusal(latin1_url)):
        assert "has the encoding LATIN1" in message
        assert "createdb --encoding=UTF8 --template=template0" in message


async def test_postgresql_rights_that_sign_ins_need_are_named(role_url: str, postgres_template_copy: str) -> None:
    """At the start and not at the first request: first all of them, then the one that is still missing."""
    role = role_of(role_url)
    message = await refusal(role_url)
    assert f"the role {role} lacks rights on" in message
    grant = message.partition("run: ")[2]
    assert grant == f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"

    await run(postgres_template_copy, grant, f"REVOKE INSERT, DELETE ON refresh_tokens FROM {role}")
    message = await refusal(role_url)
    assert message.endswith(f"As their owner, run: GRANT INSERT, DELETE ON refresh_tokens TO {role}")
    await run(postgres_template_copy, message.partition("run: ")[2])
    db = database(role_url)
    await db.start()
    assert await db.find_faults(db.schema.metadata.sorted_tables) == []
    await db.stop()


async def test_postgresql_rights_that_are_taken_later_end_readiness(
    role_url: str, postgres_template_copy: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server whose sign-ins fail is not ready, although it can write; the log says once what to grant."""
    role = role_of(role_url)
    tables = f"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    await run(postgres_template_copy, f"GRANT {tables}")
    db = database(role_url)
    await db.start()
    now = [0.0]
    readiness = Readiness(db, FakeClock(), monotonic=lambda: now[0])
    assert await readiness.can_write()
    await run(postgres_template_copy, f"REVOKE INSERT ON refresh_tokens FROM {role}")
    for _ in range(2):
        now[0] += TRY_SECONDS
        assert not await readiness.can_write()
    assert caplog.text.count(f"GRANT INSERT ON refresh_tokens TO {role}") == 1
    await run(postgres_template_copy, f"GRANT {tables}")
    now[0] += TRY_SECONDS
    assert await readiness.can_write()
    await db.stop()


async def test_a_postgresql_schema_that_is_closed_or_missing_is_named(
    role_url: str, postgres_template_copy: str
) -> None:
    """The tables are not seen then, and without a word of it the way out would seem to be a migration."""
    role = role_of(role_url)
    await run(
        postgres_template_copy,
        "CREATE SCHEMA inner_app",
        "ALTER TABLE gatewright_version SET SCHEMA inner_app",
        f"ALTER ROLE {role} SET search_path = inner_app",
    )
    for message in (await refusal(role_url), await migration_refusal(role_url)):
        assert message.endswith(f"run: GRANT USAGE ON SCHEMA inner_app TO {role}")
    await run(postgres_template_copy, f"ALTER ROLE {role} SET search_path = nowhere")
    for message in (await refusal(role_url), await migration_refusal(role_url)):
        assert "no schema of search_path (nowhere) exists" in message
        assert f"ALTER ROLE {role} SET search_path = public" in message


async def test_postgresql_tables_in_a_schema_by_search_path_are_served(
    role_url: str, postgres_template_copy: str
) -> None:
    """Migrated there and found there, by a role that owns nothing else."""
    role = role_of(role_url)
    await run(
        postgres_template_copy,
        f"CREATE SCHEMA own AUTHORIZATION {role}",
        f"ALTER ROLE {role} SET search_path = own",
    )
    await apply_all(database(role_url), HISTORIES)
    db = database(role_url)
    await db.start()
    assert await db.find_faults(db.schema.metadata.sorted_tables) == []
    await db.stop()


async def test_a_postgresql_role_that_may_not_make_tables_is_told_what_it_needs(
    role_url: str, postgres_url: str
) -> None:
    """Since version 15, only the owner may in the schema `public`; nothing is half done."""
    role, empty = role_of(role_url), urlsplit(role_url)._replace(path=urlsplit(postgres_url).path).geturl()
    await run(postgres_url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    message = await migration_refusal(empty)
    assert "permission denied for schema public (42501)" in message
    assert message.endswith(f"GRANT USAGE, CREATE ON SCHEMA public TO {role}")
    await run(postgres_url, message.partition("run: ")[2])
    await apply_all(database(empty), HISTORIES)
    await run(postgres_url, f"DROP OWNED BY {role}")


@pytest.mark.parametrize("step", ["refuse_unsafe_pooler", "refuse_unfit"])
async def test_postgresql_keeps_no_connection_of_a_start_that_is_refused(
    postgres_template_copy: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever finds the fault: a start that is tried again and again would use up the server's connections."""

    def refuse(*_: object, **__: object) -> None:
        raise SetupError("not this one")

    monkeypatch.setattr(f"gatewright.storage.dialects.postgresql.{step}", refuse)
    assert await refusal(postgres_template_copy) == "not this one"
    await all_are_closed(postgres_template_copy)


async def test_postgresql_keeps_no_connection_that_could_not_be_prepared(
    postgres_template_copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while requests are served: a time limit may end the preparation of each new connection."""

    async def fail(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("gatewright.storage.dialects.postgresql.keep_dates_exact", fail)
    db = database(postgres_template_copy)
    await db.start()
    try:
        with pytest.raises((TimeoutError, GatewrightError)):
            await db.read(lambda tx: tx.connection.execute(text("SELECT 1")))
    finally:
        await db.stop()
    await all_are_closed(postgres_template_copy)


async def all_are_closed(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(20):
            others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            # The process of a connection that was closed may take a moment to end.
            while await connection.fetchval(f"SELECT count(*) FROM {others}") > 0:
                await connection.execute("SELECT pg_sleep(0.02)")
    finally:
        await connection.close()
