"""More logins than the server can hash: some are refused at once, and everything else stays quick."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import httpx2
import pytest

from tests.attacks.conftest import running_server
from tests.live import PASSWORD, LiveServer, bearer, register

LOGINS = 120
READ_SECONDS = 0.5
"""A read takes a few milliseconds; this is a machine with two cores, which other tests keep busy."""


@pytest.fixture
def server(new_database: str, tmp_path: Path) -> Iterator[LiveServer]:
    """A server with the default cost of a hash, and little patience."""
    costly = {"ARGON2__MEMORY_KIB": "19456", "ARGON2__ITERATIONS": "2", "HASH_QUEUE_MS": "200"}
    with running_server(LiveServer(new_database, tmp_path / "server", workers=1, **costly)) as server:
        yield server


@pytest.mark.extra
async def test_a_flood_of_logins_is_refused_at_once_and_reads_stay_quick(server: LiveServer) -> None:
    """Every login is answered: with tokens, or with 503 `overloaded` and when to come back; no read waits for them."""
    with server.client() as client:
        tokens = register(client, "user@example.com")
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=server.url, limits=limits, timeout=60) as client:
        flood = asyncio.gather(*(_timed_login(client) for _ in range(LOGINS)))
        reads = []
        while not flood.done():
            began = perf_counter()
            answer = await client.get("/users/profile", headers=bearer(tokens))
            reads.append(perf_counter() - began)
            assert answer.status_code == 200
        answers = await flood

        refused = [(answer, seconds) for answer, seconds in answers if answer.status_code == 503]
        assert {answer.status_code for answer, _ in answers} == {200, 503}
        for answer, _ in refused:
            assert answer.json()["code"] == "overloaded"
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
        served = [seconds for answer, seconds in answers if answer.status_code == 200]
        assert statistics.median(seconds for _, seconds in refused) < max(served)
        assert statistics.median(reads) < READ_SECONDS
        again = await client.post("/auth/login", json={"email": "user@example.com", "password": PASSWORD})
        assert again.status_code == 200


async def _timed_login(client: httpx2.AsyncClient) -> tuple[httpx2.Response, float]:
    began = perf_counter()
    answer = await client.post("/auth/login", json={"email": "user@example.com", "password": PASSWORD})
    return answer, perf_counter() - began


async def test_known_and_unknown_addresses_are_refused_alike(server: LiveServer) -> None:
    """Who is refused depends on the queue alone."""
    with server.client() as client:
        register(client, "user@example.com")
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=server.url, limits=limits, timeout=60) as client:
        bodies = [
            {"email": "user@example.com" if number % 2 else f"nobody{number}@example.com", "password": "attacked"}
            for number in range(LOGINS)
        ]
        answers = await asyncio.gather(*(client.post("/auth/login", json=body) for body in bodies))
    refused = [sum(answer.status_code == 503 for answer in answers[start::2]) for start in (0, 1)]
    assert min(refused) > 0
    assert {answer.status_code for answer in answers} == {401, 503}
