"""Limits on signing in, from the first try to the owner's way back in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gatewright import Gatewright, Settings
from gatewright.addresses import parse_address
from gatewright.core.passwords.hasher import PasswordHasher
from gatewright.errors import Overloaded
from gatewright.features.admin import service as admin
from gatewright.features.login import attempts
from gatewright.testing import AsUser, FakeClock
from gatewright.testing.clients import PASSWORD
from gatewright.testing.mails import CapturedMails
from tests.conftest import make_settings

EMAIL, UNKNOWN = "user@example.com", "nobody@example.com"
PROXY = "192.0.2.100"


@pytest.fixture
def settings(migrated_url: str) -> Settings:
    """Behind a proxy, so that the tests can come from anywhere."""
    return make_settings(migrated_url, trusted_proxies=[PROXY])


@pytest.fixture
def client(auth_client: TestClient, as_user: AsUser) -> TestClient:
    """A client of an app with one account, through the proxy."""
    as_user(email=EMAIL)
    through = TestClient(auth_client.app, client=(PROXY, 1))
    through.portal = auth_client.portal
    return through


def try_in(
    client: TestClient, password: str = "wrong", *, email: str = EMAIL, at: str = "198.51.100.1", **more: Any
) -> httpx2.Response:
    body = {"email": email, "password": password, **more}
    answer: httpx2.Response = client.post("/auth/login", json=body, headers={"X-Forwarded-For": at})
    return answer


def statuses(answers: list[httpx2.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def fail_from_everywhere(client: TestClient, times: int, clock: FakeClock, **more: Any) -> None:
    """So many failures, each from an address of its own, with the waits that they need."""
    for number in range(times):
        answer = try_in(client, at=f"203.0.113.{number}", **more)
        if answer.status_code == 429:
            clock.advance(int(answer.headers["Retry-After"]))
            answer = try_in(client, at=f"203.0.113.{number}", **more)
        assert answer.status_code == 401


def without_id(answer: httpx2.Response) -> tuple[int, Any, dict[str, str]]:
    """All that a client sees, but for what tells two requests apart."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.text.replace(answer.headers["X-Request-Id"], ""), headers


@pytest.mark.both_databases
def test_the_sixth_failure_in_a_minute_is_refused(client: TestClient) -> None:
    """With a problem document that says when to come back."""
    assert statuses([try_in(client) for _ in range(5)]) == [401] * 5
    refused = try_in(client)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "12"
    assert refused.headers["RateLimit"] == '"login-address-and-account";r=0;t=12'
    assert refused.headers["RateLimit-Policy"] == '"login-address-and-account";q=5;w=60'


def test_a_limited_login_tells_nothing_of_the_password(client: TestClient) -> None:
    """The right one is refused in the same words as a wrong one."""
    for _ in range(5):
        try_in(client)
    assert without_id(try_in(client, PASSWORD)) == without_id(try_in(client))


@pytest.mark.parametrize("everywhere", [False, True])
def test_addresses_without_an_account_are_limited_alike(
    client: TestClient, auth_clock: FakeClock, everywhere: bool
) -> None:
    """Byte for byte, status for status, wait for wait."""

    def answers(email: str, network: str) -> list[Any]:
        found = []
        for number in range(14):
            answer = try_in(client, email=email, at=f"{network}.{number if everywhere else 1}")
            found.append(without_id(answer))
            auth_clock.advance(int(answer.headers.get("Retry-After", 0)))
        return found

    assert answers(EMAIL, "198.51.100") == answers(UNKNOWN, "203.0.113")


def test_one_account_is_one_however_its_address_is_written(client: TestClient) -> None:
    """Capitals and spaces give no more tries."""
    spellings = [
        "USER@example.com",
        " user@example.com",
        "User@Example.COM",
        "uSer@example.com ",
        EMAIL,
        "\uff35ser@example.com",
    ]
    found = statuses([try_in(client, email=each) for each in spellings])
    assert found == [401] * 5 + [429]


def test_the_delay_of_an_account_grows_to_a_quarter_of_an_hour(client: TestClient, auth_clock: FakeClock) -> None:
    """Over all the addresses that the failures come from."""
    waits = []
    for number in range(17):
        answer = try_in(client, at=f"203.0.113.{number}")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            auth_clock.advance(waits[-1])
            assert try_in(client, at=f"203.0.113.{number}").status_code == 401
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@pytest.mark.both_databases
def test_a_right_password_ends_the_delay(client: TestClient, auth_clock: FakeClock) -> None:
    """The next mistakes are as harmless as the first ones."""
    fail_from_everywhere(client, 8, auth_clock)
    auth_clock.advance(60)
    assert try_in(client, PASSWORD).status_code == 200
    assert statuses([try_in(client) for _ in range(4)]) == [401] * 4
    assert try_in(client, PASSWORD).status_code == 200


def test_the_owners_device_is_let_in_while_the_account_is_delayed(client: TestClient, auth_clock: FakeClock) -> None:
    """With its credential, and with the one that each login renews; nobody else is."""
    device = try_in(client, PASSWORD).json()["deviceToken"]
    fail_from_everywhere(client, 12, auth_clock)
    assert try_in(client, PASSWORD).status_code == 429
    renewed = try_in(client, PASSWORD, deviceToken=device)
    assert renewed.status_code == 200
    assert try_in(client, PASSWORD, deviceToken=renewed.json()["deviceToken"]).status_code == 200
    assert try_in(client, PASSWORD).status_code == 429


def test_a_login_by_device_does_not_end_the_strangers_delay(client: TestClient, auth_clock: FakeClock) -> None:
    """Else an owner who signs in every day would give them new tries every day."""
    device = try_in(client, PASSWORD).json()["deviceToken"]
    fail_from_everywhere(client, 8, auth_clock)
    try_in(client, PASSWORD, deviceToken=device)
    assert try_in(client, at="198.51.100.99").status_code == 429


def test_a_device_that_fails_is_delayed_itself(client: TestClient, auth_clock: FakeClock) -> None:
    """Though not the account, and not another device."""
    first, second = (try_in(client, PASSWORD).json()["deviceToken"] for _ in range(2))
    fail_from_everywhere(client, 8, auth_clock, deviceToken=first)
    assert try_in(client, PASSWORD, deviceToken=first).status_code == 429
    assert try_in(client, PASSWORD, deviceToken=second).status_code == 200
    assert try_in(client, PASSWORD).status_code == 200


def test_a_devices_credential_ends_after_a_year(client: TestClient, auth_clock: FakeClock) -> None:
    """`[login] device_ttl`."""
    device = try_in(client, PASSWORD).json()["deviceToken"]
    auth_clock.advance(365 * 86_400)
    fail_from_everywhere(client, 8, auth_clock)
    assert try_in(client, PASSWORD, deviceToken=device).status_code == 429


def test_a_reset_ends_device_credentials(client: TestClient, auth_clock: FakeClock, auth_mails: CapturedMails) -> None:
    """Whoever has stolen one guesses no further under it; one that a later login gives counts."""
    stolen = try_in(client, PASSWORD).json()["deviceToken"]
    client.post("/auth/password/forgot", json={"email": EMAIL})
    token = [mail for mail in auth_mails.to(EMAIL) if "Set a new password" in mail.subject][-1].token
    new = "another good passphrase"
    assert client.post("/auth/password/reset", json={"token": token, "password": new}).status_code == 200
    own = try_in(client, new).json()["deviceToken"]
    fail_from_everywhere(client, 12, auth_clock)
    assert try_in(client, new, deviceToken=stolen).status_code == 429
    assert try_in(client, new, deviceToken=own).status_code == 200


def test_a_password_that_an_administrator_sets_ends_device_credentials(
    client: TestClient, auth_clock: FakeClock, auth_gatewright: Gatewright
) -> None:
    """As a reset by mail does."""
    stolen = try_in(client, PASSWORD).json()["deviceToken"]
    new = "another good passphrase"
    assert client.portal is not None
    client.portal.call(admin.set_password, auth_gatewright.context(), EMAIL, new)
    fail_from_everywhere(client, 12, auth_clock)
    assert try_in(client, new, deviceToken=stolen).status_code == 429


@pytest.mark.parametrize("garbage", ["", "gwd_", "gwd_" + "A" * 71, "\u00e9\u0000", "x" * 5000, None])
def test_a_device_token_that_is_garbage_is_ignored(client: TestClient, garbage: str | None) -> None:
    """It is what a client found in its drawer, and no error."""
    assert try_in(client, PASSWORD, deviceToken=garbage).status_code == 200


def test_the_devices_own_address_is_limited_still(client: TestClient) -> None:
    """A credential exempts from the account's delay, and from nothing else."""
    device = try_in(client, PASSWORD).json()["deviceToken"]
    for _ in range(5):
        try_in(client)
    assert try_in(client, PASSWORD, deviceToken=device).status_code == 429


def test_a_reset_by_mail_ends_the_delay(client: TestClient, auth_gatewright: Gatewright, auth_clock: FakeClock) -> None:
    """`attempts.end_delay` is what it calls."""
    fail_from_everywhere(client, 12, auth_clock)
    assert try_in(client, PASSWORD).status_code == 429
    assert client.portal is not None
    client.portal.call(attempts.end_delay, auth_gatewright.context(), EMAIL)
    assert try_in(client, PASSWORD).status_code == 200


def test_a_disabled_account_that_signs_in_is_no_guesser(client: TestClient, auth_gatewright: Gatewright) -> None:
    """Its password was right: it is told so as often as it asks."""
    assert client.portal is not None
    client.portal.call(lambda: admin.disable(auth_gatewright.context(), EMAIL, reason="a test"))
    assert statuses([try_in(client, PASSWORD) for _ in range(8)]) == [403] * 8


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_an_unverified_account_that_signs_in_is_no_guesser(
    migrated_url: str, make_client: Callable[[Gatewright], AbstractContextManager[TestClient]]
) -> None:
    """Its password was right: neither the address nor the account is limited for it."""
    auth = Gatewright(make_settings(migrated_url, require_verified_email=True))
    with make_client(auth) as client:
        register(client, EMAIL, at="198.51.100.1")
        assert statuses([try_in(client, PASSWORD) for _ in range(8)]) == [403] * 8
        assert statuses([try_in(client) for _ in range(5)]) == [401] * 5


def test_a_server_that_was_too_busy_to_look_counts_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told to come back is not refused for it; failures from before stay."""
    for _ in range(4):
        try_in(client)

    async def refuse(*_: object, **__: object) -> None:
        raise Overloaded

    with monkeypatch.context() as patch:
        patch.setattr(PasswordHasher, "verify", refuse)
        assert statuses([try_in(client, PASSWORD) for _ in range(8)]) == [503] * 8
    assert statuses([try_in(client), try_in(client)]) == [401, 429]


def test_limits_are_recorded_once_a_minute(
    client: TestClient, auth_gatewright: Gatewright, auth_clock: FakeClock
) -> None:
    """A flood that is refused fills no table."""
    for _ in range(30):
        try_in(client)
    assert events(client, auth_gatewright) == ["login-address-and-account"]
    auth_clock.advance(60)
    for _ in range(30):
        try_in(client)
    assert len(events(client, auth_gatewright)) == 2


def events(client: TestClient, auth: Gatewright) -> list[str]:
    def work(tx: Any) -> list[Any]:
        table = tx.table("gatewright_audit_events")
        return list(tx.all(select(table.c.details).where(table.c.event == "login.limited")))

    assert client.portal is not None
    found = client.portal.call(auth.database.read, work)
    return [row["details"]["limit"] for row in found]


def test_registrations_from_one_address_are_limited(client: TestClient) -> None:
    """Twenty a minute by default: an office signs up at once, a robot does not."""
    found = [register(client, f"user{number}@example.com", at="198.51.100.1") for number in range(21)]
    assert found == [201] * 20 + [429]
    assert register(client, "another@example.com", at="198.51.100.2") == 201


def register(client: TestClient, email: str, *, at: str) -> int:
    body = {"email": email, "password": PASSWORD, "firstName": "John", "lastName": "Doe"}
    return client.post("/auth/register", json=body, headers={"X-Forwarded-For": at}).status_code


@pytest.fixture
def unlimited(migrated_url: str) -> Settings:
    return make_settings(migrated_url, rate_limit_enabled=False)


@pytest.fixture
def make_client() -> Callable[[Gatewright], AbstractContextManager[TestClient]]:
    """A client of an app with the given settings."""
    from tests.conftest import example_app

    return lambda auth: TestClient(example_app(auth))


@pytest.fixture
def make_statuses(
    make_client: Callable[[Gatewright], AbstractContextManager[TestClient]],
) -> Callable[[Gatewright], list[int]]:
    """The statuses of a dozen failed logins."""

    def run(auth: Gatewright) -> list[int]:
        with make_client(auth) as client:
            return statuses([try_in(client) for _ in range(12)])

    return run


def test_limits_can_be_switched_off(unlimited: Settings, make_statuses: Callable[[Gatewright], list[int]]) -> None:
    """All of them, by one setting."""
    assert make_statuses(Gatewright(unlimited)) == [401] * 12


def test_settings_decide_how_many(migrated_url: str, make_statuses: Callable[[Gatewright], list[int]]) -> None:
    """`[login]` has them."""
    settings = make_settings(migrated_url, login={"failures_per_minute": 2})
    assert make_statuses(Gatewright(settings)) == [401] * 2 + [429] * 10


def test_the_address_of_an_account_is_read_as_its_key() -> None:
    """What `end_delay` is given is what a login counts by."""
    assert parse_address("User@Example.com").key == EMAIL
