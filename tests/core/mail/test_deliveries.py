"""The outbox and its delivery, by real SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gatewright import Gatewright, Settings
from gatewright.core.context import Context
from gatewright.core.mail.deliveries import Deliveries, MailRow
from gatewright.core.mail.letters import Mail
from gatewright.core.mail.transport import sender_of
from gatewright.features.login.recovery import RESET_PASSWORD
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from tests.conftest import add_account
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.both_databases


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
async def auth(settings: Settings, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gatewright]:
    """A running Gatewright that sends to the server, and only when a test says so."""
    monkeypatch.setattr(Deliveries, "start", lambda _: None)
    async with _running(settings, server) as auth:
        yield auth


@pytest.fixture
def clock(auth: Gatewright) -> FakeClock:
    assert isinstance(auth.clock, FakeClock)
    return auth.clock


@asynccontextmanager
async def _running(settings: Settings, server: MailServer) -> AsyncIterator[Gatewright]:
    sender = sender_of(server.url, in_development=True, folder=settings.folder)
    auth = Gatewright(settings, clock=FakeClock(), mail_sender=sender)
    async with auth.lifespan(None):
        yield auth


async def _ask(context: Context, mail: Mail = RESET_PASSWORD, email: str = "user@example.com") -> None:
    await context.db.write(lambda tx: context.outbox.add(tx, mail, email_key=email))


async def _outbox(context: Context) -> list[Row]:
    return await context.db.read(lambda tx: tx.all(select(tx.table("gatewright_outbox"))))


async def test_a_mail_goes_to_the_stored_address_and_its_row_is_emptied(auth: Gatewright, server: MailServer) -> None:
    """The address is the account's own, whatever spelling of it was asked with; nothing of the mail stays behind."""
    context = auth.context()
    await add_account(context, "User@Example.com")

    await _ask(context)
    assert await auth.deliveries.deliver_due() == 1

    assert server.recipients == ["User@Example.com"]
    (row,) = await _outbox(context)
    assert (row["sealed"], row["outcome"]) == (None, "sent")


async def test_a_transaction_that_fails_sends_nothing(auth: Gatewright, server: MailServer) -> None:
    """The mail is part of the transaction that caused it."""
    context = auth.context()

    def work(tx: Any) -> None:
        context.outbox.add(tx, RESET_PASSWORD, email_key="user@example.com")
        raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError):
        await context.db.write(work)
    assert await auth.deliveries.deliver_due() == 0
    assert server.messages == []


async def test_a_row_gives_nothing_away(auth: Gatewright, server: MailServer) -> None:
    """Neither the address nor, once the mail is composed, its token can be read in the database."""
    context = auth.context()
    await add_account(context)
    server.mood = "busy"
    await _ask(context)
    before = (await _outbox(context))[0]["sealed"]
    await auth.deliveries.deliver_due()
    after = (await _outbox(context))[0]["sealed"]

    assert before != after
    assert b"example.com" not in before + after
    assert b"token" not in before + after


async def test_a_server_that_is_busy_delays_a_mail_and_gets_the_same_one(
    auth: Gatewright, server: MailServer, clock: FakeClock
) -> None:
    """Nothing is lost, and the mail that comes in the end has the token and the Message-ID of the first try."""
    context = auth.context()
    await add_account(context)
    server.mood = "drops"
    await _ask(context)
    await auth.deliveries.deliver_due()
    assert await auth.deliveries.deliver_due() == 0, "it is tried again at once"

    server.mood = "takes"
    clock.advance(5)
    assert await auth.deliveries.deliver_due() == 1

    first, second = server.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert bytes(first).split(b"token=")[1][:43] == bytes(second).split(b"token=")[1][:43]
    tokens = await context.db.read(lambda tx: tx.all(select(tx.table("EmailVerification"))))
    assert len(tokens) == 1


async def test_delays_grow_and_a_day_later_a_mail_is_given_up(
    auth: Gatewright, server: MailServer, clock: FakeClock
) -> None:
    """A server that is down for good is not asked for ever; the audit log says so, and the row is emptied."""
    context = auth.context()
    await add_account(context)
    server.mood = "busy"
    await _ask(context)
    for seconds in (0, 5, 15, 60, 300, 900, 3600, 86_400):
        clock.advance(seconds)
        assert await auth.deliveries.deliver_due() == 1
    assert await auth.deliveries.deliver_due() == 0

    (row,) = await _outbox(context)
    assert (row["sealed"], row["outcome"]) == (None, "given_up")
    assert server.tried == 8
    events = await context.db.read(lambda tx: tx.all(select(tx.table("gatewright_audit_events"))))
    assert [event["event"] for event in events if event["event"].startswith("mail.")] == ["mail.given_up"]


async def test_an_address_that_the_server_refuses_is_tried_once(auth: Gatewright, server: MailServer) -> None:
    """A 5xx is final (RFC 5321 section 4.2.1)."""
    context = auth.context()
    await add_account(context)
    server.mood = "refuses"
    await _ask(context)
    await auth.deliveries.deliver_due()

    assert [row["outcome"] for row in await _outbox(context)] == ["given_up"]


async def test_two_workers_send_a_mail_once(settings: Settings, server: MailServer) -> None:
    """A worker takes what no other has claimed."""
    async with _running(settings, server) as one, _running(settings, server) as other:
        await add_account(one.context())
        await asyncio.gather(*(_ask(one.context(), email="nobody@example.com") for _ in range(10)))
        await _ask(one.context())
        await asyncio.gather(*(auth.deliveries.deliver_due() for auth in (one, other) * 4))
        assert len(server.messages) == 1
        assert {row["outcome"] for row in await _outbox(one.context())} == {"sent", "dropped"}


async def test_a_claim_that_was_lost_composes_nothing(auth: Gatewright, server: MailServer, clock: FakeClock) -> None:
    """A worker that was frozen while another took its mail over makes no second token."""
    context = auth.context()
    await add_account(context)
    await _ask(context)
    frozen, go_on = asyncio.Event(), asyncio.Event()
    composed = auth.deliveries._composed

    async def freeze(row: MailRow) -> Any:
        frozen.set()
        await go_on.wait()
        return await composed(row)

    auth.deliveries._composed = freeze  # type: ignore[method-assign]
    slow = asyncio.create_task(auth.deliveries.deliver_due())
    await frozen.wait()
    clock.advance(600)
    async with _running(auth.settings, server) as other:
        assert isinstance(other.clock, FakeClock)
        other.clock.advance(600)
        await other.deliveries.deliver_due()
        go_on.set()
        await slow
    assert len(server.messages) == 1
    tokens = await context.db.read(lambda tx: tx.all(select(tx.table("EmailVerification"))))
    assert len(tokens) == 1


async def test_three_live_tokens_are_enough_for_a_mailbox(
    auth: Gatewright, server: MailServer, clock: FakeClock
) -> None:
    """However often somebody asks, the owner gets three mails, which all work; an hour later, three more."""
    context = auth.context()
    await add_account(context)
    for _ in range(6):
        await _ask(context)
    while await auth.deliveries.deliver_due():
        pass
    assert len(server.messages) == 3

    clock.advance(3601)
    await _ask(context)
    await auth.deliveries.deliver_due()
    assert len(server.messages) == 4


async def test_a_mail_that_no_feature_sends_any_more_is_given_up_at_once(
    auth: Gatewright, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Its feature was switched off, or removed, while it waited: one line says so, and nothing is tried again."""
    context = auth.context()
    removed = Mail("of-a-removed-feature", Path(__file__).parent, lambda *_: None, {})
    await _ask(context, removed)

    await auth.deliveries.deliver_due()

    (row,) = await _outbox(context)
    assert (row["sealed"], row["outcome"], row["attempts"]) == (None, "given_up", 1)
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert line.getMessage() == (
        f"A mail is given up: no feature that is on sends of-a-removed-feature (outbox {row['id']})"
    )
    assert server.recipients == []
