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

_TABLE = re.compile(r'(?:\bFROM|\bINTO|^UPDATE)\s+"?(\w+)')


@pytest.fixture(autouse=True)
def without_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers poll for revocations twice a second, whether or not there are calls; not while we count."""
    monkeypatch.setattr(revocation, "POLL_SECONDS", 3600.0)
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
    """The account with its hash, the session, and the record of it."""
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert statements == ["SELECT users", "INSERT refresh_tokens", "INSERT gatewright_audit_events"]


def test_a_failed_login_costs_one_read_and_its_audit_row(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """A wrong password writes nothing but the record."""
    with counted(auth_gatewright) as statements:
        assert log_in(client, "another passphrase") == 401
    assert statements == ["SELECT users", "INSERT gatewright_audit_events"]


def test_an_upgraded_hash_costs_one_write_more(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    """The new hash and the record of it, once: the next login costs the same as ever."""
    _store_hash_of_other_cost(client, auth_gatewright)
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    recorded = "INSERT gatewright_audit_events"
    assert statements == ["SELECT users", "UPDATE users", recorded, "INSERT refresh_tokens", recorded]
    with counted(auth_gatewright) as statements:
        assert log_in(client) == 200
    assert "UPDATE users" not in statements


def _store_hash_of_other_cost(client: SignedInClient, auth_gatewright: Gatewright) -> None:
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)

    async def store() -> None:
        await auth_gatewright.database.write(lambda tx: tx.run(update(tx.table("User")).values(password=hashed)))

    assert client.portal is not None
    client.portal.call(store)
