"""The database goes away under a running server: nobody is let in on what a worker remembers, and all comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import httpx2
import pytest

from gatewright import Gatewright
from gatewright.errors import Unavailable
from gatewright.features.admin import service as admin
from tests.attacks.conftest import migrated_copy, running_server
from tests.cable import Cable, cable_to
from tests.live import PASSWORD, WITHIN_SECONDS, LiveServer, bearer, code, log_in, refresh, register, until

BACK_SECONDS = 30.0
"""How long a server may take to find its database again, or to give up on one that is silent."""


class OnACable:
    """A server whose database is at the far end of a cable, and a client of each worker."""

    def __init__(self, cable: Cable, server: LiveServer, workers: list[httpx2.Client], email: str) -> None:
        self.cable = cable
        self.server = server
        self.workers = workers
        self.email = email
        self.tokens = register(workers[0], email)

    def statuses(self) -> set[int]:
        """What the workers answer where nothing has to be read."""
        return {each.get("/users/admin", headers=bearer(self.tokens)).status_code for each in self.workers}

    def until(self, status: int, *, seconds: float) -> set[int]:
        """Ask until every worker answers with *status*; all that was answered before."""
        deadline, seen = time.monotonic() + seconds, set[int]()
        while (answered := self.statuses()) != {status}:
            seen |= answered
            assert time.monotonic() < deadline, f"the workers answer {answered}"
        return seen

    def try_everything(self, client: httpx2.Client) -> list[httpx2.Response]:
        """Every call that has to ask the database."""
        own, names = bearer(self.tokens), {"firstName": "Al", "lastName": "Bo"}
        credentials = {"email": self.email, "password": PASSWORD}
        token = {"refreshToken": self.tokens["refreshToken"]}
        return [
            client.get("/users/profile", headers=own),
            client.get("/users/admin", headers=own),
            client.get("/auth/sessions", headers=own),
            client.patch("/users/profile", json=names, headers=own),
            client.delete("/auth/sessions/aaaaaaaaaaaaaaaaaaaaaaaa", headers=own),
            client.post("/auth/login", json=credentials),
            client.post("/auth/register", json={**credentials, **names, "email": f"a{self.email}"}),
            client.post("/auth/refresh", json=token),
            client.post("/auth/logout", json=token),
            client.post("/auth/logout-all", headers=own),
            client.get("/health/ready"),
        ]


@contextmanager
def on_a_cable(database_url: str, folder: Path, email: str) -> Iterator[OnACable]:
    with cable_to(database_url) as cable:
        server = LiveServer(cable.url, folder)
        with running_server(server), server.client_of_each_worker() as workers:
            yield OnACable(cable, server, workers, email)
            # A server with its database ends in good order.
            cable.restore()


@pytest.fixture(params=["postgresql"])
def setting(request: pytest.FixtureRequest, tmp_path: Path, email: str) -> Iterator[OnACable]:
    with (
        migrated_copy(request, request.param, tmp_path) as url,
        on_a_cable(url, tmp_path / "server", email) as setting,
    ):
        yield setting


def test_without_its_database_a_server_lets_nobody_in(setting: OnACable) -> None:
    """Within a second every call answers 503, none with what a worker remembers; then all of it comes back."""
    setting.cable.cut()
    setting.until(503, seconds=WITHIN_SECONDS)
    for worker in setting.workers:
        for answer in setting.try_everything(worker):
            assert code(answer) == (503, "unavailable"), answer.request.url
            assert answer.headers["Retry-After"].isdigit()
            assert "127.0.0.1" not in answer.text

    setting.cable.restore()
    setting.until(403, seconds=BACK_SECONDS)
    for worker in setting.workers:
        log_in(worker, setting.email)
        setting.tokens = refresh(worker, setting.tokens)
    until(lambda: all(each.get("/health/ready").is_success for each in setting.workers), what="readiness")


async def test_what_was_revoked_meanwhile_counts_at_once(setting: OnACable) -> None:
    """A worker that finds its database again answers nothing by what it knew before."""
    setting.cable.cut()
    setting.until(503, seconds=WITHIN_SECONDS)
    auth = Gatewright(setting.server.settings(database_url=setting.cable.behind))
    async with auth.lifespan(None):
        await admin.disable(auth.context(), setting.email, reason="a test")
    setting.cable.restore()
    assert setting.until(401, seconds=BACK_SECONDS) <= {503}


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "ALLOW_CONNECTIONS false",
        "SET default_transaction_read_only = on",
        'RENAME TO "{name}_away"',
    ],
    ids=["no_connections", "read_only", "away"],
)
async def test_a_database_that_refuses_is_unavailable(
    running: Gatewright, migrated_url: str, postgres_service: str, change: str
) -> None:
    """A server that answers, but not as our database: as in a failover, that is no fault of the program."""
    name = migrated_url.rpartition("/")[2]
    async with _connected(postgres_service) as elsewhere:
        await elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await _end_connections(elsewhere, name)
        await elsewhere.execute(f'ALTER DATABASE "{name}" ' + change.format(name=name))
        if "read_only" in change:
            await elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        try:
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await admin.set_role(running.context(), "nobody@example.com", "ADMIN")
                with pytest.raises(Unavailable):
                    await running.context().audit.record("login.failed", None)
        finally:
            if "away" in change:
                await elsewhere.execute(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"')


async def _end_connections(elsewhere: asyncpg.Connection[asyncpg.Record], name: str) -> None:
    async with asyncio.timeout(10):
        terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
        while await elsewhere.fetch(terminate, name):  # noqa: ASYNC110 (the database decides when)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def test_a_silent_database_lets_nobody_in_either(setting: OnACable) -> None:
    """A connection that carries nothing any more: what is asked a second later is refused, if late."""
    # Each answer takes its time, so one worker has to do.
    del setting.workers[1:]
    setting.cable.stall()
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert setting.statuses() <= {403, 503}
    assert setting.until(503, seconds=BACK_SECONDS) == set()
