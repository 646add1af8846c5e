"""What users are told of their sessions by mail, and when not."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails

EMAIL = "user@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
NEW_DEVICE, REUSED = "from a new device", "ended for your safety"


def log_in(client: TestClient, user_agent: str, **more: str) -> dict[str, str]:
    body = {"email": EMAIL, "password": PASSWORD, **more}
    answer = client.post("/auth/login", json=body, headers={"User-Agent": user_agent})
    assert answer.status_code == 200
    tokens: dict[str, str] = answer.json()
    return tokens


def told(mails: CapturedMails, words: str) -> list[str]:
    return [mail.text for mail in mails.to(EMAIL) if words in mail.subject]


def test_a_login_from_a_new_device_is_told_once(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The first login ever is not new; another user agent is, the first time."""
    as_user(email=EMAIL)
    assert told(auth_mails, NEW_DEVICE) == []
    for _ in range(3):
        log_in(auth_client, FIREFOX)
    (text,) = told(auth_mails, NEW_DEVICE)
    assert "Firefox on Linux, testclient" in text
    log_in(auth_client, "<b>a client</b> that calls itself something else")
    assert "an unknown device" in told(auth_mails, NEW_DEVICE)[1]
    assert all("<b>" not in mail.html for mail in auth_mails.to(EMAIL))


def test_a_registration_is_no_new_device(auth_client: TestClient, auth_mails: CapturedMails) -> None:
    """Nor is the first login after it, from the same place."""
    body = {"email": EMAIL, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
    assert auth_client.post("/auth/register", json=body, headers={"User-Agent": FIREFOX}).status_code == 201
    log_in(auth_client, FIREFOX)
    assert told(auth_mails, NEW_DEVICE) == []


def test_a_device_that_shows_its_token_is_not_new(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """A browser that was updated calls itself something else; a token of another account proves nothing."""
    token = as_user(email=EMAIL).tokens["deviceToken"]
    log_in(auth_client, FIREFOX, deviceToken=token)
    assert told(auth_mails, NEW_DEVICE) == []
    foreign = as_user(email="other@example.com").tokens["deviceToken"]
    log_in(auth_client, "another", deviceToken=foreign)
    assert len(told(auth_mails, NEW_DEVICE)) == 1


def test_somebody_elses_devices_do_not_count(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """That another user has signed in from such a browser makes it no better known."""
    as_user(email="other@example.com")
    body = {"email": "other@example.com", "password": PASSWORD}
    auth_client.post("/auth/login", json=body, headers={"User-Agent": FIREFOX})
    as_user(email=EMAIL)
    log_in(auth_client, FIREFOX)
    assert len(told(auth_mails, NEW_DEVICE)) == 1


def test_a_failed_login_from_elsewhere_is_not_told(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """So that nobody fills a mailbox by guessing."""
    as_user(email=EMAIL)
    body = {"email": EMAIL, "password": "a wrong passphrase"}
    assert auth_client.post("/auth/login", json=body, headers={"User-Agent": FIREFOX}).status_code == 401
    assert told(auth_mails, NEW_DEVICE) == []


def test_a_stolen_refresh_token_is_told_once(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """The thief's second try finds the session ended, and makes no second mail."""
    spent = as_user(email=EMAIL).tokens["refreshToken"]
    assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 200
    auth_clock.advance(11)
    for _ in range(3):
        assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 401
    assert len(told(auth_mails, REUSED)) == 1


def test_thieves_at_the_same_time_make_one_mail(
    as_user: AsUser,
    auth_client: TestClient,
    auth_mails: CapturedMails,
    auth_clock: FakeClock,
    auth_gatewright: Gatewright,
) -> None:
    """Whoever ends the session tells of it."""
    spent = as_user(email=EMAIL).tokens["refreshToken"]
    assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 200
    auth_clock.advance(11)

    async def steal() -> None:
        context = auth_gatewright.context()
        tries = (sessions.refresh(context, spent) for _ in range(8))
        found = await asyncio.gather(*tries, return_exceptions=True)
        assert {type(each) for each in found} == {InvalidRefreshToken}

    assert auth_client.portal is not None
    auth_client.portal.call(steal)
    assert len(told(auth_mails, REUSED)) == 1


@pytest.mark.parametrize("advance", [0, 5])
def test_a_retry_within_the_grace_is_no_theft(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock, advance: int
) -> None:
    """Two tabs are told nothing."""
    spent = as_user(email=EMAIL).tokens["refreshToken"]
    for _ in range(2):
        assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 200
        auth_clock.advance(advance)
    assert told(auth_mails, REUSED) == []


def test_a_session_ends_after_a_week_without_use(
    as_user: AsUser, auth_client: TestClient, auth_clock: FakeClock, auth_gatewright: Gatewright
) -> None:
    """To the second; each use begins the week anew."""
    week = int(auth_gatewright.settings.refresh_token_ttl.total_seconds())
    assert week == 7 * 86_400
    token = as_user(email=EMAIL).tokens["refreshToken"]
    auth_clock.advance(week - 1)
    renewed = auth_client.post("/auth/refresh", json={"refreshToken": token})
    assert renewed.status_code == 200
    auth_clock.advance(week)
    late = auth_client.post("/auth/refresh", json={"refreshToken": renewed.json()["refreshToken"]})
    assert (late.status_code, late.json()["code"]) == (401, "invalid_refresh_token")


def test_a_session_ends_after_thirty_days_however_it_is_used(
    as_user: AsUser, auth_client: TestClient, auth_clock: FakeClock
) -> None:
    """Refreshing every six days does not outlive it, nor does proving again who one is."""
    tokens = dict(as_user(email=EMAIL).tokens)

    def refresh() -> int:
        answer = auth_client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
        tokens.update(answer.json())
        return answer.status_code

    for _ in range(4):
        auth_clock.advance(6 * 86_400)
        assert refresh() == 200
    bearer = {"Authorization": f"Bearer {tokens['accessToken']}"}
    assert auth_client.post("/auth/reauthenticate", json={"password": PASSWORD}, headers=bearer).status_code == 200
    auth_clock.advance(6 * 86_400 - 60)
    assert refresh() == 200
    listed = auth_client.get("/auth/sessions", headers={"Authorization": f"Bearer {tokens['accessToken']}"})
    (session,) = listed.json()["data"]
    lasts = datetime.fromisoformat(session["expiresAt"]) - datetime.fromisoformat(session["createdAt"])
    # A refresh token knows the second that its session began in.
    assert timedelta(days=30, seconds=-1) < lasts <= timedelta(days=30)
    auth_clock.advance(60)
    assert refresh() == 401
