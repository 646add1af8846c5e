"""Connections to PostgreSQL, by URLs as hosts hand them out."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from gatewright.core.engine_tables import built_in_design
from gatewright.errors import SetupError
from gatewright.features.users.queries import FIND_BY_ID
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema

AS_HOSTS_DO = (
    "sslmode=prefer&channel_binding=prefer&connect_timeout=10&gssencmode=disable&keepalives=1&keepalives_idle=30"
    "&connection_limit=5&pool_timeout=10&schema=public&pgbouncer=false&application_name=shop"
)


@asynccontextmanager
async def started(url: str, **options: Any) -> AsyncIterator[Database]:
    database = open_database(url, Schema(built_in_design()), **options)
    try:
        await database.start()
        yield database
    finally:
        await database.stop()


async def test_a_url_as_hosts_hand_it_out_works_and_says_in_a_line_what_it_leaves_out(
    postgres_template_copy: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With postgresql's own parameters and other libraries'. No line has the password in it."""
    async with started(f"{postgres_template_copy}?{AS_HOSTS_DO}") as database:
        name = await database.read(lambda tx: tx.connection.scalar(text("SHOW application_name")))
        await database.migrate(lambda connection: connection.scalar(text("SELECT 1")))
    assert name == "shop"
    lines = [message for logger, _, message in caplog.record_tuples if logger == "gatewright.database"]
    assert set(lines) == {
        "DATABASE_URL: ignored channel_binding, connection_limit, gssencmode, keepalives, keepalives_idle, "
        "pool_timeout, schema, which the driver does not support. To verify the server, use sslmode=verify-full and "
        "sslrootcert=system (or FILE)."
    }


@pytest.mark.parametrize("parameters", ["sslrootcert=system", "ssl=true"])
async def test_certificates_of_the_system_are_asked_for(parameters: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the name of the host: an encrypted connection to a stranger is none."""
    given: dict[str, Any] = {}

    async def connect(dsn: str, **options: Any) -> None:
        given.update(options, dsn=dsn)
        raise OSError("not here")

    monkeypatch.setattr(asyncpg, "connect", connect)
    with pytest.raises(SetupError, match="not here"):
        async with started(f"postgresql://app:hush@db.example.com/app?{parameters}"):
            pass
    assert given["dsn"] == "postgresql://app:hush@db.example.com/app"
    assert (given["ssl"].verify_mode, given["ssl"].check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://app:hu@sh@db/app", "DATABASE_URL: should percent-encode special characters .* @ as %40"),
        ("postgresql://app:hush@db/app?schema=shop", "DATABASE_URL: should not have the parameter schema"),
        (
            "postgresql://app:hush@db/app?sslmode=verify-full&sslrootcert=/no/hush.pem",
            "DATABASE_URL: sslrootcert names a file",
        ),
        ("postgresql://app:hush@127.0.0.1:1/app?sslmode=verify-full", "DATABASE_URL: root cert.* sslrootcert=system"),
        ("sqlite:///app.db?mode=ro", "DATABASE_URL: should not have the parameter mode"),
        ("mysql://app:hush@db/app", "DATABASE_URL: 'mysql' is not a supported database"),
    ],
)
async def test_a_url_that_cannot_be_used_is_refused_in_a_sentence(
    url: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That names the setting, and holds no password."""
    # Without certificates of the developer's own.
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SetupError, match=sentence) as caught:
        async with started(url):
            pass
    assert "hush@" not in str(caught.value)
    assert "sh@" not in str(caught.value)


async def test_another_database_for_migrations_has_to_be_of_the_same_kind() -> None:
    """Else one would be migrated, and another used."""
    for other in ("postgresql://db/app", "sqlite:///other.db"):
        with pytest.raises(SetupError, match="^MIGRATION_DATABASE_URL (must name the same kind|names another file)"):
            open_database("sqlite:///app.db", Schema(built_in_design()), migration_url=other)
    with pytest.raises(SetupError, match="^MIGRATION_DATABASE_URL: should not have the parameter schema"):
        open_database(
            "postgresql://db/app", Schema(built_in_design()), migration_url="postgresql://owner@db/app?schema=shop"
        )


@pytest.mark.parametrize("how", ["by the setting", "by the URL"])
async def test_through_a_pooler_nothing_is_prepared_by_name(postgres_template_copy: str, how: str) -> None:
    """A prepared statement outlives its transaction, and the pooler gives that connection of the server to another."""
    url = f"{postgres_template_copy}?pgbouncer=true" if how == "by the URL" else postgres_template_copy
    prepared = "SELECT name FROM pg_prepared_statements"
    async with started(url, pgbouncer=how == "by the setting") as database:
        for _ in range(2):
            await database.read(lambda tx: tx.connection.scalar(text("SELECT 1")))
            await database.fetch(FIND_BY_ID, user_id="nobody")
        assert await database.read(lambda tx: tx.connection.execute(text(prepared)).all()) == []
        assert database._hot is not None  # type: ignore[attr-defined]
        assert await database._hot.fetchrow(prepared, [], seconds=5) is None  # type: ignore[attr-defined]


def test_a_pooler_takes_no_options() -> None:
    """It would refuse the connection in words of its own."""
    with pytest.raises(SetupError, match=r"^DATABASE_URL: a pooler refuses options.*ALTER ROLE"):
        open_database("postgresql://db/app?options=-cx%3Dy", Schema(built_in_design()), pgbouncer=True)
    open_database("postgresql://db/app?options=-cx%3Dy", Schema(built_in_design()))


async def test_the_line_about_a_pool_size_names_the_setting(caplog: pytest.LogCaptureFixture) -> None:
    """Where `connection_limit` alone is left out."""
    with pytest.raises(SetupError, match="does not answer"):
        async with started("postgresql://127.0.0.1:1/app?connection_limit=1"):
            pass
    assert caplog.record_tuples[0][1] == logging.WARNING
    assert "GATEWRIGHT_DATABASE__POOL_SIZE" in caplog.messages[0]
