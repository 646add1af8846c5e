"""Proving again who one is, over HTTP: with a password, and with a mailed code where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.core.tokens import mailed_codes
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.features.admin import service as admin
from gatewright.features.login import service as login
from gatewright.features.reauthentication import service
from gatewright.features.reauthentication.mails import REAUTHENTICATE
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.queries import ClaimsRow
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock, SignedInClient
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails

EMAIL = "user@example.com"


@pytest.fixture
def user(as_user: AsUser) -> SignedInClient:
    return as_user(email=EMAIL)


@pytest.fixture
def passwordless(as_user: AsUser, auth_gatewright: Gatewright) -> SignedInClient:
    """Somebody who is signed in to an account without a password."""
    return without_password(as_user(email=EMAIL), auth_gatewright)


def without_password(user: SignedInClient, auth: Gatewright) -> SignedInClient:
    async def remove() -> None:
        await auth.database.write(lambda tx: tx.run(update(tx.table("User")).values(password=None)))

    run(user, remove)
    return user


def run(client: TestClient, work: Callable[[], Any]) -> Any:
    assert client.portal is not None
    return client.portal.call(work)


def reauthenticate(client: TestClient, **body: str) -> Any:
    return client.post("/auth/reauthenticate", json=body)


def change_email(client: TestClient, token: str | None = None) -> tuple[int, str | None]:
    """A call that asks for a recent proof."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = client.post("/auth/email/change", json={"newEmail": "new@example.com"}, headers=headers)
    return answer.status_code, answer.json().get("code")


async def principal(auth: Gatewright, token: str) -> Principal:
    return await auth.verify(token)


def test_a_fresh_proof_opens_what_asks_for_one(user: SignedInClient, auth_clock: FakeClock) -> None:
    """The old access token stays as old as it is; the new one, and those of refreshes, are recent."""
    auth_clock.advance(301)
    assert change_email(user) == (403, "reauthentication_required")
    answer = reauthenticate(user, password=PASSWORD)
    assert answer.status_code == 200
    assert answer.json().keys() == {"accessToken", "tokenType", "expiresIn"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert change_email(user) == (403, "reauthentication_required")
    assert change_email(user, answer.json()["accessToken"])[0] == 202

    refreshed = user.post("/auth/refresh", json={"refreshToken": user.tokens["refreshToken"]})
    assert refreshed.status_code == 200
    assert change_email(user, refreshed.json()["accessToken"])[0] == 202
    auth_clock.advance(301)
    assert change_email(user, refreshed.json()["accessToken"]) == (403, "reauthentication_required")


def test_the_session_goes_on_as_it_was(
    user: SignedInClient, auth_gatewright: Gatewright, auth_clock: FakeClock
) -> None:
    """The same session, and the ways in which the user has proved who they are."""
    before = run(user, lambda: principal(auth_gatewright, user.tokens["accessToken"]))
    auth_clock.advance(60)
    token = reauthenticate(user, password=PASSWORD).json()["accessToken"]
    after = run(user, lambda: principal(auth_gatewright, token))
    assert (after.id, after.session_id, after.amr) == (before.id, before.session_id, ("pwd",))
    assert (after.auth_time - before.auth_time).total_seconds() == 60
    assert len(user.get("/auth/sessions").json()["data"]) == 1


def test_a_wrong_password_proves_nothing_and_is_limited(
    user: SignedInClient, auth_gatewright: Gatewright, auth_clock: FakeClock
) -> None:
    """Like a login: whoever holds an access token cannot guess the password with it."""
    auth_clock.advance(301)
    for _ in range(5):
        refused = reauthenticate(user, password="another passphrase")
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
    limited = reauthenticate(user, password=PASSWORD)
    assert (limited.status_code, limited.json()["code"]) == (429, "rate_limited")
    assert change_email(user) == (403, "reauthentication_required")
    assert events(user, auth_gatewright).count("session.reauthentication_refused") == 5

    auth_clock.advance(120)
    assert reauthenticate(user, password=PASSWORD).status_code == 200
    assert "session.reauthenticated" in events(user, auth_gatewright)


def test_a_delay_that_strangers_brought_about_is_not_ones_own(user: SignedInClient, auth_clock: FakeClock) -> None:
    """Failed logins from elsewhere do not keep the owner of a session from proving who they are."""
    guess = {"email": EMAIL, "password": "a guess of a stranger"}
    while user.post("/auth/login", json=guess).status_code == 401:
        auth_clock.advance(61)
    assert reauthenticate(user, password=PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [({"password": PASSWORD, "code": "12345678"}, "invalid_choice"), ({"pin": "1"}, "unknown_field")],
)
def test_a_body_that_proves_nothing_is_not_valid(user: SignedInClient, body: dict[str, str], code: str) -> None:
    """One thing at a time, and nothing else."""
    refused = reauthenticate(user, **body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


def test_no_code_takes_the_place_of_a_password(user: SignedInClient, auth_mails: CapturedMails) -> None:
    """An account that has one has to give it, whoever reads its mails."""
    refused = reauthenticate(user)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
    assert auth_mails.to(EMAIL) == []


def test_nobody_proves_anything_without_a_session(auth_client: TestClient) -> None:
    """It needs an access token."""
    assert reauthenticate(auth_client, password=PASSWORD).json()["code"] == "not_authenticated"


async def _disable(context: Context, user: Principal) -> None:
    await admin.disable(context, EMAIL, reason="a test")


async def _log_out(context: Context, user: Principal) -> None:
    await sessions.log_out_everywhere(context, user.id)


@pytest.mark.parametrize("end", [_disable, _log_out])
@pytest.mark.both_databases
def test_a_session_that_ended_meanwhile_gets_no_token(
    user: SignedInClient, auth_gatewright: Gatewright, end: Callable[[Context, Principal], Awaitable[None]]
) -> None:
    """Also where this worker has not heard of it yet: the row decides."""
    known = run(user, lambda: principal(auth_gatewright, user.tokens["accessToken"]))
    context = auth_gatewright.context()

    async def ended_meanwhile() -> None:
        await end(context, known)
        proof = await service.by_password(context, known, PASSWORD)
        with pytest.raises(InvalidToken):
            await login.complete_again(context, proof, known.session_id, in_cookies=False)

    run(user, ended_meanwhile)


@pytest.mark.both_databases
def test_a_password_that_was_replaced_meanwhile_proves_nothing(
    user: SignedInClient, auth_gatewright: Gatewright
) -> None:
    """The hash that it matched has to be stored still when the session takes note of it; nobody else's session does."""
    known = run(user, lambda: principal(auth_gatewright, user.tokens["accessToken"]))
    context = auth_gatewright.context()

    async def check() -> None:
        def work(tx: Transaction) -> list[ClaimsRow | None]:
            proved = partial(sessions.prove_again, tx, context, known.session_id, amr=["pwd"])
            return [proved(known.id, proven_hash="the hash of before"), proved("somebody-else")]

        assert await context.db.write(work) == [None, None]

    run(user, check)


@pytest.mark.both_databases
def test_a_mailed_code_proves_who_has_no_password(
    passwordless: SignedInClient, auth_mails: CapturedMails, auth_clock: FakeClock, auth_gatewright: Gatewright
) -> None:
    """An empty body asks for the code, which counts once."""
    auth_clock.advance(301)
    asked = reauthenticate(passwordless)
    assert (asked.status_code, asked.json().keys()) == (202, {"message"})
    code = auth_mails.to(EMAIL)[-1].code
    assert change_email(passwordless) == (403, "reauthentication_required")
    answer = reauthenticate(passwordless, code=code)
    assert answer.status_code == 200
    assert change_email(passwordless, answer.json()["accessToken"])[0] == 202
    assert run(passwordless, lambda: principal(auth_gatewright, answer.json()["accessToken"])).amr == ("pwd", "otp")
    again = reauthenticate(passwordless, code=code)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_code")


def test_a_code_counts_for_ten_minutes(
    passwordless: SignedInClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """And not a moment longer."""
    reauthenticate(passwordless)
    code = auth_mails.to(EMAIL)[-1].code
    auth_clock.advance(600)
    assert reauthenticate(passwordless, code=code).status_code == 401


@pytest.mark.both_databases
def test_five_wrong_codes_void_what_was_mailed(
    passwordless: SignedInClient, auth_mails: CapturedMails, auth_clock: FakeClock
) -> None:
    """All of it: asking three times gives nobody fifteen tries. The account can go on with a new code."""
    for _ in range(3):
        reauthenticate(passwordless)
    codes = [mail.code for mail in auth_mails.to(EMAIL)[-3:]]
    for number in range(5):
        # One a minute, so that it is not the limit on tries that refuses.
        auth_clock.advance(61)
        assert reauthenticate(passwordless, code=f"{number:08}").status_code == 401
    for code in codes:
        auth_clock.advance(61)
        assert reauthenticate(passwordless, code=code).status_code == 401

    auth_clock.advance(120)
    reauthenticate(passwordless)
    assert reauthenticate(passwordless, code=auth_mails.to(EMAIL)[-1].code).status_code == 200


@pytest.mark.parametrize("guesses", [0, 20])
@pytest.mark.both_databases
def test_of_many_that_send_one_code_one_succeeds(
    passwordless: SignedInClient, auth_mails: CapturedMails, auth_gatewright: Gatewright, guesses: int
) -> None:
    """At the same time, with three codes out; and of many wrong ones at the same time, no more than five count."""
    for _ in range(3):
        reauthenticate(passwordless)
    code = auth_mails.to(EMAIL)[-1].code
    context = auth_gatewright.context()
    known = run(passwordless, lambda: principal(auth_gatewright, passwordless.tokens["accessToken"]))

    def take(tx: Transaction, sent: str) -> bool:
        now, bound_to = context.clock.now(), known.session_id
        return mailed_codes.take(tx, context.vault, now, sent, REAUTHENTICATE, user_id=known.id, bound_to=bound_to)

    async def work(sent: list[str]) -> list[bool]:
        return await asyncio.gather(*(context.db.write(partial(take, sent=each)) for each in sent))

    wrong = run(passwordless, lambda: work([f"{number:08}" for number in range(guesses)]))
    assert not any(wrong)
    right = run(passwordless, lambda: work([code] * 20))
    assert right.count(True) == (0 if guesses else 1)
    kept = run(passwordless, lambda: auth_gatewright.database.read(codes_kept))
    assert max(row["attempts"] for row in kept) <= 5


def test_only_three_codes_are_mailed_at_a_time(passwordless: SignedInClient, auth_mails: CapturedMails) -> None:
    """The answer to a fourth call is the same."""
    before = len(auth_mails.to(EMAIL))
    assert [reauthenticate(passwordless).status_code for _ in range(4)] == [202] * 4
    assert len(auth_mails.to(EMAIL)) == before + 3


def test_a_code_of_one_session_is_worth_nothing_in_another(
    as_user: AsUser, auth_client: TestClient, auth_gatewright: Gatewright, auth_mails: CapturedMails
) -> None:
    """Whoever holds another session of the account cannot use the code that the owner asked for."""
    first = as_user(email=EMAIL)
    other = auth_client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()["accessToken"]
    without_password(first, auth_gatewright)
    reauthenticate(first)
    code = auth_mails.to(EMAIL)[-1].code
    headers = {"Authorization": f"Bearer {other}"}
    assert auth_client.post("/auth/reauthenticate", json={"code": code}, headers=headers).status_code == 401
    assert reauthenticate(first, code=code).status_code == 200


def test_the_database_does_not_hold_the_code(
    passwordless: SignedInClient, auth_mails: CapturedMails, auth_gatewright: Gatewright
) -> None:
    """Nor a hash of it, which eight digits are too few for."""
    reauthenticate(passwordless)
    code = auth_mails.to(EMAIL)[-1].code
    rows = run(passwordless, lambda: auth_gatewright.database.read(codes_kept))
    assert len(rows) == 1
    assert code not in str(rows)
    assert len(rows[0]["token"]) > 64


def codes_kept(tx: Transaction) -> list[Row]:
    tokens = tx.table("EmailVerification")
    return tx.all(select(tokens).where(tokens.c.purpose == REAUTHENTICATE.name))


def test_with_cookies_the_token_stays_one(user: SignedInClient, auth_client: TestClient) -> None:
    """Whoever came with a cookie gets a cookie, and no page's script sees the token."""
    auth_client.headers["Origin"] = "http://localhost:3000"
    body = {"email": EMAIL, "password": PASSWORD}
    assert auth_client.post("/auth/login?useCookies=true", json=body).status_code == 200
    before = auth_client.cookies["gatewright_access"]
    refresh_token = auth_client.cookies["gatewright_refresh"]
    answer = auth_client.post("/auth/reauthenticate", json={"password": PASSWORD})
    assert answer.json() == {"expiresIn": 900}
    assert auth_client.cookies["gatewright_access"] != before
    assert auth_client.cookies["gatewright_refresh"] == refresh_token
    foreign = {"Origin": "https://evil.example"}
    refused = auth_client.post("/auth/reauthenticate", json={"password": PASSWORD}, headers=foreign)
    assert refused.json()["code"] == "cross_site_request"


def events(client: TestClient, auth: Gatewright) -> list[str]:
    def work(tx: Transaction) -> list[str]:
        return [row["event"] for row in tx.all(select(tx.table("gatewright_audit_events")))]

    found: list[str] = run(client, lambda: auth.database.read(work))
    return found
