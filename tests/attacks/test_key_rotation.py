"""Keys are rotated on a real server under load: no request fails, on whichever worker, and others can verify."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from gatewright import InvalidToken, Verifier
from gatewright.core import base64url
from gatewright.features.signing_keys import service
from gatewright.storage.database import Transaction
from tests.attacks.conftest import running_server
from tests.live import LiveServer, bearer, refresh, register, until
from tests.services import node

JWKS = "/.well-known/jwks.json"


@pytest.fixture
def server(new_database: str, tmp_path: Path) -> Iterator[LiveServer]:
    """A server of two workers whose keys nobody else rotates."""
    server = LiveServer(new_database, tmp_path / "server")
    with running_server(server):
        yield server


def kid_of(tokens: dict[str, Any]) -> str:
    head = tokens["accessToken"].partition(".")[0]
    kid: str = json.loads(base64url.decode(head))["kid"]
    return kid


def published(client: httpx2.Client) -> set[str]:
    return {key["kid"] for key in client.get(JWKS).json()["keys"]}


async def activate(server: LiveServer) -> None:
    """Let the published key sign from now on, as if its time of waiting were over."""
    now = datetime.now(UTC)

    def work(tx: Transaction) -> None:
        keys = tx.table("gatewright_signing_keys")
        tx.run(update(keys).where(keys.c.activates_at > now).values(activates_at=now))

    async with server.beside() as context:
        await context.db.write(work)


class Load:
    """Clients that read and refresh all the time, each with a session of its own."""

    def __init__(self, server: LiveServer, clients: int = 4) -> None:
        self.failures: list[str] = []
        self.calls = 0
        self._server = server
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(clients)]

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

    def _work(self, number: int) -> None:
        # A connection for each call: each may go to another worker than the one before.
        with httpx2.Client(
            base_url=self._server.url, timeout=30, limits=httpx2.Limits(max_keepalive_connections=0)
        ) as client:
            tokens = register(client, f"load{number}@example.com")
            while not self._over.is_set():
                for _ in range(3):
                    self._note(client.get("/users/profile", headers=bearer(tokens)))
                answer = client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
                self._note(answer)
                if answer.status_code == 200:
                    tokens = answer.json()

    def _note(self, answer: httpx2.Response) -> None:
        self.calls += 1
        if answer.status_code != 200:
            self.failures.append(f"{answer.request.url.path}: {answer.status_code} {answer.text}")


async def test_a_rotation_under_load_fails_no_request(server: LiveServer) -> None:
    """Published, signing, and a second time: every worker signs with the new key within a second; old tokens count."""
    with server.client_of_each_worker() as workers, Load(server).going_on() as load:
        tokens = register(workers[0], "user@example.com")
        first = tokens
        for number in (2, 3):
            load.wait_for(40)
            async with server.beside() as context:
                await service.rotate(context)
            until(lambda n=number: all(len(published(each)) == n for each in workers), what="the new key")  # type: ignore[misc]
            assert kid_of(refresh(workers[1], tokens)) in published(workers[0])
            load.wait_for(40)
            await activate(server)
            new = await signing_key(server)
            tokens = until_signed_by(new, workers, tokens)
            load.wait_for(40)
            for each in workers:
                assert each.get("/users/profile", headers=bearer(first)).status_code == 200
    assert load.failures == []


async def signing_key(server: LiveServer) -> str:
    async with server.beside() as context:
        (kid,) = (key.kid for key in await service.list_keys(context) if key.state == "signing")
        return kid


def until_signed_by(kid: str, workers: list[httpx2.Client], tokens: dict[str, Any]) -> dict[str, Any]:
    """The newest tokens, once each worker signs with that key."""
    newest = [tokens]

    def signs(worker: httpx2.Client) -> bool:
        newest.append(refresh(worker, newest[-1]))
        return kid_of(newest[-1]) == kid

    for worker in workers:
        until(lambda each=worker: signs(each), what="a token of the new key")  # type: ignore[misc]
    return newest[-1]


async def test_a_stolen_key_is_withdrawn_on_every_worker(server: LiveServer) -> None:
    """Within a second its tokens are refused everywhere; refreshing goes on, and the new tokens count everywhere."""
    with server.client_of_each_worker() as workers:
        tokens = register(workers[0], "user@example.com")
        (stolen,) = published(workers[0])
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


async def test_another_service_verifies_through_a_rotation(server: LiveServer) -> None:
    """With `Verifier`, over HTTP: tokens before, between and after, and none of a withdrawn key once it is known."""
    checks = Verifier(f"{server.url}{JWKS}", issuer=f"http://localhost:{server.port}")
    with server.client_of_each_worker() as workers:
        first = register(workers[0], "user@example.com")
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


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
async def test_a_service_on_node_verifies_through_a_rotation(
    sqlite_template_copy: Path, tmp_path: Path, jose: Path, algorithm: str
) -> None:
    """With jose and our JWKS alone: the old key's tokens and the new one's, and no changed one."""
    database = f"sqlite:///{sqlite_template_copy}"
    server = LiveServer(database, tmp_path / "server", workers=1, SIGNING_ALGORITHM=algorithm)
    issuer = f"http://localhost:{server.port}"
    with (
        running_server(server),
        server.client() as client,
        subprocess.Popen(
            ["node", "service.js", f"{server.url}{JWKS}", issuer],
            cwd=jose,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as verifying,
    ):

        def verified(tokens: dict[str, Any], end: str = "") -> str:
            assert verifying.stdin is not None
            assert verifying.stdout is not None
            verifying.stdin.write(f"{tokens['accessToken']}{end}\n")
            verifying.stdin.flush()
            return verifying.stdout.readline().strip()

        first = register(client, "user@example.com")
        user = first["user"]["id"]
        assert verified(first) == user
        async with server.beside(signing_algorithm=algorithm) as context:
            await service.rotate(context)
            now = datetime.now(UTC)

            def sign_now(tx: Transaction) -> str:
                keys = tx.table("gatewright_signing_keys")
                waiting = keys.c.activates_at > now
                row = tx.one(select(keys.c.kid).where(waiting))
                tx.run(update(keys).where(waiting).values(activates_at=now))
                assert row is not None
                return str(row["kid"])

            new = await context.db.write(sign_now)
        second = until_signed_by(new, [client], first)
        assert [verified(first), verified(second)] == [user, user]
        assert verified(second, end="AAAA") == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
