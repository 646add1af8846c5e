"""PgBouncer in transaction mode: Debian's 1.18, which loses prepared statements, and 1.24, which keeps them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from gatewright.core.engine_tables import built_in_design
from gatewright.errors import SetupError
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests import live
from tests.cli.conftest import GATEWRIGHT, PRODUCTION, Shell
from tests.services import pgbouncer

pytestmark = [pytest.mark.extra, pytest.mark.xdist_group("pgbouncer")]

_PEOPLE = 10
_ROUNDS = 4


@pytest.fixture(params=["postgresql behind the old", "postgresql behind the newer"])
def pooled_url(
    request: pytest.FixtureRequest, postgres_template_copy: str, pgbouncer_commands: dict[str, list[str]]
) -> Iterator[str]:
    """A migrated database, through each PgBouncer."""
    with pgbouncer.started(pgbouncer_commands[request.param.split()[-1]], postgres_template_copy) as url:
        yield url


@pytest.fixture
def old_pooled_url(postgres_url: str, pgbouncer_commands: dict[str, list[str]]) -> Iterator[str]:
    """An empty database, through the PgBouncer that loses statements."""
    with pgbouncer.started(pgbouncer_commands["old"], postgres_url) as url:
        yield url


def opened(url: str, *, lock_seconds: float = 60.0) -> Database:
    return open_database(url, Schema(built_in_design()), lock_seconds=lock_seconds)


@pytest.mark.parametrize("pooled_url", ["postgresql behind the old"], indirect=True)
async def test_a_pooler_that_loses_statements_is_refused_at_the_start_by_what_to_set(
    pooled_url: str, tmp_path: Path
) -> None:
    """By one process alone, where it would work by luck, and by every command."""
    sentence = r"^DATABASE_URL leads to a pooler in transaction mode.*GATEWRIGHT_DATABASE__PGBOUNCER=true"
    for _ in range(3):
        database = opened(pooled_url)
        with pytest.raises(SetupError, match=sentence):
            await database.start()
        await database.stop()
    shell = Shell(tmp_path, {**PRODUCTION, "DATABASE_URL": pooled_url}, program=GATEWRIGHT)
    for command in (["serve", "--port", "0"], ["user", "list"]):
        assert "?pgbouncer=true" in (await asyncio.to_thread(shell.run, *command)).refused()
    shell.settings["GATEWRIGHT_DATABASE__PGBOUNCER"] = "true"
    assert (await asyncio.to_thread(shell.run, "user", "list")).status == 0


@pytest.mark.parametrize("pooled_url", ["postgresql behind the newer"], indirect=True)
async def test_a_pooler_that_keeps_statements_needs_no_setting(pooled_url: str) -> None:
    """Settings at the start of a connection it refuses as well; the isolation comes with each transaction then."""
    database = opened(pooled_url)
    await database.start()
    await database.stop()


@pytest.mark.parametrize(
    ("pooled_url", "parameters"),
    [
        ("postgresql behind the old", "?pgbouncer=true&connection_limit=1"),
        ("postgresql behind the newer", ""),
    ],
    indirect=["pooled_url"],
)
def test_two_servers_share_a_pooler_and_everybody_sees_what_is_theirs(
    pooled_url: str, parameters: str, tmp_path: Path
) -> None:
    """Registrations, logins, refreshes and profiles, more of them at once than the server has connections.

    With the setting where the pooler loses statements, without it where it keeps them.
    With another's statement under one's own name, the wrong row would come back, or none.
    """
    url = pooled_url + parameters
    # One issuer, so that each takes the tokens of the other.
    servers = [live.LiveServer(url, tmp_path / name, PUBLIC_URL="http://localhost:3000") for name in ("a", "b")]
    try:
        for server in servers:
            server.start()
        with ThreadPoolExecutor(_PEOPLE) as threads:
            list(threads.map(lambda number: _live_a_day(servers, number), range(_PEOPLE)))
        for server in servers:
            assert "PreparedStatement" not in server.log
            assert "Traceback" not in server.log
    finally:
        for server in servers:
            server.stop()


class _Patient(httpx2.Client):
    """Comes again when the database has too much to do, as the answer says."""

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        for _ in range(60):
            answer = super().send(request, **options)
            if answer.status_code != 503:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        return answer


def _live_a_day(servers: list[live.LiveServer], number: int) -> None:
    email = f"user{number}@example.com"
    clients = [_Patient(base_url=server.url, timeout=60) for server in servers]
    try:
        tokens = live.register(clients[number % 2], email)
        for turn in range(_ROUNDS):
            client = clients[turn % 2]
            profile = client.get("/users/profile", headers=live.bearer(tokens))
            assert (profile.status_code, profile.json().get("email")) == (200, email), profile.text
            tokens = live.refresh(client, tokens)
        assert live.log_in(clients[0], email)["user"]["email"] == email
    finally:
        for client in clients:
            client.close()


async def test_ten_workers_migrate_through_a_pooler_and_leave_nothing_locked(
    old_pooled_url: str, postgres_url: str
) -> None:
    """Without a setting; afterwards a migration with a connection of its own gets the lock at its first try."""
    crowd = await asyncio.gather(*(apply_all(opened(old_pooled_url), HISTORIES) for _ in range(10)))
    assert sorted(len(applied) for applied in crowd) == [0] * 9 + [len(HISTORIES)]
    assert await apply_all(opened(postgres_url, lock_seconds=0), HISTORIES) == []
    connection = await asyncpg.connect(postgres_url)
    try:
        assert await connection.fetch("SELECT pid FROM pg_locks WHERE locktype = 'advisory'") == []
    finally:
        await connection.close()
