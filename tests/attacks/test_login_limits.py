"""Guessing passwords, fast and from everywhere, and keeping the owner out by it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from gatewright.storage.database import Transaction
from tests.attacks.conftest import migrated_copy, running_server
from tests.live import PASSWORD, Answer, LiveServer, Order, bearer, code, log_in, register, storm

WRONG = "a wrong attacked passphrase"
_addresses = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two workers that limits, behind a proxy that it trusts: this process."""
    folder = tmp_path_factory.mktemp("limited")
    with migrated_copy(request, request.param, folder) as url:
        server = LiveServer(url, folder, RATE_LIMIT_ENABLED="true", TRUSTED_PROXIES="127.0.0.1")
        with running_server(server):
            yield server


@pytest.fixture
def client(limited: LiveServer) -> Iterator[httpx2.Client]:
    """A client of the limited server, from an address of its own."""
    with limited.client() as client:
        client.headers.update(coming_from(new_address()))
        yield client


def new_address() -> str:
    """An address that nobody has come from."""
    number = next(_addresses)
    return f"198.18.{number // 256}.{number % 256}"


def coming_from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def guess(server: LiveServer, email: str, address: str, password: str = WRONG, **more: str) -> Order:
    body = {"email": email, "password": password, **more}
    return Order("POST", f"{server.url}/auth/login", body, coming_from(address))


def pause_for_a_minute(server: LiveServer) -> None:
    """Let each account that was guessed at wait for a minute, however slow the machine is."""

    async def change() -> None:
        async with server.beside() as context:
            await context.db.write(_pause)

    asyncio.run(change())


def _pause(tx: Transaction) -> None:
    limits = tx.table("gatewright_limits")
    in_a_minute = int(time.time() * 1000) + 60_000
    tx.run(update(limits).where(limits.c.tries >= 5).values(busy_until=in_a_minute))


def looked_at(answers: list[Answer]) -> int:
    """How many passwords came to be hashed; the others were refused before."""
    assert {answer.status for answer in answers} <= {401, 429}
    return sum(answer.status == 401 for answer in answers)


def assert_slowed_down(orders: list[Order]) -> None:
    """Of a storm, five passwords are looked at, and one more after each pause that was over before the storm was."""
    began = time.monotonic()
    looked = looked_at(storm(orders))
    seconds = time.monotonic() - began
    assert 5 <= looked <= 5 + int(math.log2(seconds + 1)), (looked, seconds)


@pytest.mark.both_databases
def test_a_storm_on_one_account_from_one_address_gets_five_tries(
    limited: LiveServer, client: httpx2.Client, email: str
) -> None:
    """Eighty at once, over both workers: the try is counted before its password is looked at."""
    register(client, email)
    address = new_address()
    assert looked_at(storm([guess(limited, email, address) for _ in range(80)])) == 5


@pytest.mark.both_databases
def test_the_workers_share_the_count(limited: LiveServer, client: httpx2.Client, email: str) -> None:
    """Five tries in all, whichever worker answers; the sixth is refused by both."""
    register(client, email)
    address = new_address()
    with limited.client_of_each_worker() as (first, second):
        body = {"email": email, "password": WRONG}
        for worker in (first, second, first, second, first):
            answer = worker.post("/auth/login", json=body, headers=coming_from(address))
            assert code(answer) == (401, "invalid_credentials")
        for worker in (first, second):
            answer = worker.post("/auth/login", json=body, headers=coming_from(address))
            assert code(answer) == (429, "rate_limited")


@pytest.mark.both_databases
def test_a_storm_on_many_accounts_from_one_address_gets_ten_tries(
    limited: LiveServer, new_email: Callable[[], str]
) -> None:
    """One password for every account of a list, as after a leak."""
    address = new_address()
    assert looked_at(storm([guess(limited, new_email(), address) for _ in range(80)])) == 10


def test_a_storm_from_one_network_of_ipv6_is_one_client(limited: LiveServer, new_email: Callable[[], str]) -> None:
    """Its owner has 2^64 addresses; another network's are others."""
    orders = [guess(limited, new_email(), f"2001:db8:1:{limited.port:x}:{number:x}::1") for number in range(1, 61)]
    assert looked_at(storm(orders)) == 10
    assert looked_at(storm([guess(limited, new_email(), f"2001:db8:2:{limited.port:x}::1")])) == 1


def test_a_storm_from_everywhere_on_one_account_is_slowed_down(
    limited: LiveServer, client: httpx2.Client, email: str
) -> None:
    """Five tries, and then pauses of 1, 2, 4 seconds and so on: a storm is over before it has had many."""
    register(client, email)
    assert_slowed_down([guess(limited, email, new_address()) for _ in range(100)])


def test_strangers_from_everywhere_do_not_keep_the_owner_out(
    limited: LiveServer, client: httpx2.Client, email: str
) -> None:
    """The owner's device is known by its credential; without it even the right password has to wait."""
    device = register(client, email)["deviceToken"]
    flood = [guess(limited, email, new_address()) for _ in range(60)]
    owner = [guess(limited, email, new_address(), PASSWORD, deviceToken=device) for _ in range(4)]
    answers = storm([*flood[:30], *owner, *flood[30:]])
    assert [answer.status for answer in answers[30:34]] == [200] * 4

    pause_for_a_minute(limited)
    stranger = storm([guess(limited, email, new_address(), PASSWORD)])
    assert [answer.status for answer in stranger] == [429]
    again = storm([guess(limited, email, new_address(), PASSWORD, deviceToken=device)])
    assert [answer.status for answer in again] == [200]


def test_anothers_credential_opens_nothing(
    limited: LiveServer, client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """An attacker has an account, too, and a credential for it."""
    own = register(client, new_email())["deviceToken"]
    email = new_email()
    register(client, email)
    assert_slowed_down([guess(limited, email, new_address(), deviceToken=own) for _ in range(60)])


def test_a_stolen_credential_is_no_free_pass(limited: LiveServer, client: httpx2.Client, email: str) -> None:
    """The device has a delay of its own, wherever it comes from."""
    device = register(client, email)["deviceToken"]
    assert_slowed_down([guess(limited, email, new_address(), deviceToken=device) for _ in range(60)])


def test_the_form_of_oauth_is_no_way_around(limited: LiveServer, client: httpx2.Client, email: str) -> None:
    """The same counts, and the same refusal with its headers."""
    register(client, email)
    address = coming_from(new_address())
    form = {"grant_type": "password", "username": email, "password": WRONG}
    for _ in range(3):
        assert client.post("/auth/token", data=form, headers=address).status_code == 400
    for _ in range(2):
        answer = client.post("/auth/login", json={"email": email, "password": WRONG}, headers=address)
        assert answer.status_code == 401
    refused = client.post("/auth/token", data={**form, "password": PASSWORD}, headers=address)
    assert code(refused) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1


def test_who_is_signed_in_goes_on_while_logins_are_limited(
    limited: LiveServer, client: httpx2.Client, email: str
) -> None:
    """Neither a session nor a refresh is a login."""
    tokens: dict[str, Any] = register(client, email)
    for _ in range(6):
        client.post("/auth/login", json={"email": email, "password": WRONG})
    assert code(client.post("/auth/login", json={"email": email, "password": PASSWORD})) == (429, "rate_limited")
    assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200
    assert client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}).status_code == 200


def test_many_right_logins_are_nobodys_attack(client: httpx2.Client, email: str) -> None:
    """They are counted before it is known that they are right, and uncounted after."""
    register(client, email)
    for _ in range(15):
        log_in(client, email)
