"""Using one mailed token from everywhere at once, and two of one user, and while somebody signs in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx2
import pytest
from sqlalchemy import select

from gatewright import Gatewright
from gatewright.core.tokens import mailed_tokens
from gatewright.features.email_verification import service as addresses
from gatewright.features.email_verification.mails import NOT_ME_TOKEN
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row
from tests.attacks.mailed import CHANGE, CHANGED, Mailed, not_me_token
from tests.attacks.test_login_races import waits_for_a_lock
from tests.conftest import add_account
from tests.live import PASSWORD, Answer, Order, bearer, log_in, register, storm

pytestmark = pytest.mark.both_databases

ROUNDS = 3
EVENTS = {
    "verify-email": "email.verified",
    "not-me": "email.disowned",
    "change-email": "email.changed",
    "undo-email-change": "email.change_undone",
    "reset-password": "password.reset",
}
DONE, REFUSED = (200, ""), (400, "invalid_or_expired_token")
CONFIRMATIONS = ("verify-email", "change-email")
"""Their repeats get the answer of the first call."""


class User:
    """An account whose mailed tokens are attacked."""

    def __init__(self, mailed: Mailed, client: httpx2.Client, email: str, new_email: str) -> None:
        self.tokens, confirm = mailed.registered(client, email)
        self.id: str = self.tokens["user"]["id"]
        self.email, self.new_email = email, new_email
        self._mailed, self._client = mailed, client
        self._links = {"verify-email": confirm.token, "not-me": not_me_token(confirm)}

    def token(self, page: str) -> str:
        """A token for *page*, mailed to where it belongs."""
        if page == "reset-password":
            return self._mailed.reset_token(self._client, self.email)
        if page == "change-email":
            answer = self._client.post(
                "/auth/email/change", json={"newEmail": self.new_email}, headers=bearer(self.tokens)
            )
            assert answer.status_code == 202, answer.text
            return self._mailed.token(self.new_email, CHANGE)
        if page == "undo-email-change":
            confirmed = self._client.post("/auth/email/change/confirm", json={"token": self.token("change-email")})
            assert confirmed.status_code == 200
            return self._mailed.token(self.email, CHANGED)
        return self._links[page]


@pytest.fixture
def client(mailed: Mailed) -> Any:
    with mailed.live.client() as client:
        yield client


@pytest.fixture
def user(mailed: Mailed, client: httpx2.Client, new_email: Callable[[], str]) -> User:
    return User(mailed, client, new_email(), new_email())


def password(number: int) -> str:
    return f"an attacked passphrase, number {number}"


def redemptions(mailed: Mailed, page: str, token: str, times: int) -> list[Order]:
    """By the call and by the page in turn; each reset asks for a password of its own."""
    return [
        mailed.redemption(
            page, token, by_page=number % 2 == 1, **({"password": password(number)} if "reset" in page else {})
        )
        for number in range(times)
    ]


def outcome(answer: Answer) -> tuple[int, str]:
    if isinstance(answer.body, str):
        refused = "no longer valid" in answer.body or "was already used" in answer.body
        return answer.status, REFUSED[1] if refused else ""
    return answer.status, answer.body.get("code", "")


@pytest.mark.parametrize("page", EVENTS)
async def test_of_a_hundred_parallel_redemptions_one_wins(
    mailed: Mailed, client: httpx2.Client, user: User, page: str
) -> None:
    """By the call and by the page, on both workers: one does what the token is for.

    A confirmation answers all of them alike; every other token refuses all but one.
    """
    outcomes = [outcome(answer) for answer in storm(redemptions(mailed, page, user.token(page), 100))]

    assert outcomes.count(DONE) == (100 if page in CONFIRMATIONS else 1)
    # A hundred hashes at once may be more than a busy machine takes on.
    assert {status for status, _ in outcomes} <= ({200, 400, 503} if page == "reset-password" else {200, 400})
    events = await mailed.live.rows("gatewright_audit_events", event=EVENTS[page], subject_id=user.id)
    assert len(events) == 1
    if page == "change-email":
        await mailed.is_quiet()
        assert len(mailed.to(user.email, CHANGED)) == 1
    if page == "reset-password":
        (winner,) = [number for number, each in enumerate(outcomes) if each == DONE]
        log_in(client, user.email, password(winner))
        (row,) = await mailed.live.rows("User", id=user.id)
        assert row["is_email_verified"]


async def test_of_many_resets_with_one_password_all_succeed(mailed: Mailed, client: httpx2.Client, user: User) -> None:
    """A form that is sent several times at once sets the password once, and says so to each."""
    token = user.token("reset-password")
    orders = [
        mailed.redemption("reset-password", token, by_page=number % 2 == 1, password=password(1))
        for number in range(10)
    ]
    answers = storm(orders, processes=2)
    assert {answer.status for answer in answers} <= {200, 503}
    assert any(answer.status == 200 for answer in answers)
    events = await mailed.live.rows("gatewright_audit_events", event=EVENTS["reset-password"], subject_id=user.id)
    assert len(events) == 1
    log_in(client, user.email, password(1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("verify-email", "not-me"),
        ("reset-password", "reset-password"),
        ("reset-password", "change-email"),
        ("reset-password", "not-me"),
        ("change-email", "not-me"),
    ],
)
async def test_of_two_tokens_of_one_user_one_wins(
    mailed: Mailed, client: httpx2.Client, new_email: Callable[[], str], one: str, other: str
) -> None:
    """Each of them voids the other, also at the same moment; and what the winner is for has been done whole."""
    for _ in range(ROUNDS):
        user = User(mailed, client, new_email(), new_email())
        tokens = user.token(one), user.token(other)
        orders = [
            order
            for pair in zip(
                redemptions(mailed, one, tokens[0], 10), redemptions(mailed, other, tokens[1], 10), strict=True
            )
            for order in pair
        ]
        outcomes = [outcome(answer) for answer in storm(orders, processes=2)]
        number = outcomes.index(DONE) % 2
        winner = (one, other)[number]
        assert outcomes[number::2].count(DONE) == (10 if winner in CONFIRMATIONS else 1)
        assert set(outcomes[1 - number :: 2]) == {REFUSED}
        assert set(outcomes) == {DONE, REFUSED}
        await _is_done(mailed, user, winner)


async def _is_done(mailed: Mailed, user: User, page: str) -> None:
    def look(tx: Transaction) -> list[list[Row]]:
        users, sessions, tokens = (tx.table(name) for name in ("User", "RefreshToken", "EmailVerification"))
        unused = select(tokens.c.purpose).where(tokens.c.user_id == user.id, tokens.c.used_at.is_(None))
        return [
            tx.all(select(users).where(users.c.id == user.id)),
            tx.all(select(sessions).where(sessions.c.user_id == user.id, sessions.c.ended_at.is_(None))),
            tx.all(unused),
        ]

    async with mailed.live.beside() as context:
        (row,), live, unused = await context.db.read(look)
    assert (row["password"] is None) is (page == "not-me")
    assert row["is_email_verified"] is (page != "not-me")
    assert row["email"] == (user.new_email if page == "change-email" else user.email)
    assert len(live) == (0 if page in ("not-me", "reset-password") else 1)
    assert [row["purpose"] for row in unused] == (["undo_email_change"] if page == "change-email" else [])


async def test_no_session_that_the_old_password_began_survives_a_reset(
    mailed: Mailed, client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """Logins, a refresh and a change of the password at the same moment: either the reset or the change counts."""
    for number in range(ROUNDS * 3):
        email = new_email()
        tokens = register(client, email)
        token = mailed.reset_token(client, email)
        async with httpx2.AsyncClient(base_url=mailed.live.url, timeout=30) as other:
            logins = [other.post("/auth/login", json={"email": email, "password": PASSWORD}) for _ in range(5)]
            calls = [
                *logins[: number % 5],
                other.post("/auth/password/reset", json={"token": token, "password": password(1)}),
                other.post(
                    "/auth/password/change",
                    json={"currentPassword": PASSWORD, "newPassword": password(2)},
                    headers=bearer(tokens),
                ),
                other.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}),
                *logins[number % 5 :],
            ]
            answers = await asyncio.gather(*calls)
        reset, change, refreshed = answers[number % 5 : number % 5 + 3]
        assert {answer.status_code for answer in answers} <= {200, 400, 401}
        assert (reset.status_code, change.status_code) in ((200, 401), (400, 200))
        assert reset.is_success or outcome(Answer(reset.status_code, reset.json())) == REFUSED

        live = await mailed.live.rows("RefreshToken", user_id=tokens["user"]["id"], ended_at=None)
        # Whoever changes the password keeps the session that it was done in.
        assert len(live) == (0 if reset.is_success else 1)
        for answer in answers:
            if answer.is_success and answer is not refreshed and "refreshToken" in answer.json():
                again = client.post("/auth/refresh", json={"refreshToken": answer.json()["refreshToken"]})
                assert again.status_code == 401
        log_in(client, email, password(1 if reset.is_success else 2))


# SQLite writes one transaction after the other.
@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
async def test_the_user_is_locked_before_the_token(running: Gatewright, migrated_url: str) -> None:
    """In one order everywhere: two tokens that void each other would lock each other out otherwise, for a second."""
    context = running.context()
    user = await add_account(context)
    now = context.clock.now()
    token = await context.db.write(
        lambda tx: mailed_tokens.issue(tx, now, NOT_ME_TOKEN, email=user.email, user_id=user.id)
    )
    assert token is not None
    connection = await asyncpg.connect(migrated_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", user.id)
            redeeming = asyncio.create_task(addresses.disown(context, token))
            await waits_for_a_lock(connection, redeeming)
            await connection.execute("SELECT 1 FROM email_verifications FOR UPDATE NOWAIT")
    finally:
        await connection.close()
    await redeeming
