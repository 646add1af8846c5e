"""A new secret is rolled out while people are signed in: servers list the secrets in different orders for a while."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gatewright import Gatewright
from gatewright.addresses import parse_address
from gatewright.core import reencryption
from gatewright.core.audit.verification import verify
from gatewright.core.tokens.refresh_tokens import RefreshTokens
from gatewright.features.admin import service as admin
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.features.sessions.service import Tokens
from tests.attacks.conftest import running_server
from tests.conftest import make_settings, sign_in
from tests.live import PASSWORD, LiveServer, Order, bearer, refresh, register, storm

OLD = "the old secret: 0123456789 abcdefghijklmnop"
NEW = "the new secret: 0123456789 abcdefghijklmnop"
PHASES = [
    ([OLD, NEW], [OLD]),
    ([OLD, NEW], [OLD, NEW]),
    ([NEW, OLD], [OLD, NEW]),
    ([NEW, OLD], [NEW, OLD]),
]
"""What a deployment passes through: the secrets of the server that is updated first, and of the other."""

ISSUER = "http://localhost"
STRANGER = "the secret of somebody else: 0123456789 abcd"


def test_two_servers_with_the_secrets_in_different_orders_give_the_same_bytes(
    new_database: str, tmp_path: Path
) -> None:
    """A hundred refreshes over both servers: one successor, on whichever server the session was begun."""
    one = LiveServer(new_database, tmp_path / "one", workers=1, SECRET=f"{OLD},{NEW}", PUBLIC_URL=ISSUER)
    two = LiveServer(new_database, tmp_path / "two", workers=1, SECRET=f"{NEW},{OLD}", PUBLIC_URL=ISSUER)
    with running_server(one), running_server(two), one.client() as first, two.client() as second:
        for number, (begun, other) in enumerate([(first, second), (second, first)]):
            token = register(begun, f"user{number}@example.com")["refreshToken"]
            for _ in range(2):
                body = {"refreshToken": token}
                answers = storm(
                    [Order("POST", f"{server.url}/auth/refresh", body) for server in (one, two)] * 20, processes=2
                )
                assert {answer.status for answer in answers} == {200}
                (token,) = {answer.body["refreshToken"] for answer in answers}
            assert other.get("/users/profile", headers=bearer(answers[0].body)).status_code == 200
            refresh(other, refresh(begun, {"refreshToken": token}))


async def test_nobody_is_logged_out_by_a_rollout(migrated_url: str) -> None:
    """In every phase each server refreshes what the other gave, and twins get the same bytes from both."""
    async with _servers(migrated_url, [OLD], [OLD]) as (one, two):
        tokens = [await _signed_in(each, f"user{number}@example.com") for number, each in enumerate((one, two))]
    for phase in PHASES:
        async with _servers(migrated_url, *phase) as servers:
            for turn in (servers, servers[::-1]):
                tokens = [await _refreshed_by_both(turn, each) for each in tokens]
            # A session that begins in the middle of it all goes on, too.
            newcomer = await _signed_in(servers[0], f"newcomer{len(tokens)}@example.com")
            tokens.append(await _refreshed_by_both(servers[::-1], newcomer))


@dataclass(eq=False)
class Worker:
    """One server process, and how many requests it is at."""

    server: LiveServer
    client: httpx2.AsyncClient
    calls: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.idle.set()

    async def stop(self) -> None:
        await self.idle.wait()
        await self.client.aclose()
        await asyncio.to_thread(self.server.stop)


class Deployment:
    """Four server processes behind a balancer, which are replaced one after the other."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._database_url = database_url
        self._folder = folder
        self._workers: list[Worker] = []
        self._turns = itertools.count()

    async def start(self, *secrets: str) -> None:
        """Start one process more."""
        settings = {"SECRET": ",".join(secrets), "PUBLIC_URL": ISSUER}
        server = LiveServer(self._database_url, self._folder, workers=1, **settings)
        await asyncio.to_thread(server.start)
        self._workers.append(Worker(server, httpx2.AsyncClient(base_url=server.url, timeout=30)))

    async def roll_out(self, *secrets: str) -> None:
        """Replace each process by one with these secrets: it gets no new requests, finishes its last, and goes."""
        for old in list(self._workers):
            await self.start(*secrets)
            self._workers.remove(old)
            await old.stop()

    async def stop(self) -> None:
        """End them all."""
        for worker in self._workers:
            await worker.stop()

    async def send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send a request to whichever process is there, each in its turn."""
        worker = self._workers[next(self._turns) % len(self._workers)]
        worker.calls += 1
        worker.idle.clear()
        try:
            return await worker.client.request(method, path, **request)
        finally:
            worker.calls -= 1
            if not worker.calls:
                worker.idle.set()


class Load:
    """Clients that read and refresh all the time."""

    def __init__(self, deployment: Deployment) -> None:
        self.failures: list[str] = []
        self._refreshes = [0] * 4
        self._deployment = deployment
        self._news = asyncio.Condition()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        clients = [asyncio.create_task(self._work(number)) for number in range(len(self._refreshes))]
        try:
            yield
        finally:
            for client in clients:
                client.cancel()
            ends = await asyncio.gather(*clients, return_exceptions=True)
            self.failures += [repr(end) for end in ends if isinstance(end, Exception)]

    async def all_refresh(self) -> None:
        """Wait until each client has a token that was not there before."""
        enough = [count + 2 for count in self._refreshes]

        def are_done() -> bool:
            return bool(self.failures) or all(a >= b for a, b in zip(self._refreshes, enough, strict=True))

        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(are_done)

    async def _work(self, number: int) -> None:
        names = {"firstName": "Test", "lastName": "User"}
        body = {"email": f"load{number}@example.com", "password": PASSWORD, **names}
        tokens = await self._done("POST", "/auth/register", json=body)
        while not self.failures:
            for _ in range(2):
                await self._done("GET", "/users/profile", headers=bearer(tokens))
            tokens = await self._done("POST", "/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
            self._refreshes[number] += 1
            async with self._news:
                self._news.notify_all()

    async def _done(self, method: str, path: str, **request: Any) -> Any:
        answer = await self._deployment.send(method, path, **request)
        if answer.status_code not in (200, 201):
            self.failures.append(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()


@pytest.mark.both_databases
async def test_a_rollout_under_load_fails_no_request(new_database: str, tmp_path: Path) -> None:
    """Four processes are replaced one by one, three times over; in the end nobody knows the old secret any more."""
    deployment = Deployment(new_database, tmp_path)
    try:
        for _ in range(4):
            await deployment.start(OLD)
        load = Load(deployment)
        async with load.going_on():
            await load.all_refresh()
            await deployment.roll_out(OLD, NEW)
            await load.all_refresh()
            await deployment.roll_out(NEW, OLD)
            await load.all_refresh()
            await _seal_again(new_database)
            await deployment.roll_out(NEW)
            await load.all_refresh()
    finally:
        await deployment.stop()
    assert load.failures == []
    async with _servers(new_database, [NEW]) as (auth,):
        verdict = await verify(auth.database, auth.kernel.vault)
        assert (verdict.fault, verdict.rows > 0) == (None, True)


async def _seal_again(url: str) -> None:
    """What every server does by itself, within minutes."""
    async with _servers(url, [NEW, OLD]) as (auth,):
        vault = auth.kernel.vault
        assert (await auth.database.read(lambda tx: reencryption.old_secrets(tx, vault, auth.features.sealed)))[
            0
        ].sealed > 0
        await auth._housekeeping.sweep()
        assert (await auth.database.read(lambda tx: reencryption.old_secrets(tx, vault, auth.features.sealed)))[
            0
        ].sealed == 0


async def test_a_token_under_a_secret_that_is_not_listed_is_refused(migrated_url: str) -> None:
    """The list is all there is: a stranger's secret, or one that has left the list, makes nothing that counts."""
    async with _servers(migrated_url, [OLD, NEW]) as (ours,):
        tokens = await _signed_in(ours, "user@example.com")
        session = ours.kernel.refresh_tokens.read(tokens.refresh_token)
        assert session is not None
        forged = RefreshTokens([STRANGER.encode()]).issue(session.session_id, session.started_at).text
        with pytest.raises(InvalidRefreshToken):
            await sessions.refresh(ours.context(), forged)
        await sessions.refresh(ours.context(), tokens.refresh_token)


async def test_our_own_secret_makes_no_token_for_somebody_elses_session(migrated_url: str) -> None:
    """Secret and session id alone do not sign in: r is in no setting, and the row holds only its hash."""
    async with _servers(migrated_url, [OLD, NEW]) as (ours,):
        tokens = await _signed_in(ours, "user@example.com")
        session = ours.kernel.refresh_tokens.read(tokens.refresh_token)
        assert session is not None
        for secret in (OLD, NEW):
            forged = RefreshTokens([secret.encode()]).issue(session.session_id, session.started_at).text
            with pytest.raises(InvalidRefreshToken):
                await sessions.refresh(ours.context(), forged)
        await sessions.refresh(ours.context(), tokens.refresh_token)


@asynccontextmanager
async def _servers(url: str, *secrets: Sequence[str]) -> AsyncIterator[list[Gatewright]]:
    """Servers in this process, one for each list of secrets."""
    async with AsyncExitStack() as stack:
        servers = [Gatewright(make_settings(url, secret=list(each))) for each in secrets]
        for server in servers:
            await stack.enter_async_context(server.lifespan(None))
        yield servers


async def _signed_in(auth: Gatewright, email: str) -> Tokens:
    account = await admin.create(
        auth.context(), email=parse_address(email), password_text=PASSWORD, first_name="Test", last_name="User"
    )
    return (await sign_in(auth.context(), account)).tokens


async def _refreshed_by_both(servers: Sequence[Gatewright], tokens: Tokens) -> Tokens:
    """The successor, which both give, each to its own caller; access tokens count on both."""
    given = [await sessions.refresh(server.context(), tokens.refresh_token) for server in servers]
    assert len({each.refresh_token for each in given}) == 1
    for server in servers:
        for each in given:
            await server.verify(each.access_token)
    return given[0]
