"""What users are told of their sessions by mail, and when not."""

from __future__ import annotations

import asyncio
import ipaddress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core import login_devices
from gatewright.core.audit.log import Origin
from gatewright.core.login_devices import NewLogins
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails
from tests.conftest import add_account

EMAIL = "user@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
ON_SQLITE = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
NEW_DEVICE, REUSED = "from a new device", "ended for your safety"


def log_in(client: TestClient, user_agent: str, **more: str) -> dict[str, str]:
    body = {"email": EMAIL, "password": PASSWORD, **more}
    answer = client.post("/auth/login", json=body, headers={"User-Agent": user_agent})
    assert answer.status_code == 200
    tokens: dict[str, str] = answer.json()
    return tokens


def notices(mails: CapturedMails, words: str) -> list[str]:
    return [mail.text for mail in mails.to(EMAIL) if words in mail.subject]


def test_a_login_from_a_new_device_is_told_once_a_day(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """The first one at once; those that follow together, a day later, each in a line."""
    as_user(email=EMAIL)
    assert notices(auth_mails, NEW_DEVICE) == []
    for _ in range(3):
        log_in(auth_client, FIREFOX)
    (text,) = notices(auth_mails, NEW_DEVICE)
    assert "Firefox on Linux, testclient" in text
    log_in(auth_client, "<b>a client</b> that calls itself something else")
    auth_clock.advance(3600)
    log_in(auth_client, "curl/8.5.0")
    auth_clock.advance(23 * 3600 - 1)
    assert len(notices(auth_mails, NEW_DEVICE)) == 1
    auth_clock.advance(1)
    _, text = notices(auth_mails, NEW_DEVICE)
    lines = [line for line in text.splitlines() if "testclient" in line]
    assert [line.partition(",")[0] for line in lines] == ["an unknown device", "curl"]
    assert all("<b>" not in mail.html for mail in auth_mails.to(EMAIL))

    auth_clock.advance(86_400)
    log_in(auth_client, "python-requests/2")
    assert "Python Requests" in notices(auth_mails, NEW_DEVICE)[2]
    assert "curl" not in notices(auth_mails, NEW_DEVICE)[2]


@ON_SQLITE
def test_many_logins_from_new_devices_make_one_mail_of_bounded_length(
    as_user: AsUser,
    auth_client: TestClient,
    auth_mails: CapturedMails,
    auth_clock: FakeClock,
    auth_gatewright: Gatewright,
) -> None:
    """Of 55 in a day, 50 are listed and the others counted."""
    user = as_user(email=EMAIL)

    async def sign_in_often() -> None:
        for number in range(55):
            origin = Origin(ip_address=f"192.0.{number}.1", user_agent="curl/8")
            await sessions.report_new_device(auth_gatewright.context(origin), user.user["id"])

    log_in(auth_client, FIREFOX)
    assert len(notices(auth_mails, NEW_DEVICE)) == 1
    assert auth_client.portal is not None
    auth_client.portal.call(sign_in_often)
    auth_clock.advance(86_400)
    _, text = notices(auth_mails, NEW_DEVICE)
    assert text.count("curl, 192.0.") == 50
    assert "And 5 more times." in text


@ON_SQLITE
def test_what_is_kept_of_devices_goes_with_the_account(
    as_user: AsUser, auth_client: TestClient, auth_gatewright: Gatewright
) -> None:
    """Its row has no reference that would take it along."""
    user = as_user(email=EMAIL)
    log_in(auth_client, FIREFOX)

    def count(tx: Transaction) -> int:
        return len(tx.all(select(tx.table("gatewright_login_devices").c.user_id)))

    assert auth_client.portal is not None
    assert auth_client.portal.call(auth_gatewright.database.read, count) == 1
    assert user.delete("/users/profile").status_code == 204
    assert auth_client.portal.call(auth_gatewright.database.read, count) == 0


def test_a_login_after_all_sessions_have_ended_is_new(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The user agent of a session that is over vouches for nothing: a thief after a long absence is told of."""
    user = as_user(email=EMAIL)
    log_in(auth_client, "testclient")
    assert notices(auth_mails, NEW_DEVICE) == []
    assert user.post("/auth/logout-all").status_code == 200
    log_in(auth_client, "testclient")
    assert len(notices(auth_mails, NEW_DEVICE)) == 1


NETWORKS: tuple[tuple[str | None, str | None, bool], ...] = (
    ("192.0.2.1", "192.0.2.1", False),
    ("192.0.2.1", "192.0.2.254", False),
    ("192.0.2.1", "192.0.20.1", True),
    ("192.0.2.1", "192.0.3.1", True),
    ("2001:db8:1:2::1", "2001:db8:1:ffff::9", False),
    ("2001:db8:1::1", "2001:db8:12::1", True),
    ("2001:db8:0:1::1", "2001:db8::5", False),
    ("2001:db8::5", "2001:db8:0:1:2:3:4:5", False),
    ("2001:db8::5", "2001:db8:1::5", True),
    ("2001::5", "2001:0:0:7::", False),
    ("::1", "0:0:0:7:1:1:1:1", False),
    ("::1", "127.0.0.1", True),
    ("192.0.2.1", "2001:db8::5", True),
    ("a socket", "a socket", False),
    (None, None, False),
    (None, "192.0.2.1", True),
    ("192.0.2.1", None, True),
)
"""Where a session is from, where the next login is from, and whether that is elsewhere."""


@pytest.mark.both_databases
async def test_a_network_is_a_24_or_a_48(running: Gatewright) -> None:
    """However an address is written: the same user agent in the same network is known, elsewhere it is not."""
    account = await add_account(running.context(), EMAIL)

    async def is_elsewhere(address: str | None, user_agent: str) -> bool:
        written = address if address is None or ":" not in address else str(ipaddress.ip_address(address))
        context = running.context(Origin(ip_address=written, user_agent=user_agent))
        started = await sessions.start(context, user_id=account.id, role="USER", amr=["pwd"])
        return started.is_elsewhere

    found = []
    for number, (first, then, _) in enumerate(NETWORKS):
        assert await is_elsewhere(first, f"client {number}")
        found.append((first, then, await is_elsewhere(then, f"client {number}")))
    assert found == list(NETWORKS)


@pytest.mark.both_databases
async def test_logins_at_the_same_moment_make_one_mail(without_background: None, running: Gatewright) -> None:
    """Each is in it, however they are ordered."""
    account = await add_account(running.context(), EMAIL)

    async def log_in_from(number: int) -> None:
        context = running.context(Origin(ip_address=f"192.0.{number}.1", user_agent=FIREFOX))
        await sessions.report_new_device(context, account.id)

    await asyncio.gather(*(log_in_from(number) for number in range(20)))
    now = running.clock.now()

    def take(tx: Transaction) -> tuple[NewLogins | None, int]:
        outbox = tx.table("gatewright_outbox")
        waiting = len(tx.all(select(outbox.c.id).where(outbox.c.done_at.is_(None))))
        return login_devices.take_new_logins(tx, account.id, now), waiting

    new, waiting = await running.database.write(take)
    assert new is not None
    assert (new.count, len(new.listed), waiting) == (20, 20, 1)


def test_a_registration_is_no_new_device(auth_client: TestClient, auth_mails: CapturedMails) -> None:
    """Nor is the first login after it, from the same place."""
    body = {"email": EMAIL, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
    assert auth_client.post("/auth/register", json=body, headers={"User-Agent": FIREFOX}).status_code == 201
    log_in(auth_client, FIREFOX)
    assert notices(auth_mails, NEW_DEVICE) == []


def test_a_device_that_shows_its_token_is_not_new(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """A browser that was updated calls itself something else; a token of another account proves nothing."""
    token = as_user(email=EMAIL).tokens["deviceToken"]
    log_in(auth_client, FIREFOX, deviceToken=token)
    assert notices(auth_mails, NEW_DEVICE) == []
    foreign = as_user(email="other@example.com").tokens["deviceToken"]
    log_in(auth_client, "another", deviceToken=foreign)
    assert len(notices(auth_mails, NEW_DEVICE)) == 1


def test_somebody_elses_devices_do_not_count(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """That another user has signed in from such a browser makes it no better known."""
    as_user(email="other@example.com")
    body = {"email": "other@example.com", "password": PASSWORD}
    auth_client.post("/auth/login", json=body, headers={"User-Agent": FIREFOX})
    as_user(email=EMAIL)
    log_in(auth_client, FIREFOX)
    assert len(notices(auth_mails, NEW_DEVICE)) == 1


def test_a_failed_login_from_elsewhere_is_not_told(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """So that nobody fills a mailbox by guessing."""
    as_user(email=EMAIL)
    body = {"email": EMAIL, "password": "a wrong passphrase"}
    assert auth_client.post("/auth/login", json=body, headers={"User-Agent": FIREFOX}).status_code == 401
    assert notices(auth_mails, NEW_DEVICE) == []


def test_a_stolen_refresh_token_is_told_once(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """The thief's second try finds the session ended, and makes no second mail."""
    spent = as_user(email=EMAIL).tokens["refreshToken"]
    assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 200
    auth_clock.advance(11)
    for _ in range(3):
        assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 401
    assert len(notices(auth_mails, REUSED)) == 1


@pytest.mark.both_databases
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
    assert len(notices(auth_mails, REUSED)) == 1


@pytest.mark.parametrize("advance", [0, 5])
def test_a_retry_within_the_grace_is_no_theft(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails, auth_clock: FakeClock, advance: int
) -> None:
    """Two tabs are told nothing."""
    spent = as_user(email=EMAIL).tokens["refreshToken"]
    for _ in range(2):
        assert auth_client.post("/auth/refresh", json={"refreshToken": spent}).status_code == 200
        auth_clock.advance(advance)
    assert notices(auth_mails, REUSED) == []


@pytest.mark.both_databases
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
