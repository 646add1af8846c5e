"""How many statements a call costs, apart from BEGIN and COMMIT: what a busy server pays each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import argon2
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core import revocation
from gatewright.testing.clients import PASSWORD, AsUser, SignedInClient

pytestmark = pytest.mark.both_databases

_TABLE = re.compile(r'(?:\bFROM|\bINTO|^UPDATE)\s+"?(\w+)')

COUNTED, UNCOUNTED = "INSERT gatewright_limits", "UPDATE gatewright_limits"
RECORDED = "INSERT gatewright_audit_events"
MAIL = "INSERT gatewright_outbox"
NOTED = "INSERT gatewright_login_devices"


@pytest.fixture(autouse=True)
def without_polls(without_background: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was polled once counts as fresh."""
    monkeypatch.setattr(revocation, "FRESH_SECONDS", 3600.0)


@pytest.fixture
def client(as_user: AsUser) -> SignedInClient:
    return as_user(email="user@example.com")


def log_in(client: TestClient, password: str = PASSWORD) -> int:
    return client.post("/auth/login", json={"email": "user@example.com", "password": password}).status_code


def refresh(client: TestClient, token: str) -> int:
    return client.post("/auth/refresh", json={"refreshToken": token}).status_code


@contextmanager
def counted(auth: Gatewright) -> Iterator[list[str]]:
    """The statements that run in the block, as verb and table."""
    found: list[str] = []

    def observe(sql: str) -> None:
        table = _TABLE.search(sql)
        assert table is not None, sql
        found.append(f"{sql.split(maxsplit=1)[0]} {table[1]}")

    auth.database.observers.append(observe)
    yield found
    auth.database.observers.remove(observe)


def test_an_access_check_costs_no_statement(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """Who calls, and in which role, follows from the token and what the worker knows of revocations."""
    with counted(auth_gatewright) as statements:
        assert client.get("/reports").status_code == 200
        assert client.get("/maybe").status_code == 200
        assert client.get("/admin/stats").status_code == 403
    assert statements == []


def test_a_profile_costs_one_read(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """The row itself, for our own route and for a host's `CurrentAccount`."""
    for path in ("/users/profile", "/me"):
        with counted(auth_gatewright) as statements:
            assert client.get(path).status_code == 200
        assert statements == ["SELECT users"]


def test_a_refresh_costs_one_write(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """The update that spends the token brings along all that the new pair is made of."""
    with counted(auth_gatewright) as statements:
        assert refresh(client, client.tokens["refreshToken"]) == 200
    assert statements == ["UPDATE refresh_tokens"]


def test_a_refresh_that_comes_late_costs_one_read_more(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """A second tab within the grace learns of the successor by one read of session and user together."""
    refresh(client, client.tokens["refreshToken"])
    with counted(auth_gatewright) as statements:
        assert refresh(client, client.tokens["refreshToken"]) == 200
    assert statements == ["UPDATE refresh_tokens", "SELECT refresh_tokens"]


def test_a_refresh_token_of_nobody_costs_nothing(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """Its MAC is found out before the database is asked."""
    with counted(auth_gatewright) as statements:
        assert refresh(client, client.tokens["refreshToken"][:-8] + "AAAAAAAA") == 401
    assert statements == []


def test_a_login_costs_one_read_one_write_and_its_audit_row(
    client: SignedInClient, auth_gatewright: Gatewright
) -> None:
    """The account with its hash, the session, and the record of it; limits are counted before and uncounted after."""
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert statements == [COUNTED, "SELECT users", UNCOUNTED, "INSERT refresh_tokens", RECORDED]


def test_a_login_from_a_new_device_costs_two_inserts_more(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """The note of it, and the mail; what the session's own insert brings along decides."""
    client.headers["User-Agent"] = "another"
    login = [COUNTED, "SELECT users", UNCOUNTED, "INSERT refresh_tokens", RECORDED]
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert statements == [*login, NOTED, MAIL]
    client.headers["User-Agent"] = "a third"
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert statements == [*login, NOTED]
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert statements == login


def test_a_login_with_a_device_credential_costs_no_more(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """What the credential is bound to comes with the account, which is looked up first then."""
    body = {"email": "user@example.com", "password": PASSWORD, "deviceToken": client.tokens["deviceToken"]}
    with counted(auth_gatewright) as statements:
        assert client.post("/auth/login", json=body).status_code == 200
    assert statements == ["SELECT users", COUNTED, UNCOUNTED, "INSERT refresh_tokens", RECORDED]


def test_a_failed_login_costs_one_read_and_its_audit_row(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """A wrong password writes nothing but its count and the record."""
    with counted(auth_gatewright) as statements:
        assert log_in(client, "another passphrase") == 401
    assert statements == [COUNTED, "SELECT users", RECORDED]


def test_a_login_that_is_limited_costs_two_statements(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """One that would count it, and one that reads for how long; the first in a minute is recorded too."""
    for _ in range(5):
        assert log_in(client, "another passphrase") == 401
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 429
        assert log_in(client) == 429
    assert statements == [COUNTED, "SELECT gatewright_limits", RECORDED, COUNTED, "SELECT gatewright_limits"]


def test_an_upgraded_hash_costs_one_write_more(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """The new hash and the record of it, once: the next login costs the same as ever."""
    _store_hash_of_other_cost(client, auth_gatewright)
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert statements == [
        COUNTED,
        "SELECT users",
        "UPDATE users",
        RECORDED,
        UNCOUNTED,
        "INSERT refresh_tokens",
        RECORDED,
    ]
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert "UPDATE users" not in statements


def test_a_registration_costs_the_account_its_mail_and_its_session(
    client: SignedInClient, auth_gatewright: Gatewright
) -> None:
    """Three inserts, and a record of the account and of the session."""
    body = {"email": "new@example.com", "password": PASSWORD, "firstName": "John", "lastName": "Doe"}
    with counted(auth_gatewright) as statements:
        assert client.post("/auth/register", json=body).status_code == 201
    assert statements == [COUNTED, "INSERT users", MAIL, RECORDED, "INSERT refresh_tokens", RECORDED]


@pytest.mark.parametrize("email", ["user@example.com", "nobody@example.com"])
@pytest.mark.parametrize("path", ["/auth/password/forgot", "/auth/verify-email/resend"])
def test_asking_for_a_mail_costs_one_write(
    client: SignedInClient, auth_gatewright: Gatewright, path: str, email: str
) -> None:
    """Whether there is somebody to write to is looked up by whoever sends the mail, so nothing here tells it."""
    with counted(auth_gatewright) as statements:
        assert client.post(path, json={"email": email}).status_code == 202
    assert statements == [COUNTED, MAIL]


def _store_hash_of_other_cost(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)

    async def store() -> None:
        await auth_gatewright.database.write(lambda tx: tx.run(update(tx.table("User")).values(password=hashed)))

    assert client.portal is not None
    client.portal.call(store)
