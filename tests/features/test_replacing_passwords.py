"""Forgotten, changed and first passwords, over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails

EMAIL = "user@example.com"
NEW = "another good passphrase"
ON_SQLITE = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
USED = "This link was already used to set a password. Sign in."


def _log_in(client: TestClient, password: str) -> int:
    return client.post("/auth/login", json={"email": EMAIL, "password": password}).status_code


def _reset_token(client: TestClient, mails: CapturedMails) -> str:
    assert client.post("/auth/password/forgot", json={"email": EMAIL}).status_code == 202
    return [mail for mail in mails.to(EMAIL) if mail.links][-1].token


@pytest.mark.both_databases
def test_a_reset_sets_the_password_and_ends_every_session(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The old password and every open session are worth nothing afterwards; the user is told."""
    user = as_user(email=EMAIL)
    token = _reset_token(auth_client, auth_mails)
    answer = auth_client.post("/auth/password/reset", json={"token": token, "password": NEW})
    assert answer.status_code == 200
    assert user.get("/users/profile").status_code == 401
    assert "was changed" in auth_mails.to(EMAIL)[-1].subject
    assert (_log_in(auth_client, PASSWORD), _log_in(auth_client, NEW)) == (401, 200)


def test_a_reset_token_works_once_and_for_an_hour(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """Used, or an hour old, it changes nothing; using one voids the others."""
    as_user(email=EMAIL)
    first, second = (_reset_token(auth_client, auth_mails) for _ in range(2))
    assert first != second
    assert auth_client.post("/auth/password/reset", json={"token": first, "password": NEW}).status_code == 200
    for token, password in ((first, "a third passphrase"), (second, "a third passphrase"), (second, NEW)):
        refused = auth_client.post("/auth/password/reset", json={"token": token, "password": password})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_or_expired_token")
        assert refused.json()["detail"] == (
            USED if token == first else "This link is no longer valid. Request a new one."
        )
    assert _log_in(auth_client, NEW) == 200

    third = _reset_token(auth_client, auth_mails)
    auth_clock.advance(3600)
    assert auth_client.post("/auth/password/reset", json={"token": third, "password": NEW}).status_code == 400


@ON_SQLITE
def test_a_reset_that_arrives_twice_answers_twice(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """With the password that is set now: nothing changes, no session that began since ends, and no mail is sent."""
    as_user(email=EMAIL)
    token = _reset_token(auth_client, auth_mails)
    body = {"token": token, "password": NEW}
    first = auth_client.post("/auth/password/reset", json=body)
    owner = auth_client.post("/auth/login", json={"email": EMAIL, "password": NEW}).json()
    mails = len(auth_mails.to(EMAIL))
    auth_clock.advance(1800)
    again = auth_client.post("/auth/password/reset", json=body)
    assert (again.status_code, again.content) == (200, first.content)
    assert auth_client.post("/auth/refresh", json={"refreshToken": owner["refreshToken"]}).status_code == 200
    assert len(auth_mails.to(EMAIL)) == mails

    auth_clock.advance(1800 + 600)
    late = auth_client.post("/auth/password/reset", json=body)
    assert (late.status_code, late.json()["detail"]) == (400, "This link is no longer valid. Request a new one.")


@pytest.mark.both_databases
def test_a_used_token_opens_no_way_to_guess(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Whoever finds a used link in a log learns of four passwords whether they are right, and of no other."""
    as_user(email=EMAIL)
    token = _reset_token(auth_client, auth_mails)

    def send(password: str) -> tuple[int, str]:
        answer = auth_client.post("/auth/password/reset", json={"token": token, "password": password})
        return answer.status_code, answer.json().get("detail", "")

    assert send(NEW)[0] == 200
    assert {send(f"guess number {number}") for number in range(3)} == {(400, USED)}
    assert send(NEW)[0] == 200
    assert send("one more guess") == (400, USED)
    assert send(NEW) == (400, USED)
    assert _log_in(auth_client, NEW) == 200


@ON_SQLITE
def test_a_used_token_repeats_nothing_that_does_not_hold(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """After another password was set, neither the first one's call nor the old password passes for done."""
    as_user(email=EMAIL)
    first = _reset_token(auth_client, auth_mails)
    assert auth_client.post("/auth/password/reset", json={"token": first, "password": NEW}).status_code == 200
    second = _reset_token(auth_client, auth_mails)
    later = "a third good passphrase"
    assert auth_client.post("/auth/password/reset", json={"token": second, "password": later}).status_code == 200
    answers = [
        auth_client.post("/auth/password/reset", json={"token": first, "password": each}) for each in (NEW, PASSWORD)
    ]
    assert [(answer.status_code, answer.json()["detail"]) for answer in answers] == [(400, USED)] * 2
    assert _log_in(auth_client, later) == 200


def test_a_password_that_is_not_accepted_leaves_the_token_good(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Who mistypes needs no second mail."""
    as_user(email=EMAIL)
    token = _reset_token(auth_client, auth_mails)
    refused = auth_client.post("/auth/password/reset", json={"token": token, "password": "short"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "too_short")
    assert auth_client.post("/auth/password/reset", json={"token": token, "password": NEW}).status_code == 200


def test_forgot_answers_alike_for_everybody(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_gatewright: Gatewright
) -> None:
    """Known, unknown and disabled: one answer; only who can sign in gets a mail."""
    as_user(email=EMAIL)
    as_user(email="disabled@example.com")

    def disable(tx: Transaction) -> None:
        users = tx.table("User")
        tx.run(update(users).where(users.c.email_key == "disabled@example.com").values(disabled_at=users.c.created_at))

    portal = auth_client.portal
    assert portal is not None
    portal.call(auth_gatewright.database.write, disable)
    answers = [
        auth_client.post("/auth/password/forgot", json={"email": each})
        for each in (EMAIL, "unknown@example.com", "disabled@example.com")
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert [mail.to for mail in auth_mails.all] == [EMAIL]


def test_a_reset_proves_the_address(as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails) -> None:
    """What a stranger had set up under the address is gone: password and sessions; and the address counts as proved."""
    stranger = as_user(email=EMAIL, verified=False)
    token = _reset_token(auth_client, auth_mails)
    auth_client.post("/auth/password/reset", json={"token": token, "password": NEW})
    assert stranger.get("/users/profile").status_code == 401
    assert _log_in(auth_client, PASSWORD) == 401
    owner = auth_client.post("/auth/login", json={"email": EMAIL, "password": NEW}).json()
    profile = auth_client.get("/users/profile", headers={"Authorization": f"Bearer {owner['accessToken']}"})
    assert profile.json()["isEmailVerified"] is True


@pytest.mark.both_databases
def test_a_change_keeps_this_session_and_ends_the_others(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Whoever else was signed in is signed out, and links that were mailed are void."""
    user = as_user(email=EMAIL)
    other = auth_client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()
    token = _reset_token(auth_client, auth_mails)
    answer = user.post("/auth/password/change", json={"currentPassword": PASSWORD, "newPassword": NEW})
    assert answer.status_code == 200
    assert user.get("/users/profile").status_code == 200
    assert auth_client.post("/auth/refresh", json={"refreshToken": other["refreshToken"]}).status_code == 401
    assert auth_client.post("/auth/password/reset", json={"token": token, "password": NEW}).status_code == 400
    assert (_log_in(auth_client, PASSWORD), _log_in(auth_client, NEW)) == (401, 200)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"currentPassword": "wrong passphrase", "newPassword": NEW}, 401, "invalid_credentials"),
        ({"currentPassword": PASSWORD, "newPassword": "short"}, 422, "validation_failed"),
        ({"newPassword": NEW}, 422, "validation_failed"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    as_user: AsUser, auth_client: TestClient, body: dict[str, str], status: int, code: str
) -> None:
    """A wrong current password, and a new one that is not accepted, which is named by its own field."""
    user = as_user(email=EMAIL)
    answer = user.post("/auth/password/change", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 422:
        assert answer.json()["errors"][0]["field"] in ("/newPassword", "/currentPassword")
    assert _log_in(auth_client, PASSWORD) == 200


@pytest.mark.parametrize(
    "stored", [None, "!uw9pOYyJeliStHmQ9dsd0b4OUVMPc7XAyG7ap7Tx"], ids=["NULL", "as Django writes"]
)
@pytest.mark.both_databases
def test_an_account_without_a_password_gets_its_first_one(
    as_user: AsUser, auth_client: TestClient, auth_gatewright: Gatewright, auth_clock: FakeClock, stored: str | None
) -> None:
    """Only when there is none, and only shortly after signing in."""
    user = as_user(email=EMAIL)
    has_one = user.post("/auth/password/set", json={"newPassword": NEW})
    assert (has_one.status_code, has_one.json()["code"]) == (409, "conflict")

    def remove(tx: Transaction) -> None:
        tx.run(update(tx.table("User")).values(password=stored))

    portal = auth_client.portal
    assert portal is not None
    portal.call(auth_gatewright.database.write, remove)
    assert user.post("/auth/reauthenticate", json={}).status_code == 202
    assert user.post("/auth/password/set", json={"newPassword": NEW}).status_code == 200
    assert _log_in(auth_client, NEW) == 200

    auth_clock.advance(301)
    late = user.post("/auth/password/set", json={"newPassword": NEW})
    assert (late.status_code, late.json()["code"]) == (403, "reauthentication_required")


def test_the_page_sets_a_password_without_javascript(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The form comes back with what is wrong, then works, also twice; with another password it is refused."""
    as_user(email=EMAIL)
    token = _reset_token(auth_client, auth_mails)
    page = "/auth/pages/reset-password"
    refused = auth_client.post(page, data={"token": token, "password": "short"})
    assert refused.status_code == 422
    assert "at least 8 characters" in refused.text
    for _ in range(2):
        assert auth_client.post(page, data={"token": token, "password": NEW}).status_code == 200
    other = auth_client.post(page, data={"token": token, "password": "a third passphrase"})
    assert other.status_code == 400
    assert USED in other.text
    assert _log_in(auth_client, NEW) == 200


def test_a_page_writes_nothing_of_the_query_as_html(auth_client: TestClient) -> None:
    """The token of a link is text, whatever it is made of."""
    answer = auth_client.get("/auth/pages/reset-password", params={"token": '"><script>alert(1)</script>'})
    assert "<script>" not in answer.text
