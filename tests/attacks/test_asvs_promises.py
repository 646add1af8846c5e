"""What the security contract promises, and no other test attacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core import base64url
from gatewright.server import create
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails, token_in
from tests.conftest import example_app, make_settings

EMAIL, NEW_EMAIL = "user@example.com", "new@example.com"
NEW = "another good passphrase"
REGISTRATION = {"email": EMAIL, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
DAY = 86_400


@pytest.fixture
def auth_app(sqlite_template_copy: Path) -> FastAPI:
    """One call a minute may ask for a mail. The database plays no part, so there is one kind."""
    url = f"sqlite:///{sqlite_template_copy}"
    return example_app(Gatewright(make_settings(url, limits={"mails_per_minute": 1})))


def forgot(client: TestClient) -> int:
    return client.post("/auth/password/forgot", json={"email": EMAIL}).status_code


def redeem(client: TestClient, path: str, token: str, **more: str) -> int:
    return client.post(path, json={"token": token, **more}).status_code


def test_a_mailed_token_has_two_hundred_and_fifty_six_bits(
    auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser
) -> None:
    """To confirm an address, to disown an account, to set a password, to change an address; no two alike."""
    auth_client.post("/auth/register", json=REGISTRATION)
    assert forgot(auth_client) == 202
    as_user(email="other@example.com").post("/auth/email/change", json={"newEmail": NEW_EMAIL})
    tokens = [token_in(link) for mail in (*auth_mails.to(EMAIL), *auth_mails.to(NEW_EMAIL)) for link in mail.links]
    assert len(set(tokens)) == len(tokens) >= 4
    assert {len(base64url.decode(token)) for token in tokens} == {32}


def test_every_mailed_link_ends_in_time(
    auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock, as_user: AsUser
) -> None:
    """After a day "this wasn't me" and a change of address, and after an hour a password, are over."""
    auth_client.post("/auth/register", json=REGISTRATION)
    not_me = next(link for link in auth_mails.to(EMAIL)[-1].links if "not-me" in link)
    as_user(email="other@example.com").post("/auth/email/change", json={"newEmail": NEW_EMAIL})
    change = auth_mails.to(NEW_EMAIL)[-1].token
    auth_clock.advance(DAY - 3600)
    assert forgot(auth_client) == 202
    reset = auth_mails.to(EMAIL)[-1].token
    auth_clock.advance(3600)
    assert redeem(auth_client, "/auth/not-me", token_in(not_me)) == 400
    assert redeem(auth_client, "/auth/email/change/confirm", change) == 400
    assert redeem(auth_client, "/auth/password/reset", reset, password=NEW) == 400


def test_another_address_voids_what_was_mailed_to_the_old_one(
    auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser
) -> None:
    """Whoever reads the old mailbox cannot set the password any more."""
    user = as_user(email=EMAIL)
    assert forgot(auth_client) == 202
    reset = auth_mails.to(EMAIL)[-1].token
    user.post("/auth/email/change", json={"newEmail": NEW_EMAIL})
    assert redeem(auth_client, "/auth/email/change/confirm", auth_mails.to(NEW_EMAIL)[-1].token) == 200
    assert redeem(auth_client, "/auth/password/reset", reset, password=NEW) == 400


def test_limits_on_mails_do_not_hold_up_a_link_that_was_sent(
    auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser
) -> None:
    """A stranger who asks for more keeps the owner from nothing."""
    as_user(email=EMAIL)
    assert [forgot(auth_client) for _ in range(3)] == [202, 429, 429]
    assert redeem(auth_client, "/auth/password/reset", auth_mails.to(EMAIL)[-1].token, password=NEW) == 200


def test_a_signing_key_cannot_be_read_in_the_database(auth_client: TestClient, auth_gatewright: Gatewright) -> None:
    """A copy of it signs nothing: the key's private part is sealed under a secret that is not there."""

    def keys(tx: Transaction) -> list[Row]:
        return tx.all(select(tx.table("gatewright_signing_keys")))

    assert auth_client.portal is not None
    rows = auth_client.portal.call(auth_gatewright.database.read, keys)
    private = auth_gatewright.kernel.access_tokens.keyring.signing.to_json()
    assert len(rows) == 1
    assert b'"d"' in private
    assert not any(word in bytes(rows[0]["sealed"]) for word in (b'"d"', b'"kty"', b"EC", private[10:30]))


def test_browsers_are_held_to_https_only_where_there_is_https(sqlite_template_copy: Path) -> None:
    """`Strict-Transport-Security` over http would be ignored; on a developer's machine it would lock localhost."""
    url = f"sqlite:///{sqlite_template_copy}"
    for public_url, expected in (("https://auth.example.com", True), ("http://localhost:3000", False)):
        with TestClient(create(Gatewright(make_settings(url, public_url=public_url)))) as client:
            assert ("strict-transport-security" in client.get("/health/live").headers) is expected
