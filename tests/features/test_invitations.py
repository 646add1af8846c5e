"""Registering by invitation: one account for one address, with the role that the server decided on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from gatewright import Gatewright, Settings
from gatewright.addresses import parse_address
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.errors import GatewrightError
from gatewright.features.admin import service as admin
from gatewright.features.admin.errors import UnknownRole
from gatewright.features.invitations import service as invitations
from gatewright.features.password.errors import RegistrationClosed
from gatewright.features.users.errors import EmailTaken
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from gatewright.testing.mails import CapturedMails, deliver_all
from tests.conftest import make_settings

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
DAY = 86_400


class House:
    """A running server, its mails, and a client."""

    def __init__(self, auth: Gatewright, client: httpx2.AsyncClient, mails: CapturedMails) -> None:
        self.auth, self.client, self.mails = auth, client, mails

    async def invite(self, email: str = EMAIL, role: str = "USER") -> str:
        """The token of the mail."""
        await admin.invite(self.auth.context(), parse_address(email), role)
        await deliver_all(self.auth.deliveries)
        return self.mails.to(email)[-1].token

    async def register(self, token: str | None = None, **changes: str) -> httpx2.Response:
        names = {"firstName": "Ada", "lastName": "Lovelace"}
        body: dict[str, Any] = {"email": EMAIL, "password": PASSWORD, **names, **changes}
        if token is not None:
            body["inviteToken"] = token
        return await self.client.post("/auth/register", json=body)

    async def rows(self, table: str) -> list[Row]:
        return await self.auth.database.read(lambda tx: tx.all(select(tx.table(table))))

    def advance(self, seconds: int) -> None:
        assert isinstance(self.auth.clock, FakeClock)
        self.auth.clock.advance(seconds)


async def started(settings: Settings) -> AsyncIterator[House]:
    mails = CapturedMails()
    auth = Gatewright(settings, clock=FakeClock(), mail_sender=mails)
    host = FastAPI()
    auth.install(host)
    transport = httpx2.ASGITransport(host)
    async with auth.lifespan(None), httpx2.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        yield House(auth, client, mails)


@pytest.fixture(params=["invite"])
async def house(request: pytest.FixtureRequest, migrated_url: str) -> AsyncIterator[House]:
    settings = make_settings(migrated_url, registration=request.param, roles={"EDITOR": {}}, rate_limit_enabled=False)
    async for made in started(settings):
        yield made


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.both_databases
async def test_an_invitation_makes_an_account_that_is_verified(house: House) -> None:
    """The mail has proved the address, so no second one asks for that; the role is the invitation's."""
    token = await house.invite(role="EDITOR")
    made = await house.register(token)
    assert made.status_code == 201
    assert made.json()["user"]["role"] == "EDITOR"
    (user,) = await house.rows("User")
    assert user["is_email_verified"]
    await deliver_all(house.auth.deliveries)
    assert len(house.mails.to(EMAIL)) == 1


async def test_nobody_registers_without_an_invitation(house: House) -> None:
    """Neither without a token nor with another one's, and none of these uses the invitation up."""
    token = await house.invite()
    assert refused(await house.register()) == (403, "registration_closed")
    assert refused(await house.register(token, email="eve@example.com")) == (403, "registration_closed")
    assert refused(await house.register("x" * 43)) == (400, "invalid_or_expired_token")
    assert refused(await house.register("")) == (400, "invalid_or_expired_token")
    assert refused(await house.register(token, password="short")) == (422, "validation_failed")
    assert (await house.register(token, email="ADA@Example.com")).status_code == 201


async def test_the_answer_does_not_tell_whether_another_address_has_an_account(house: House) -> None:
    """An invitation for one address says nothing about others."""
    assert (await house.register(await house.invite("bob@example.com"), email="bob@example.com")).status_code == 201
    token = await house.invite()
    taken = await house.register(token, email="bob@example.com")
    free = await house.register(token, email="eve@example.com")
    assert refused(taken) == refused(free) == (403, "registration_closed")
    assert taken.json()["detail"] == free.json()["detail"]


async def test_nobody_raises_their_role(house: House) -> None:
    """The role stands in the token, and one that was changed is no token."""
    token = await house.invite()
    assert token.endswith(".USER")
    for forged in (token.replace(".USER", ".ADMIN"), token.replace(".USER", ""), f"{token}.ADMIN", token.lower()):
        assert refused(await house.register(forged)) == (400, "invalid_or_expired_token")
    assert refused(await house.register(token, role="ADMIN")) == (422, "validation_failed")
    assert (await house.register(token)).json()["user"]["role"] == "USER"


async def test_an_invitation_counts_once(house: House) -> None:
    """Also when the account has another address by now, so that a second one could have this."""
    token = await house.invite()
    assert (await house.register(token)).status_code == 201
    moved = {"email": "new@example.com", "email_key": "new@example.com"}
    await house.auth.database.write(lambda tx: tx.run(update(tx.table("User")).values(moved)))
    assert refused(await house.register(token)) == (400, "invalid_or_expired_token")


@pytest.mark.both_databases
async def test_of_a_hundred_redemptions_one_succeeds(house: House) -> None:
    """One account, one session, and one answer that says so."""
    token = await house.invite()
    answers = await asyncio.gather(*(house.register(token) for _ in range(100)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 400, 503}
    assert (len(await house.rows("User")), len(await house.rows("RefreshToken"))) == (1, 1)


@pytest.mark.both_databases
async def test_of_many_that_have_looked_one_takes(house: House) -> None:
    """What was found live a moment ago may be used up when the account is to be made."""
    token = await house.invite()
    context = house.auth.context()
    found = [await invitations.find(context, token) for _ in range(5)]
    assert {invitation.role for invitation in found} == {"USER"}

    async def take() -> bool:
        try:
            await context.db.write(lambda tx: invitations.take(tx, context, token))
        except InvalidOrExpiredToken:
            return False
        return True

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


async def test_an_invitation_counts_for_a_week(house: House) -> None:
    """And not a moment longer."""
    token = await house.invite()
    house.advance(7 * DAY)
    assert refused(await house.register(token)) == (400, "invalid_or_expired_token")


@pytest.mark.both_databases
async def test_a_new_invitation_takes_the_place_of_the_old(house: House) -> None:
    """So that a role given by mistake can be taken back, and inviting again always mails one that works."""
    tokens = [await house.invite(role=role) for role in ("ADMIN", "EDITOR", "USER", "USER", "USER")]
    for token in tokens[:-1]:
        assert refused(await house.register(token)) == (400, "invalid_or_expired_token")
    assert (await house.register(tokens[-1])).json()["user"]["role"] == "USER"


async def test_a_role_that_is_gone_makes_no_account(house: House) -> None:
    """The settings of the moment decide, not those of the week before."""
    token = await house.invite(role="EDITOR")
    settings = house.auth.settings
    object.__setattr__(settings, "roles", {name: role for name, role in settings.roles.items() if name != "EDITOR"})
    assert refused(await house.register(token)) == (400, "invalid_or_expired_token")


@pytest.mark.parametrize("house", ["open"], indirect=True)
async def test_an_invitation_counts_where_anybody_may_register(house: House) -> None:
    """It brings its role, and others register without one; a dead one is no way round."""
    token = await house.invite(role="ADMIN")
    assert (await house.register(email="bob@example.com")).json()["user"]["role"] == "USER"
    assert refused(await house.register("x" * 43)) == (400, "invalid_or_expired_token")
    assert (await house.register(token)).json()["user"]["role"] == "ADMIN"


@pytest.mark.parametrize("house", ["closed"], indirect=True)
async def test_nobody_is_invited_where_registration_is_closed(house: House) -> None:
    """Nor does a token open it."""
    with pytest.raises(RegistrationClosed):
        await house.invite()
    assert refused(await house.register("x" * 43)) == (403, "registration_closed")


@pytest.mark.parametrize(
    ("email", "role", "error"), [(EMAIL, "KING", UnknownRole), ("bob@example.com", "USER", EmailTaken)]
)
async def test_what_cannot_become_an_account_is_not_invited(
    house: House, email: str, role: str, error: type[GatewrightError]
) -> None:
    """An unknown role, and an address that has an account."""
    assert (await house.register(await house.invite("bob@example.com"), email="bob@example.com")).status_code == 201
    with pytest.raises(error):
        await house.invite(email, role)


async def test_where_addresses_are_verified_first_an_invitation_is_enough(migrated_url: str) -> None:
    """The account is signed in at once."""
    async for house in started(make_settings(migrated_url, registration="invite", require_verified_email=True)):
        made = await house.register(await house.invite())
        assert made.status_code == 201
        assert made.json()["accessToken"]


async def test_the_page_makes_the_account(house: House) -> None:
    """Opening it redeems nothing; what is not right is said beside the form, which keeps what was typed."""
    token = await house.invite(role="EDITOR")
    url = house.mails.to(EMAIL)[-1].link
    for _ in range(2):
        form = await house.client.get(url, follow_redirects=True)
        assert form.status_code == 200
        assert token in form.text
    given = {"token": token, "firstName": '"><script>', "lastName": "L", "password": "short"}
    wrong = await house.client.post("/auth/pages/invitation", data=given)
    assert wrong.status_code == 422
    assert "Last name:" in wrong.text
    assert "<script>" not in wrong.text
    assert "short" not in wrong.text
    assert await house.rows("User") == []

    right = {**given, "firstName": "Ada", "lastName": "Lovelace", "password": PASSWORD}
    done = await house.client.post("/auth/pages/invitation", data=right)
    assert (done.status_code, "Your account is created" in done.text) == (200, True)
    assert [(user["email"], user["role"]) for user in await house.rows("User")] == [(EMAIL, "EDITOR")]
    assert (await house.client.post("/auth/pages/invitation", data=right)).status_code == 400
