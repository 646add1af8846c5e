"""Somebody makes an account with another's address, and waits for them to come (USENIX Security 2022, Sudhodanan)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from gatewright import Gatewright, Settings
from gatewright.addresses import parse_address
from gatewright.core.context import Context
from gatewright.core.mail.deliveries import Deliveries
from gatewright.core.principal import Principal
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.features.email_verification import service as addresses
from gatewright.features.email_verification.mails import VERIFY_EMAIL
from gatewright.features.login.recovery import RESET_PASSWORD
from gatewright.features.password import replacing
from gatewright.features.sessions import service as sessions
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from gatewright.testing.mails import CapturedMails, SentMail, deliver_all
from tests.attacks.mailed import CHANGE, RESET, VERIFY, Mailed, not_me_token
from tests.conftest import add_account
from tests.live import PASSWORD, bearer, code, log_in, refused_by, register, until

OWNERS = "the owner's attacked passphrase"
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}


@dataclass
class Stranger:
    """Who was there first, with all that can be set up in an account."""

    email: str
    """The victim's."""
    own_email: str
    sessions: list[dict[str, Any]]
    links: dict[str, str]
    confirm: SentMail


@pytest.fixture
def client(mailed: Mailed) -> Iterator[httpx2.Client]:
    with mailed.live.client() as client:
        yield client


@pytest.fixture
def stranger(mailed: Mailed, client: httpx2.Client, new_email: Callable[[], str]) -> Stranger:
    """Two sessions, a refreshed one, device tokens, and three changes of address on their way to the stranger."""
    victim, own = new_email(), new_email()
    tokens, confirm = mailed.registered(client, victim)
    body = {"email": victim, "password": PASSWORD}
    sessions = [tokens, log_in(client, victim), client.post("/auth/login", json=body, headers=FIREFOX).json()]
    again = client.post("/auth/reauthenticate", json={"password": PASSWORD}, headers=bearer(tokens))
    assert again.status_code == 200
    sessions.append({**tokens, "accessToken": again.json()["accessToken"]})
    for _ in range(3):
        client.post("/auth/email/change", json={"newEmail": own}, headers=bearer(sessions[-1]))
    changes = mailed.wait(own, CHANGE, count=3)
    links = {f"change-email {number}": mail.token for number, mail in enumerate(changes)}
    return Stranger(victim, own, sessions, links, confirm)


def by_reset(mailed: Mailed, client: httpx2.Client, stranger: Stranger) -> None:
    token = mailed.reset_token(client, stranger.email)
    answer = client.post("/auth/password/reset", json={"token": token, "password": OWNERS})
    assert answer.status_code == 200


def by_not_me(mailed: Mailed, client: httpx2.Client, stranger: Stranger) -> None:
    answer = client.post("/auth/not-me", json={"token": not_me_token(stranger.confirm)})
    assert answer.status_code == 200


def by_the_page(mailed: Mailed, client: httpx2.Client, stranger: Stranger) -> None:
    answer = client.post("/auth/pages/not-me", data={"token": not_me_token(stranger.confirm)})
    assert answer.status_code == 200


def by_registering(mailed: Mailed, client: httpx2.Client, stranger: Stranger) -> None:
    """The address is taken, so the owner asks for a password."""
    body = {"email": stranger.email, "password": OWNERS, "firstName": "The", "lastName": "Owner"}
    assert code(client.post("/auth/register", json=body)) == (409, "email_taken")
    by_reset(mailed, client, stranger)


Way = Callable[[Mailed, httpx2.Client, Stranger], None]


@pytest.mark.parametrize("way", [by_reset, by_not_me, by_the_page, by_registering])
async def test_nothing_of_a_strangers_survives(
    mailed: Mailed, client: httpx2.Client, stranger: Stranger, way: Way
) -> None:
    """Sessions, access tokens, the password, and every link on its way: all of it ends when the owner comes."""
    with mailed.live.client_of_each_worker() as workers:
        way(mailed, client, stranger)
        for tokens in stranger.sessions:
            until(refused_by(workers, tokens), what="the end of a session")
    for tokens in stranger.sessions:
        refreshed = client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
        assert code(refreshed) == (401, "invalid_refresh_token")
    for device in (None, stranger.sessions[0]["deviceToken"]):
        body = {"email": stranger.email, "password": PASSWORD, **({"deviceToken": device} if device else {})}
        assert code(client.post("/auth/login", json=body)) == (401, "invalid_credentials")
    form = {"grant_type": "password", "username": stranger.email, "password": PASSWORD}
    assert client.post("/auth/token", data=form).json()["error"] == "invalid_grant"
    for token in stranger.links.values():
        assert client.post("/auth/email/change/confirm", json={"token": token}).status_code == 400
        assert client.post("/auth/pages/change-email", data={"token": token}).status_code == 400
    for page, token in (("verify-email", stranger.confirm.token), ("not-me", not_me_token(stranger.confirm))):
        assert client.post(f"/auth/pages/{page}", data={"token": token}).status_code == 400

    (row,) = await mailed.live.rows("User", email=stranger.email)
    assert await mailed.live.rows("RefreshToken", user_id=row["id"], ended_at=None) == []
    assert await mailed.live.rows("EmailVerification", user_id=row["id"], used_at=None) == []


@pytest.mark.both_databases
def test_who_was_disowned_comes_back_by_no_way(mailed: Mailed, client: httpx2.Client, stranger: Stranger) -> None:
    """No password, no link and no request gives the account back; the owner sets a password, and is told of nothing."""
    by_not_me(mailed, client, stranger)
    for tokens in stranger.sessions:
        answer = client.post("/auth/password/set", json={"newPassword": PASSWORD}, headers=bearer(tokens))
        assert answer.status_code in (401, 403)
    client.post("/auth/password/forgot", json={"email": stranger.own_email})
    client.post("/auth/verify-email/resend", json={"email": stranger.own_email})
    by_reset(mailed, client, stranger)
    owner = log_in(client, stranger.email, OWNERS)
    assert client.get("/users/profile", headers=bearer(owner)).json()["isEmailVerified"] is True
    assert mailed.to(stranger.own_email, RESET) == []
    assert mailed.to(stranger.own_email, VERIFY) == []


def test_a_stranger_does_not_get_the_account_by_an_address_of_their_own(
    mailed: Mailed, client: httpx2.Client, stranger: Stranger
) -> None:
    """The stranger moves the account to their own address: then it is theirs, and the victim's address is free."""
    token = next(iter(stranger.links.values()))
    assert client.post("/auth/email/change/confirm", json={"token": token}).status_code == 200
    for each in (stranger.confirm.token,):
        assert client.post("/auth/verify-email", json={"token": each}).status_code == 400
    owner = register(client, stranger.email, OWNERS)
    assert owner["user"]["id"] != stranger.sessions[0]["user"]["id"]
    profile = client.get("/users/profile", headers=bearer(stranger.sessions[0])).json()
    assert profile["email"] == stranger.own_email


class TestBetweenAskingAndMailing:
    """What was asked for before the owner came, and would be mailed after."""

    @pytest.fixture
    async def auth(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setattr(Deliveries, "start", lambda _: None)
        auth = Gatewright(settings, clock=FakeClock(), mail_sender=CapturedMails())
        async with auth.lifespan(None):
            yield auth

    @pytest.mark.parametrize("way", ["reset", "not me"])
    async def test_a_change_that_waits_for_its_mail_ends_too(self, auth: Gatewright, way: str) -> None:
        """A mail server that is slow, or a crowd in the outbox, hands the account to nobody."""
        context, mails = auth.context(), auth.mail_sender
        assert isinstance(mails, CapturedMails)
        user = await add_account(context, "victim@example.com")

        def waiting(tx: Transaction) -> None:
            context.outbox.add(tx, RESET_PASSWORD, email_key="victim@example.com")
            table = tx.table("User")
            users.change(tx, {"is_email_verified": False, "updated_at": context.clock.now()}, table.c.id == user.id)
            context.outbox.add(tx, VERIFY_EMAIL, user_id=user.id)

        await context.db.write(waiting)
        await deliver_all(auth.deliveries)
        await addresses.ask_for_change(context, await _session_of(context, user), parse_address("stranger@example.com"))
        if way == "reset":
            (mail,) = [mail for mail in mails.all if RESET in mail.subject]
            await replacing.reset(context, mail.token, OWNERS)
        else:
            (mail,) = [mail for mail in mails.all if VERIFY in mail.subject]
            await addresses.disown(context, not_me_token(mail))
        await deliver_all(auth.deliveries)
        assert mails.to("stranger@example.com") == []
        assert await _live_tokens(context) == []


async def test_a_session_that_was_just_ended_opens_no_way_back(running: Gatewright) -> None:
    """Workers learn within a second that a session has ended; what gives a way in asks the database."""
    context = running.context()
    user = await add_account(context, "victim@example.com")
    stranger = await _session_of(context, user)

    def disowned(tx: Transaction) -> None:
        users.change_by_id(tx, user.id, {"password": None, "updated_at": context.clock.now()})
        sessions.end_sessions_of(tx, context, user.id)

    await context.db.write(disowned)
    with pytest.raises(InvalidToken):
        await replacing.set_first(context, stranger, PASSWORD)
    with pytest.raises(InvalidToken):
        await addresses.ask_for_change(context, stranger, parse_address("stranger@example.com"))
    assert await _live_tokens(context) == []


async def _session_of(context: Context, user: Account) -> Principal:
    """What a worker makes of the access token of a new session."""
    tokens = (await sessions.start(context, user_id=user.id, role=user.role, amr=["pwd"])).tokens
    claims = context.access_tokens.verify(tokens.access_token)
    return Principal(user.id, user.role, frozenset(), claims.session_id, context.clock.now(), ("pwd",))


async def _live_tokens(context: Context) -> list[Row]:
    def work(tx: Transaction) -> list[Row]:
        tokens = tx.table("EmailVerification")
        return tx.all(select(tokens).where(tokens.c.used_at.is_(None)))

    return await context.db.read(work)
