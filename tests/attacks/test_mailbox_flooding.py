"""Filling somebody's mailbox through us, from as many addresses as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from tests.attacks.conftest import mailed_server
from tests.attacks.mailed import CHANGE, RESET, TAKEN, VERIFY, Mailed
from tests.live import PASSWORD, Order, bearer, storm

TIMES = 200
NEW = "another attacked passphrase"
MOST_LINKS = 3
"""Live ones, of each kind: spec/security.md, "Tokens in mails"."""
MOST_AN_HOUR = 10
"""Of each other kind, by default: `LIMITS__MAILS_PER_HOUR`."""

_numbers = count(1)


# What the databases have a part in is tested on both in tests/core.
@pytest.fixture(scope="module", params=["sqlite"])
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """A server that limits, behind a proxy that it trusts: this process."""
    settings = {
        "RATE_LIMIT_ENABLED": "true",
        "TRUSTED_PROXIES": "127.0.0.1",
        "LOGIN__ADDRESS_FAILURES_PER_MINUTE": "1000",
    }
    with mailed_server(request, request.param, tmp_path_factory.mktemp("flooded"), **settings) as mailed:
        yield mailed


@pytest.fixture(scope="module", params=["sqlite"])
def verifying(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """The same, where an address counts once it is proved."""
    settings = {"RATE_LIMIT_ENABLED": "true", "TRUSTED_PROXIES": "127.0.0.1", "REQUIRE_VERIFIED_EMAIL": "true"}
    with mailed_server(request, request.param, tmp_path_factory.mktemp("verifying"), **settings) as mailed:
        yield mailed


@pytest.fixture
def client(limited: Mailed) -> Iterator[httpx2.Client]:
    with limited.live.client() as client:
        client.headers.update(from_elsewhere())
        yield client


def from_elsewhere() -> dict[str, str]:
    """The header that a proxy writes for a client that nobody has seen before."""
    number = next(_numbers)
    return {"X-Forwarded-For": f"198.18.{number // 256}.{number % 256}"}


def flood(mailed: Mailed, path: str, body: object, times: int = TIMES, **headers: str) -> set[int]:
    """One call, again and again, from another address each time; the statuses."""
    orders = [Order("POST", f"{mailed.live.url}{path}", body, {**headers, **from_elsewhere()}) for _ in range(times)]
    return {answer.status for answer in storm(orders)}


def registration(email: str) -> dict[str, str]:
    return {"email": email, "password": PASSWORD, "firstName": "Test", "lastName": "User"}


async def test_asking_for_links_gives_three_that_all_work(limited: Mailed, client: httpx2.Client, email: str) -> None:
    """The owner's first link, too: it was there before the flood."""
    _, mail = limited.registered(client, email)
    first = limited.reset_token(client, email)
    for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
        assert flood(limited, path, {"email": email}) == {202}
        assert flood(limited, path, {"email": email.upper()}, 20) == {202}
    await limited.is_quiet()
    assert len(limited.to(email, RESET)) == len(limited.to(email, VERIFY)) == MOST_LINKS
    assert client.post("/auth/verify-email", json={"token": mail.token}).status_code == 200
    assert client.post("/auth/password/reset", json={"token": first, "password": NEW}).status_code == 200


async def test_registering_a_taken_address_tells_its_owner_three_times(verifying: Mailed, email: str) -> None:
    """Where the answer does not tell that the address is taken, and the owner's link goes on working."""
    assert flood(verifying, "/auth/register", registration(email), 1) == {202}
    mail = verifying.wait(email, VERIFY)[0]
    # So many hashes at once may be more than a busy machine takes on.
    assert flood(verifying, "/auth/register", registration(email)) <= {202, 503}
    await verifying.is_quiet()
    assert (len(verifying.to(email, VERIFY)), len(verifying.to(email, TAKEN))) == (1, MOST_LINKS)
    assert flood(verifying, "/auth/verify-email", {"token": mail.token}, 1) == {200}
    assert flood(verifying, "/auth/login", {"email": email, "password": PASSWORD}, 1) == {200}


async def test_changes_of_address_do_not_fill_the_new_mailbox(
    limited: Mailed, client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """From many accounts, each of which voids its links by another password and asks again."""
    victim, accounts = new_email(), [account(limited, client, new_email()) for _ in range(8)]
    for _ in range(2):
        orders = [
            Order(
                "POST",
                f"{limited.live.url}/auth/email/change",
                {"newEmail": victim},
                {**bearer(each), **from_elsewhere()},
            )
            for each in accounts * 8
        ]
        assert {answer.status for answer in storm(orders)} <= {202, 429}
        for each in accounts:
            change = {"currentPassword": each["password"], "newPassword": f"{each['password']} more"}
            assert client.post(
                "/auth/password/change", json=change, headers={**bearer(each), **from_elsewhere()}
            ).is_success
            each["password"] += " more"
    await limited.is_quiet()
    assert 1 <= len(limited.to(victim, CHANGE)) <= MOST_AN_HOUR


def account(mailed: Mailed, client: httpx2.Client, email: str) -> dict[str, Any]:
    tokens: dict[str, Any] = client.post("/auth/register", json=registration(email), headers=from_elsewhere()).json()
    return {**tokens, "password": PASSWORD}


async def test_an_account_under_anothers_address_does_not_fill_their_mailbox(
    limited: Mailed, client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """A stranger made it, and does whatever its owner would be told of, again and again."""
    victim = new_email()
    tokens, _ = limited.registered(client, victim)
    for number in range(20):
        headers = {"User-Agent": f"a device {number}", **from_elsewhere()}
        assert client.post("/auth/login", json={"email": victim, "password": PASSWORD}, headers=headers).is_success
    assert flood(limited, "/auth/email/change", {"newEmail": new_email()}, 40, **bearer(tokens)) <= {202, 429}
    password = PASSWORD
    for _ in range(20):
        change = {"currentPassword": password, "newPassword": f"{password}!"}
        assert client.post(
            "/auth/password/change", json=change, headers={**bearer(tokens), **from_elsewhere()}
        ).is_success
        password += "!"
    await limited.is_quiet()
    mails: dict[str, int] = {}
    for mail in limited.to(victim):
        mails[mail.subject] = mails.get(mail.subject, 0) + 1
    assert len(mails) == 4
    assert max(mails.values()) <= MOST_AN_HOUR
