"""Mails that wait for their server: what arrives in the end works, or does not arrive."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select, update

from gatewright import Gatewright, Settings
from gatewright.core.mail.deliveries import Deliveries
from gatewright.core.mail.letters import Mail
from gatewright.core.mail.outbox import SEALED_FOR
from gatewright.core.tokens import mailed_codes, mailed_tokens
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken, Purpose
from gatewright.features.email_verification.mails import NOT_ME_TOKEN, VERIFY_EMAIL, VERIFY_EMAIL_TOKEN
from gatewright.features.login.recovery import RESET_PASSWORD, RESET_PASSWORD_TOKEN
from gatewright.features.password.mails import PASSWORD_CHANGED
from gatewright.features.reauthentication.mails import REAUTHENTICATE, REAUTHENTICATION_CODE
from gatewright.features.users.account import Account
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from gatewright.testing.mails import CapturedMails, SentMail
from tests.conftest import add_account

HOUR = 3600


class Server(CapturedMails):
    """Takes mails, unless it is down."""

    is_down = True

    async def send(self, message: EmailMessage, *, to: str) -> None:
        if self.is_down:
            raise ConnectionError
        await super().send(message, to=to)


class House:
    """A running Gatewright with one account, whose mails wait."""

    def __init__(self, auth: Gatewright, server: Server, account: Account) -> None:
        self.auth, self.server, self.account = auth, server, account
        self.context = auth.context()

    async def ask(self, mail: Mail, **parameters: str) -> None:
        await self.context.db.write(lambda tx: self.context.outbox.add(tx, mail, **parameters))

    async def wait(self, seconds: int) -> None:
        """Let time go by, with tries that fail, and sweeps that remove what is over."""
        for _ in range(0, seconds, HOUR // 2):
            self.advance(HOUR // 2)
            await self.auth.deliveries.deliver_due()
            await self.sweep()

    async def sweep(self) -> None:
        now = self.auth.clock.now()
        await self.context.db.write(lambda tx: mailed_tokens.remove_expired(tx, now, self.auth.settings))

    async def arrive(self) -> list[SentMail]:
        """What arrives once the server is up."""
        self.server.is_down = False
        self.advance(HOUR)
        while await self.auth.deliveries.deliver_due():
            pass
        return self.server.all

    async def counts(self, token: str, purpose: Purpose) -> bool:
        try:
            await self.context.db.read(lambda tx: mailed_tokens.look(tx, self.auth.clock.now(), token, purpose))
        except InvalidOrExpiredToken:
            return False
        return True

    async def outcomes(self) -> list[str | None]:
        rows = await self.context.db.read(lambda tx: tx.all(select(tx.table("gatewright_outbox"))))
        return [row["outcome"] for row in rows]

    def advance(self, seconds: int) -> None:
        assert isinstance(self.auth.clock, FakeClock)
        self.auth.clock.advance(seconds)


@pytest.fixture
async def house(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(Deliveries, "start", lambda _: None)
    server = Server()
    auth = Gatewright(settings, clock=FakeClock(), mail_sender=server)
    async with auth.lifespan(None):
        yield House(auth, server, await add_account(auth.context()))


async def test_a_link_lives_for_its_whole_time_from_when_it_arrives(house: House) -> None:
    """A reset counts for an hour. After five hours without a mail server it does so still, and no longer."""
    await house.ask(RESET_PASSWORD, email_key="user@example.com")
    await house.auth.deliveries.deliver_due()
    await house.wait(5 * HOUR)
    (mail,) = await house.arrive()
    house.advance(HOUR - 1)
    assert await house.counts(mail.token, RESET_PASSWORD_TOKEN)
    house.advance(1)
    assert not await house.counts(mail.token, RESET_PASSWORD_TOKEN)


async def test_every_link_of_a_mail_lives_as_long(house: House) -> None:
    """To confirm an address, and to say that it is another's: a day each, for whichever is clicked."""

    def unverified(tx: Transaction) -> None:
        tx.run(update(tx.table("User")).values(is_email_verified=False))

    await house.context.db.write(unverified)
    await house.ask(VERIFY_EMAIL, user_id=house.account.id)
    await house.wait(6 * HOUR)
    (mail,) = await house.arrive()
    house.advance(24 * HOUR - 1)
    both = dict(zip((VERIFY_EMAIL_TOKEN, NOT_ME_TOKEN), mail.links, strict=True))
    for purpose, link in both.items():
        assert await house.counts(link.partition("token=")[2], purpose)


@pytest.mark.both_databases
async def test_a_link_that_was_used_up_meanwhile_does_not_arrive(house: House) -> None:
    """Another link has set the password: the one that waits would be dead, and a new one was not asked for."""
    await house.ask(RESET_PASSWORD, email_key="user@example.com")
    await house.auth.deliveries.deliver_due()
    now = house.auth.clock.now()
    await house.context.db.write(lambda tx: mailed_tokens.void(tx, now, house.account.id))
    await house.wait(2 * HOUR)
    assert await house.arrive() == []
    assert await house.outcomes() == ["dropped"]


@pytest.mark.parametrize("is_swept", [False, True])
@pytest.mark.both_databases
async def test_a_mail_that_no_worker_was_there_for_is_composed_again(house: House, is_swept: bool) -> None:
    """Its link died while everything was down, and perhaps was removed: another takes its place."""
    await house.ask(RESET_PASSWORD, email_key="user@example.com")
    await house.auth.deliveries.deliver_due()
    house.advance(6 * HOUR)
    if is_swept:
        await house.sweep()
    (mail,) = await house.arrive()
    assert await house.counts(mail.token, RESET_PASSWORD_TOKEN)


async def test_a_mail_of_an_earlier_version_does_not_arrive_with_a_dead_link(house: House) -> None:
    """It kept nothing to be composed from again."""
    await house.ask(RESET_PASSWORD, email_key="user@example.com")
    await house.auth.deliveries.deliver_due()

    def as_before(tx: Transaction) -> None:
        outbox, vault = tx.table("gatewright_outbox"), house.context.vault
        (row,) = tx.all(select(outbox))
        content: dict[str, Any] = json.loads(vault.open(row["sealed"], purpose=SEALED_FOR))
        del content["parameters"]
        tx.run(update(outbox).values(sealed=vault.seal(json.dumps(content).encode(), purpose=SEALED_FOR)))

    await house.context.db.write(as_before)
    house.advance(6 * HOUR)
    assert await house.arrive() == []
    assert await house.outcomes() == ["dropped"]


@pytest.mark.parametrize(("minutes", "arrives"), [(9, True), (10, False)])
async def test_a_code_that_came_too_late_does_not_arrive(house: House, minutes: int, arrives: bool) -> None:
    """It is for somebody who waits for it, for ten minutes; its life is not made longer, since it can be guessed."""

    def ask(tx: Transaction) -> None:
        user = {"user_id": house.account.id, "email": "user@example.com"}
        vault, now = house.context.vault, house.auth.clock.now()
        code = mailed_codes.issue(tx, vault, now, REAUTHENTICATE, **user, bound_to="a session")
        assert code is not None
        house.context.outbox.add(tx, REAUTHENTICATION_CODE, user_id=house.account.id, code=code)

    await house.context.db.write(ask)
    house.advance(minutes * 60)
    house.server.is_down = False
    await house.auth.deliveries.deliver_due()
    assert bool(house.server.all) is arrives
    assert await house.outcomes() == ["sent" if arrives else "given_up"]


async def test_mails_that_only_tell_something_wait_as_before(house: House) -> None:
    """They carry nothing that could die."""
    await house.ask(PASSWORD_CHANGED, user_id=house.account.id)
    await house.wait(HOUR)
    assert [mail.links for mail in await house.arrive()] == [[]]
