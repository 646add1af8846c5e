"""Keys are rotated on a real server under load: no request fails, on whichever worker, and others can verify."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from gatewright import InvalidToken, Verifier
from gatewright.clock import SystemClock
from gatewright.core import base64url
from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.features.signing_keys import service
from gatewright.storage.database import Transaction
from tests.attacks.conftest import migrated_copy, running_server
from tests.live import WITHIN_SECONDS, LiveServer, bearer, refresh, register, until
from tests.services import node

JWKS = "/.well-known/jwks.json"


WORKERS = {"sqlite": 2, "postgresql": 4}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose keys nobody else rotates."""
    folder = tmp_path_factory.mktemp("rotated")
    with migrated_copy(request, request.param, folder) as url:
        server = LiveServer(url, folder, workers=WORKERS[request.param])
        with running_server(server):
            yield server


def kid_of(tokens: dict[str, Any]) -> str:
    head = tokens["accessToken"].partition(".")[0]
    kid: str = json.loads(base64url.decode(head))["kid"]
    return kid


def published(client: httpx2.Client) -> set[str]:
    return {key["kid"] for key in client.get(JWKS).json()["keys"]}


async def activate(server: LiveServer) -> None:
    """Let the time pass in which the published key does not sign yet: for that key, and for those that it replaces."""
    now = datetime.now(UTC)

    def work(tx: Transaction) -> None:
        keys = tx.table("gatewright_signing_keys")
        (new,) = tx.all(select(keys).where(keys.c.activates_at > now))
        tx.run(update(keys).where(keys.c.kid == new["kid"]).values(activates_at=now))
        for old in tx.all(select(keys).where(keys.c.retires_at.is_not(None))):
            retires_at = old["retires_at"] - (new["activates_at"] - now)
            tx.run(update(keys).where(keys.c.kid == old["kid"]).values(retires_at=retires_at))

    async with server.beside() as context:
        await context.db.write(work)


class Load:
    """Clients that read and refresh all the time, each with a session of its own.

    Args:
        renews: Whether a client that is refused refreshes and asks again, as one does whose token has expired.
    """

    def __init__(self, server: LiveServer, clients: int = 4, *, renews: bool = False) -> None:
        self.failures: list[str] = []
        self.calls = 0
        self.renewals = 0
        self.kids: dict[str, str] = {}
        self._server = server
        self._renews = renews
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(clients)]

    @contextmanager
    def going_on(self) -> Iterator[Load]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def wait_for(self, calls: int) -> None:
        enough = self.calls + calls
        until(lambda: self.calls >= enough or bool(self.failures), what="the clients' calls", seconds=60)

    def _work(self) -> None:
        # A connection for each call: each may go to another worker than the one before.
        with httpx2.Client(
            base_url=self._server.url, timeout=30, limits=httpx2.Limits(max_keepalive_connections=0)
        ) as client:
            email = new_address()
            tokens = register(client, email)
            while not self._over.is_set():
                for _ in range(3):
                    tokens = self._read(client, tokens)
                tokens = self._refresh(client, tokens)
                self.kids[email] = kid_of(tokens)

    def _read(self, client: httpx2.Client, tokens: dict[str, Any]) -> dict[str, Any]:
        give_up = time.monotonic() + WITHIN_SECONDS
        while True:
            answer = client.get("/users/profile", headers=bearer(tokens))
            if answer.status_code != 401 or not self._renews or time.monotonic() > give_up:
                self._note(answer)
                return tokens
            # A worker that has not heard yet may sign with the old key once more.
            self.renewals += 1
            tokens = self._refresh(client, tokens)

    def _refresh(self, client: httpx2.Client, tokens: dict[str, Any]) -> dict[str, Any]:
        answer = client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
        self._note(answer)
        return answer.json() if answer.status_code == 200 else tokens

    def _note(self, answer: httpx2.Response) -> None:
        self.calls += 1
        if answer.status_code != 200:
            self.failures.append(f"{answer.request.url.path}: {answer.status_code} {answer.text}")


def new_address() -> str:
    return f"{secrets.token_hex(6)}@example.com"


@pytest.mark.both_databases
async def test_a_rotation_under_load_fails_no_request(server: LiveServer) -> None:
    """Published, then signing: every worker signs with the new key within a second, and old tokens count on all."""
    with server.client_of_each_worker() as workers, Load(server).going_on() as load:
        first = register(workers[0], new_address())
        load.wait_for(40)
        async with server.beside() as context:
            await service.rotate(context)
            (new,) = [key.kid for key in await service.list_keys(context) if key.state == "published"]
        until(lambda: all(new in published(each) for each in workers), what="the new key")
        second = refresh(workers[1], first)
        assert kid_of(second) == kid_of(first)
        load.wait_for(40)
        await activate(server)
        third = until_signed_by(new, workers, second)
        load.wait_for(40)
        for each in workers:
            for tokens in (first, second, third):
                assert each.get("/users/profile", headers=bearer(tokens)).status_code == 200
    assert load.failures == []


async def signing_key(server: LiveServer) -> str:
    async with server.beside() as context:
        (kid,) = (key.kid for key in await service.list_keys(context) if key.state == "signing")
        return kid


def until_signed_by(kid: str, workers: list[httpx2.Client], tokens: dict[str, Any]) -> dict[str, Any]:
    """The newest tokens, once all workers sign with that key."""
    newest = [tokens]

    def signs(worker: httpx2.Client) -> bool:
        newest.append(refresh(worker, newest[-1]))
        return kid_of(newest[-1]) == kid

    until(lambda: all(signs(each) for each in workers), what="a token of the new key on every worker")
    return newest[-1]


@pytest.mark.both_databases
async def test_a_stolen_key_is_withdrawn_under_load(server: LiveServer) -> None:
    """Within a second its tokens are refused everywhere. Whoever is refused refreshes, and that fails nobody."""
    with server.client_of_each_worker() as workers, Load(server, renews=True).going_on() as load:
        tokens = register(workers[0], new_address())
        stolen = kid_of(tokens)
        load.wait_for(40)
        assert load.renewals == 0
        async with server.beside() as context:
            await service.withdraw(context)
        until(
            lambda: all(each.get("/users/profile", headers=bearer(tokens)).status_code == 401 for each in workers),
            what="the end of the stolen key",
        )
        again = refresh(workers[1], tokens)
        assert kid_of(again) != stolen
        for each in workers:
            assert each.get("/users/profile", headers=bearer(again)).status_code == 200
            assert published(each) == {kid_of(again)}
        # From then on nobody is refused.
        until(lambda: set(load.kids.values()) == {kid_of(again)}, what="the clients' new tokens", seconds=60)
        renewed = load.renewals
        load.wait_for(40)
    assert load.failures == []
    assert load.renewals == renewed > 0


async def test_another_service_verifies_through_a_rotation(server: LiveServer) -> None:
    """With `Verifier`, over HTTP: tokens before, between and after, and none of a withdrawn key once it is known."""
    checks = Verifier(f"{server.url}{JWKS}", issuer=f"http://localhost:{server.port}")
    with server.client_of_each_worker() as workers:
        first = register(workers[0], new_address())
        assert (await checks.verify(first["accessToken"])).id == first["user"]["id"]
        async with server.beside() as context:
            await service.rotate(context)
        await activate(server)
        second = until_signed_by(await signing_key(server), workers, first)
        for each in (first, second):
            assert (await checks.verify(each["accessToken"])).id == first["user"]["id"]

        async with server.beside() as context:
            await service.withdraw(context)
        third = until_signed_by(await signing_key(server), workers, second)
        later = Verifier(f"{server.url}{JWKS}", issuer=f"http://localhost:{server.port}")
        assert (await later.verify(third["accessToken"])).id == first["user"]["id"]
        for old in (first, second):
            with pytest.raises(InvalidToken):
                await later.verify(old["accessToken"])


_SERVICE = """
import { createRemoteJWKSet, jwtVerify } from "jose";
import { createInterface } from "node:readline";

const [url, issuer] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(url), { cooldownDuration: 0 });
for await (const token of createInterface({ input: process.stdin })) {
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience: issuer, typ: "at+jwt" });
    console.log(payload.sub);
  } catch (error) {
    console.log(error.code);
  }
}
"""


@pytest.fixture(scope="session")
def jose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service in JavaScript that verifies tokens from its standard input; skips where it cannot be installed."""
    folder = tmp_path_factory.mktemp("node")
    try:
        node.install(folder, "jose@6")
    except node.NodeUnavailable as reason:
        if os.environ.get("CI") == "true":
            pytest.exit(f"CI has to test with Node, but {reason}", returncode=1)
        pytest.skip(str(reason))
    (folder / "service.js").write_text(_SERVICE)
    return folder


@contextmanager
def verifying(jose: Path, jwks_url: str, issuer: str) -> Iterator[Callable[[str], str]]:
    """Asks the service whose token it is, or what is wrong with it."""
    command = ["node", "service.js", jwks_url, issuer]
    with subprocess.Popen(command, cwd=jose, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def verified(token: str) -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{token}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield verified


async def test_a_service_on_node_verifies_through_a_rotation(server: LiveServer, jose: Path) -> None:
    """With jose and our JWKS alone: the old key's tokens and the new one's, and no changed one."""
    with (
        server.client_of_each_worker() as workers,
        verifying(jose, f"{server.url}{JWKS}", f"http://localhost:{server.port}") as verified,
    ):
        first = register(workers[0], new_address())
        user = first["user"]["id"]
        assert verified(first["accessToken"]) == user
        async with server.beside() as context:
            await service.rotate(context)
        await activate(server)
        second = until_signed_by(await signing_key(server), workers, first)
        assert [verified(each["accessToken"]) for each in (first, second)] == [user, user]
        assert verified(f"{second['accessToken']}AAAA") == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


class Published(BaseHTTPRequestHandler):
    """Answers with a JWK set."""

    jwks = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.jwks)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
def test_a_service_on_node_verifies_every_algorithm(jose: Path, algorithm: Algorithm) -> None:
    """What the server publishes of a key for another algorithm is what jose takes for one."""
    old, new = SigningKey.generate(algorithm), SigningKey.generate(algorithm)
    issuer = "https://auth.example.com"
    given: dict[str, Any] = {"algorithm": algorithm, "issuer": issuer, "audience": issuer, "ttl": timedelta(minutes=15)}
    issued: dict[str, Any] = {"user_id": "u1", "session_id": "s1", "role": "USER", "auth_time": 0, "amr": ["pwd"]}
    before = AccessTokens(KeyRing(old), clock=SystemClock(), **given)
    after = AccessTokens(KeyRing(new, [old]), clock=SystemClock(), **given)

    class Keys(Published):
        jwks = json.dumps(before.keyring.jwks()).encode()

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as published:
        threading.Thread(target=published.serve_forever, daemon=True).start()
        with verifying(jose, f"http://127.0.0.1:{published.server_port}/", issuer) as verified:
            first, second = before.issue(**issued), after.issue(**issued)
            assert verified(first) == "u1"
            Keys.jwks = json.dumps(after.keyring.jwks()).encode()
            assert [verified(first), verified(second)] == ["u1", "u1"]
            assert verified(f"{second}AAAA") == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
        published.shutdown()
