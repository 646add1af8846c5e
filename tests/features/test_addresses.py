"""Proving an address, disowning an account, and changing its address: over HTTP, with the mails as they leave."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core.tokens import mailed_tokens
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from gatewright.testing.clients import AsUser, SignedInClient
from gatewright.testing.mails import CapturedMails, token_in
from tests.conftest import example_app, make_settings

EMAIL = "user@example.com"
ON_SQLITE = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
REGISTRATION = {"email": EMAIL, "password": "securepassword", "firstName": "John", "lastName": "Doe"}


@pytest.fixture
def registered(auth_client: TestClient) -> dict[str, Any]:
    """The answer to somebody who has just registered."""
    answer = auth_client.post("/auth/register", json=REGISTRATION)
    assert answer.status_code == 201
    return dict(answer.json())


def _is_verified(client: TestClient, registered: dict[str, Any]) -> bool:
    profile = client.get("/users/profile", headers={"Authorization": f"Bearer {registered['accessToken']}"})
    return bool(profile.json()["isEmailVerified"])


def _verify(client: TestClient, token: str) -> tuple[int, str]:
    answer = client.post("/auth/verify-email", json={"token": token})
    return answer.status_code, answer.json().get("code", answer.text)


def _count_events(client: TestClient, auth: Gatewright, event: str) -> int:
    def count(tx: Transaction) -> int:
        events = tx.table("gatewright_audit_events")
        return len(tx.all(select(events.c.id).where(events.c.event == event)))

    assert client.portal is not None
    return int(client.portal.call(auth.database.read, count))


@pytest.mark.both_databases
def test_a_mailed_token_verifies_the_address_once(
    auth_client: TestClient,
    auth_mails: CapturedMails,
    auth_clock: FakeClock,
    auth_gatewright: Gatewright,
    registered: dict[str, Any],
) -> None:
    """A repeat gets the same answer for ten minutes and does nothing; after that the token is worth nothing."""
    assert not _is_verified(auth_client, registered)
    (mail,) = auth_mails.to(EMAIL)
    first = _verify(auth_client, mail.token)
    assert first[0] == 200
    assert _is_verified(auth_client, registered)

    auth_clock.advance(599)
    assert _verify(auth_client, mail.token) == first
    assert _count_events(auth_client, auth_gatewright, "email.verified") == 1
    auth_clock.advance(1)
    assert _verify(auth_client, mail.token) == (400, "invalid_or_expired_token")


@ON_SQLITE
def test_a_repeat_of_a_token_at_its_end_is_known(
    auth_client: TestClient,
    auth_mails: CapturedMails,
    auth_clock: FakeClock,
    auth_gatewright: Gatewright,
    registered: dict[str, Any],
) -> None:
    """A token that was used in its last second is repeated for ten minutes too; the sweep leaves it that long."""
    token = auth_mails.to(EMAIL)[0].token
    auth_clock.advance(24 * 3600 - 1)
    assert _verify(auth_client, token)[0] == 200
    auth_clock.advance(599)

    async def sweep() -> None:
        await auth_gatewright.database.write(
            lambda tx: mailed_tokens.remove_expired(tx, auth_gatewright.clock.now(), auth_gatewright.settings)
        )

    assert auth_client.portal is not None
    auth_client.portal.call(sweep)
    assert _verify(auth_client, token)[0] == 200


@ON_SQLITE
def test_a_repeat_tells_nothing_once_the_account_has_another_address(
    auth_client: TestClient, auth_mails: CapturedMails, registered: dict[str, Any]
) -> None:
    """Nor when the account is gone: what the first call did does not hold any more."""
    token = auth_mails.to(EMAIL)[0].token
    assert _verify(auth_client, token)[0] == 200
    bearer = {"Authorization": f"Bearer {registered['accessToken']}"}
    auth_client.post("/auth/email/change", json={"newEmail": "new@example.com"}, headers=bearer)
    change = auth_mails.to("new@example.com")[0].token
    assert auth_client.post("/auth/email/change/confirm", json={"token": change}).status_code == 200
    assert _verify(auth_client, token) == (400, "invalid_or_expired_token")
    assert auth_client.post("/auth/email/change/confirm", json={"token": change}).status_code == 200

    assert auth_client.delete("/users/profile", headers=bearer).status_code == 204
    assert auth_client.post("/auth/email/change/confirm", json={"token": change}).status_code == 400


@ON_SQLITE
def test_a_page_that_is_sent_twice_says_that_it_is_done(
    auth_client: TestClient, auth_mails: CapturedMails, registered: dict[str, Any]
) -> None:
    """A double click on a link that counts once is not told to ask for a new one."""
    (mail,) = auth_mails.to(EMAIL)
    not_me = token_in(mail.links[1])
    pages = [auth_client.post("/auth/pages/not-me", data={"token": not_me}) for _ in range(2)]
    assert [answer.status_code for answer in pages] == [200, 400]
    assert "its change is made" in pages[1].text
    assert "Request a new one" not in pages[1].text


def test_opening_the_link_redeems_nothing(
    auth_client: TestClient, auth_mails: CapturedMails, registered: dict[str, Any]
) -> None:
    """Scanners that follow links in mails leave them good; the page's own form redeems."""
    (mail,) = auth_mails.to(EMAIL)
    link = urlsplit(mail.link)
    page = auth_client.get(f"{link.path}?{link.query}")
    assert page.status_code == 200
    assert "Confirm the address" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert not _is_verified(auth_client, registered)

    assert auth_client.post(link.path, data={"token": mail.token}).status_code == 200
    assert _is_verified(auth_client, registered)


def test_a_token_expires(
    auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock, registered: dict[str, Any]
) -> None:
    """A day after it was mailed, it is worth nothing."""
    token = auth_mails.to(EMAIL)[0].token
    auth_clock.advance(24 * 3600)
    assert auth_client.post("/auth/verify-email", json={"token": token}).status_code == 400


@pytest.mark.parametrize("call", ["/auth/not-me", "/auth/password/reset", "/auth/email/change/confirm"])
def test_a_token_is_for_one_purpose(
    auth_client: TestClient, auth_mails: CapturedMails, registered: dict[str, Any], call: str
) -> None:
    """A token to verify an address does nothing else."""
    token = auth_mails.to(EMAIL)[0].token
    extra = {"password": "another good one"} if call.endswith("reset") else {}
    assert auth_client.post(call, json={"token": token, **extra}).status_code == 400
    assert auth_client.post("/auth/verify-email", json={"token": token}).status_code == 200


@pytest.mark.both_databases
def test_asking_again_leaves_the_first_link_good(
    auth_client: TestClient,
    auth_mails: CapturedMails,
    auth_clock: FakeClock,
    auth_gatewright: Gatewright,
    registered: dict[str, Any],
) -> None:
    """A stranger who asks cannot void the owner's link; after the third, no further mail is sent.

    Which of the three is followed makes no difference: all of them answer as the first one did, for ten minutes.
    """
    for _ in range(4):
        assert auth_client.post("/auth/verify-email/resend", json={"email": EMAIL}).status_code == 202
    mails = auth_mails.to(EMAIL)
    assert len(mails) == 3
    answers = [_verify(auth_client, mails[number].token) for number in (0, 1, 2, 0)]
    assert answers[0][0] == 200
    assert set(answers) == {answers[0]}
    assert _count_events(auth_client, auth_gatewright, "email.verified") == 1
    auth_clock.advance(600)
    assert _verify(auth_client, mails[1].token) == (400, "invalid_or_expired_token")


def test_a_resend_answers_alike_for_everybody(
    auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser
) -> None:
    """Unknown, verified and waiting addresses: one answer, and a mail for the last one only."""
    as_user(email="verified@example.com")
    as_user(email="waiting@example.com", verified=False)
    answers = {
        email: auth_client.post("/auth/verify-email/resend", json={"email": f"{email}@example.com"})
        for email in ("unknown", "verified", "waiting")
    }
    assert len({(answer.status_code, answer.content) for answer in answers.values()}) == 1
    assert [mail.to for mail in auth_mails.all] == ["waiting@example.com"]


@pytest.mark.both_databases
def test_the_owner_of_the_address_takes_the_account_away(
    auth_client: TestClient, auth_mails: CapturedMails, registered: dict[str, Any]
) -> None:
    """Who registered somebody else's address is signed out, and the password is worth nothing; nor are other links."""
    (mail,) = auth_mails.to(EMAIL)
    not_me = token_in(mail.links[1])
    assert auth_client.post("/auth/not-me", json={"token": not_me}).status_code == 200

    bearer = {"Authorization": f"Bearer {registered['accessToken']}"}
    assert auth_client.get("/users/profile", headers=bearer).status_code == 401
    assert auth_client.post("/auth/refresh", json={"refreshToken": registered["refreshToken"]}).status_code == 401
    assert auth_client.post("/auth/login", json={"email": EMAIL, "password": "securepassword"}).status_code == 401
    assert auth_client.post("/auth/verify-email", json={"token": mail.token}).status_code == 400


@pytest.mark.both_databases
def test_an_address_changes_once_it_is_proved(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Until the link to the new address is used nothing changes; both addresses are told."""
    user = as_user(email=EMAIL)
    assert user.post("/auth/email/change", json={"newEmail": "New@Example.com"}).status_code == 202
    assert user.get("/users/profile").json()["email"] == EMAIL
    assert [mail.subject.split(" ")[0] for mail in auth_mails.to(EMAIL)] == ["A"]

    token = auth_mails.to("New@Example.com")[0].token
    answers = [auth_client.post("/auth/email/change/confirm", json={"token": token}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert user.get("/users/profile").json()["email"] == "New@Example.com"
    assert len([mail for mail in auth_mails.to(EMAIL) if "was changed" in mail.subject]) == 1
    assert "was changed" in auth_mails.to(EMAIL)[-1].subject


def test_an_address_that_somebody_has_gets_no_mail_and_nothing_tells(
    as_user: AsUser, auth_mails: CapturedMails
) -> None:
    """Asking for another user's address answers as for a free one."""
    user = as_user(email=EMAIL)
    as_user(email="taken@example.com")
    answers = [user.post("/auth/email/change", json={"newEmail": each}) for each in ("taken@example.com", "f@e.com")]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert auth_mails.to("taken@example.com") == []


@pytest.mark.both_databases
def test_an_address_that_was_taken_meanwhile_is_refused(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The unique address decides, and the token stays unused."""
    user = as_user(email=EMAIL)
    user.post("/auth/email/change", json={"newEmail": "contested@example.com"})
    token = auth_mails.to("contested@example.com")[0].token
    as_user(email="contested@example.com")
    answer = auth_client.post("/auth/email/change/confirm", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert user.get("/users/profile").json()["email"] == EMAIL


def test_changing_the_address_needs_a_recent_login(as_user: AsUser, auth_clock: FakeClock) -> None:
    """Who finds an open session cannot move the account to an address of their own."""
    user = as_user()
    auth_clock.advance(301)
    answer = user.post("/auth/email/change", json={"newEmail": "thief@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")


def test_a_new_password_voids_a_link_to_a_new_address(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """What a thief has asked for ends with the password that let them in."""
    user: SignedInClient = as_user(email=EMAIL)
    user.post("/auth/email/change", json={"newEmail": "thief@example.com"})
    token = auth_mails.to("thief@example.com")[0].token
    auth_client.post("/auth/password/forgot", json={"email": EMAIL})
    reset = auth_mails.to(EMAIL)[-1].token
    answer = auth_client.post("/auth/password/reset", json={"token": reset, "password": "another good one"})
    assert answer.status_code == 200
    assert auth_client.post("/auth/email/change/confirm", json={"token": token}).status_code == 400


def test_links_come_from_the_settings_only(auth_client: TestClient, auth_mails: CapturedMails) -> None:
    """No header of a request has a say in where a mailed link leads."""
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    auth_client.post("/auth/register", json=REGISTRATION, headers=forged)
    (mail,) = auth_mails.to(EMAIL)
    assert all(link.startswith("http://localhost:3000/auth/pages/") for link in mail.links)
    assert "evil" not in mail.text + mail.html


class TestOwnPages:
    """With `MAIL_LINK_BASE`, links lead into the app's own front end."""

    @pytest.fixture
    def auth_app(self, sqlite_template_copy: str) -> FastAPI:
        settings = make_settings(f"sqlite:///{sqlite_template_copy}", mail_link_base="https://app.example.com/go/")
        return example_app(Gatewright(settings))

    def test_links_lead_there(self, auth_client: TestClient, auth_mails: CapturedMails) -> None:
        """The token is in the query, under the name of the contract."""
        auth_client.post("/auth/register", json=REGISTRATION)
        assert auth_mails.to(EMAIL)[0].link.startswith("https://app.example.com/go/verify-email?token=")


class TestVerifiedFirst:
    """With `REQUIRE_VERIFIED_EMAIL`, an account counts once its address is proved, and registering tells nothing."""

    @pytest.fixture
    def auth_app(self, sqlite_template_copy: str) -> FastAPI:
        return example_app(Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", require_verified_email=True)))

    def test_registering_answers_alike_for_new_and_taken_addresses(
        self, auth_client: TestClient, auth_mails: CapturedMails
    ) -> None:
        """One answer; the new address gets a link, and the owner of the taken one is told."""
        answers = [auth_client.post("/auth/register", json=REGISTRATION) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].content == answers[1].content
        assert [mail.subject.split(" ")[0] for mail in auth_mails.to(EMAIL)] == ["Confirm", "You"]

    def test_signing_in_takes_a_proved_address(self, auth_client: TestClient, auth_mails: CapturedMails) -> None:
        """Until then the right password is refused with a reason, and a wrong one without."""
        auth_client.post("/auth/register", json=REGISTRATION)

        def log_in(password: str) -> tuple[int, str]:
            answer = auth_client.post("/auth/login", json={"email": EMAIL, "password": password})
            return answer.status_code, answer.json().get("code", "")

        assert log_in("securepassword") == (403, "email_not_verified")
        assert log_in("wrong password") == (401, "invalid_credentials")
        form = {"grant_type": "password", "username": EMAIL, "password": "securepassword"}
        assert auth_client.post("/auth/token", data=form).json()["error"] == "invalid_grant"
        auth_client.post("/auth/verify-email", json={"token": auth_mails.to(EMAIL)[0].token})
        assert log_in("securepassword")[0] == 200
