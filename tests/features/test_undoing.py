"""The link that brings an account's old address back: what it undoes, and what a thief cannot do against it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser, SignedInClient
from gatewright.testing.mails import CapturedMails, SentMail

OLD, THIEFS = "owner@example.com", "thief@example.com"
NEW_PASSWORD = "the owner's new passphrase"
WEEK = 7 * 86_400

# Where no further statement is tried.
ON_SQLITE = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)


@pytest.fixture
def client(as_user: AsUser) -> SignedInClient:
    """A client that a thief has got hold of."""
    return as_user(email=OLD)


def change(client: SignedInClient, mails: CapturedMails, to: str) -> None:
    """Change the account's address, as its owner would."""
    assert client.post("/auth/email/change", json={"newEmail": to}).status_code == 202
    token = [mail for mail in mails.to(to) if "Confirm your new address" in mail.subject][-1].token
    assert client.post("/auth/email/change/confirm", json={"token": token}).status_code == 200


def changed(mails: CapturedMails, address: str = OLD) -> SentMail:
    """The last mail that tells an address of a change."""
    return [mail for mail in mails.to(address) if "was changed" in mail.subject and "address" in mail.subject][-1]


def undo(client: TestClient, token: str) -> tuple[int, Any]:
    answer = client.post("/auth/email/change/undo", json={"token": token})
    return answer.status_code, answer.json().get("code")


def reset_by_mail(client: TestClient, mails: CapturedMails, address: str, password: str) -> None:
    token = [mail for mail in mails.to(address) if "Set a new password" in mail.subject][-1].token
    assert client.post("/auth/password/reset", json={"token": token, "password": password}).status_code == 200


def log_in(client: TestClient, email: str, password: str, **more: str) -> int:
    return client.post("/auth/login", json={"email": email, "password": password, **more}).status_code


@pytest.mark.both_databases
def test_the_old_mailbox_takes_a_change_back(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The old address is back and proved, every session has ended, and no password opens the account before a reset."""
    change(client, auth_mails, THIEFS)
    assert undo(auth_client, changed(auth_mails).token) == (200, None)

    assert client.get("/users/profile").status_code == 401
    refreshed = auth_client.post("/auth/refresh", json={"refreshToken": client.tokens["refreshToken"]})
    assert refreshed.status_code == 401
    assert [log_in(auth_client, each, PASSWORD) for each in (OLD, THIEFS)] == [401, 401]
    assert "was undone" in auth_mails.to(THIEFS)[-1].subject
    assert auth_mails.to(THIEFS)[-1].links == []

    reset_by_mail(auth_client, auth_mails, OLD, NEW_PASSWORD)
    owner = auth_client.post("/auth/login", json={"email": OLD, "password": NEW_PASSWORD}).json()
    assert owner["user"]["id"] == client.user["id"]
    bearer = {"Authorization": f"Bearer {owner['accessToken']}"}
    assert auth_client.get("/users/profile", headers=bearer).json()["isEmailVerified"] is True


@ON_SQLITE
def test_the_link_counts_once_and_for_a_week(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """To the second."""
    change(client, auth_mails, THIEFS)
    token = changed(auth_mails).token
    auth_clock.advance(WEEK - 1)
    assert undo(auth_client, token) == (200, None)
    assert undo(auth_client, token) == (400, "invalid_or_expired_token")

    reset_by_mail(auth_client, auth_mails, OLD, NEW_PASSWORD)
    tokens = auth_client.post("/auth/login", json={"email": OLD, "password": NEW_PASSWORD}).json()
    client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
    change(client, auth_mails, "second@example.com")
    auth_clock.advance(WEEK)
    assert undo(auth_client, changed(auth_mails).token) == (400, "invalid_or_expired_token")


def test_a_thief_who_goes_on_does_not_void_the_link(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Another password by a reset, another one signed in, and four further addresses: the owner's link counts."""
    change(client, auth_mails, THIEFS)
    token = changed(auth_mails).token
    body = {"currentPassword": PASSWORD, "newPassword": "a thief's passphrase"}
    assert client.post("/auth/password/change", json=body).status_code == 200
    for number in range(4):
        change(client, auth_mails, f"thief{number}@example.com")
    auth_client.post("/auth/password/forgot", json={"email": "thief3@example.com"})
    reset_by_mail(auth_client, auth_mails, "thief3@example.com", "the thief's second passphrase")
    assert undo(auth_client, token) == (200, None)
    assert log_in(auth_client, "thief3@example.com", "the thief's second passphrase") == 401
    assert log_in(auth_client, OLD, "the thief's second passphrase") == 401


def test_the_thiefs_own_link_is_void_once_the_owner_is_back(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """A thief who changes the address twice has a link that brings back the first of their own: at no time after."""
    change(client, auth_mails, THIEFS)
    change(client, auth_mails, "second@example.com")
    owners, thiefs = changed(auth_mails).token, changed(auth_mails, THIEFS).token
    assert undo(auth_client, owners) == (200, None)
    assert undo(auth_client, thiefs) == (400, "invalid_or_expired_token")
    reset_by_mail(auth_client, auth_mails, OLD, NEW_PASSWORD)
    assert undo(auth_client, thiefs) == (400, "invalid_or_expired_token")
    assert log_in(auth_client, OLD, NEW_PASSWORD) == 200


@ON_SQLITE
def test_an_earlier_link_stays_good(client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails) -> None:
    """A thief who undoes their own second change does not void what the owner has."""
    change(client, auth_mails, THIEFS)
    change(client, auth_mails, "second@example.com")
    assert undo(auth_client, changed(auth_mails, THIEFS).token) == (200, None)
    assert undo(auth_client, changed(auth_mails).token) == (200, None)
    assert log_in(auth_client, OLD, PASSWORD) == 401


@ON_SQLITE
def test_links_and_device_credentials_of_the_thief_end(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """What was asked for before the owner came back leads nowhere; nor does a credential of the old address revive."""
    change(client, auth_mails, THIEFS)
    auth_client.post("/auth/password/forgot", json={"email": THIEFS})
    client.post("/auth/email/change", json={"newEmail": "third@example.com"})
    (mail,) = [mail for mail in auth_mails.to(THIEFS) if "Set a new password" in mail.subject]
    reset, third = mail.token, auth_mails.to("third@example.com")[-1].token
    assert undo(auth_client, changed(auth_mails).token) == (200, None)
    answer = auth_client.post("/auth/password/reset", json={"token": reset, "password": "a thief's passphrase"})
    assert answer.status_code == 400
    assert auth_client.post("/auth/email/change/confirm", json={"token": third}).status_code == 400

    reset_by_mail(auth_client, auth_mails, OLD, NEW_PASSWORD)
    before = len(auth_mails.to(OLD))
    assert log_in(auth_client, OLD, NEW_PASSWORD, deviceToken=client.tokens["deviceToken"]) == 200
    assert "new device" in auth_mails.to(OLD)[before].subject


@pytest.mark.both_databases
def test_an_old_address_that_another_account_has_is_refused(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser
) -> None:
    """Nothing changes for either account, and the link works once the address is free again."""
    change(client, auth_mails, THIEFS)
    other = as_user(email=OLD, verified=False)
    token = changed(auth_mails).token
    answer = auth_client.post("/auth/email/change/undo", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert "use this link again" in answer.json()["detail"]
    assert client.get("/users/profile").json()["email"] == THIEFS
    assert other.get("/users/profile").json()["email"] == OLD

    assert other.delete("/users/profile").status_code == 204
    assert undo(auth_client, token) == (200, None)


@ON_SQLITE
def test_a_token_of_another_purpose_undoes_nothing(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Neither one to the old mailbox nor one to the new; and the link that undoes does nothing else."""
    auth_client.post("/auth/password/forgot", json={"email": OLD})
    reset = auth_mails.to(OLD)[-1].token
    assert undo(auth_client, reset) == (400, "invalid_or_expired_token")
    change(client, auth_mails, THIEFS)
    confirm = next(mail for mail in auth_mails.to(THIEFS) if mail.links).token
    assert undo(auth_client, confirm) == (400, "invalid_or_expired_token")
    token = changed(auth_mails).token
    for call in ("verify-email", "not-me", "email/change/confirm"):
        assert auth_client.post(f"/auth/{call}", json={"token": token}).status_code == 400
    answer = auth_client.post("/auth/password/reset", json={"token": token, "password": NEW_PASSWORD})
    assert answer.status_code == 400
    assert undo(auth_client, token) == (200, None)


@ON_SQLITE
def test_a_link_of_an_account_that_is_gone_does_nothing(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Its token went with the account."""
    change(client, auth_mails, THIEFS)
    token = changed(auth_mails).token
    assert client.delete("/users/profile").status_code == 204
    assert undo(auth_client, token) == (400, "invalid_or_expired_token")


@ON_SQLITE
def test_the_page_takes_a_change_back(
    client: SignedInClient, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The link opens a form, which undoes; opening it does not."""
    change(client, auth_mails, THIEFS)
    mail = changed(auth_mails)
    path = mail.link.removeprefix("http://localhost:3000")
    page = auth_client.get(path)
    assert "Undo the change" in page.text
    assert client.get("/users/profile").json()["email"] == THIEFS
    done = auth_client.post("/auth/pages/undo-email-change", data={"token": mail.token})
    assert done.status_code == 200
    assert "a mail with a link to set a new password" in done.text
    assert client.get("/users/profile").status_code == 401
