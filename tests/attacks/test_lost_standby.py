"""A synchronous standby is lost: every commit hangs. Requests end after one time limit, and all comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.attacks.conftest import running_server
from tests.conftest import _migrate
from tests.live import LiveServer, bearer, code, log_in, register, until
from tests.services import binaries, postgres

ONE_LIMIT_SECONDS = 10.0
"""And not one for each of a sign-in's statements."""

SLACK_SECONDS = 4.0


@pytest.fixture
def server_url() -> Iterator[str]:
    """A server of our own, which waits for its standby as a real one does."""
    if binaries.find() is None:
        pytest.skip("no PostgreSQL server is installed here")
    service = postgres.start(durable=True)
    yield service.url
    service.stop()


def run(url: str, *statements: str) -> None:
    async def each() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(each())


@pytest.mark.extra
def test_a_lost_standby_costs_a_request_one_time_limit(server_url: str, tmp_path: Path) -> None:
    """503 with Retry-After, one line in the log, readiness tells it, and sign-ins work once it is given up."""
    url = postgres.create_database(server_url)
    _migrate(url)
    server = LiveServer(url, tmp_path / "server", workers=1)
    with running_server(server), server.client() as client:
        tokens = register(client, "ada@example.com")
        run(server_url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
        credentials = {"email": "ada@example.com", "password": "an attacked passphrase"}
        calls = (
            ("/auth/login", credentials),
            ("/auth/refresh", {"refreshToken": tokens["refreshToken"]}),
            ("/auth/register", {**credentials, "email": "bo@example.com", "firstName": "Al", "lastName": "Bo"}),
        )
        for path, body in calls:
            began = time.monotonic()
            answer = client.post(path, json=body)
            assert code(answer) == (503, "unavailable"), path
            assert answer.headers["Retry-After"].isdigit()
            assert time.monotonic() - began < ONE_LIMIT_SECONDS + SLACK_SECONDS, path
        assert client.get("/health/ready").status_code == 503
        assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200

        run(server_url, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        log_in(client, "ada@example.com")
        until(lambda: client.get("/health/ready").is_success, seconds=15, what="readiness")
        assert server.log.count("The database is unavailable") == 1
        assert server.log.count("The database is available again") == 1
        assert "Traceback" not in server.log
