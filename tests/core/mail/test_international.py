"""Addresses that are not ASCII: every server gets what it can take, and is asked in vain for nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select

from gatewright import Gatewright
from gatewright.addresses import parse_address
from gatewright.core.mail.deliveries import Deliveries
from gatewright.core.mail.inbox import Inbox
from gatewright.core.mail.transport import MailSender, sender_of
from gatewright.features.admin import service as admin
from gatewright.features.login.recovery import RESET_PASSWORD
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from gatewright.testing.mails import CapturedMails
from tests.conftest import add_account, make_settings
from tests.smtp import MailServer, mail_server


@pytest.fixture
def plain() -> Iterator[MailServer]:
    """A server without SMTPUTF8, as most are."""
    with mail_server(enable_SMTPUTF8=False) as server:
        yield server


@pytest.fixture
def modern() -> Iterator[MailServer]:
    with mail_server(enable_SMTPUTF8=True) as server:
        yield server


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails leave when a test says so."""
    monkeypatch.setattr(Deliveries, "start", lambda _: None)


@pytest.fixture
def database(sqlite_template_copy: object) -> str:
    return f"sqlite:///{sqlite_template_copy}"


@asynccontextmanager
async def running(database: str, sender: MailServer | MailSender, **changes: object) -> AsyncIterator[Gatewright]:
    settings = make_settings(database, **changes)
    if isinstance(sender, MailServer):
        sender = sender_of(sender.url, in_development=True, folder=settings.folder)
    auth = Gatewright(settings, clock=FakeClock(), mail_sender=sender)
    async with auth.lifespan(None):
        yield auth


async def ask(auth: Gatewright, email: str) -> str | None:
    """Mail a link to an account's address; what became of the mail."""
    context, key = auth.context(), parse_address(email).key
    await context.db.write(lambda tx: context.outbox.add(tx, RESET_PASSWORD, email_key=key))
    assert await auth.deliveries.deliver_due() == 1
    rows = await context.db.read(lambda tx: tx.all(select(tx.table("gatewright_outbox"))))
    outcome: str | None = max(rows, key=lambda row: row["done_at"])["outcome"]
    return outcome


async def test_a_server_without_smtputf8_takes_mails_to_every_domain(database: str, plain: MailServer) -> None:
    """Envelope and `To` have the domain's ASCII form, and nothing in the head is more than ASCII."""
    sent = {
        "Ada@bücher.example": "Ada@xn--bcher-kva.example",
        "bob@BÜCHER.Example": "bob@xn--bcher-kva.example",
        "cyd@XN--BCHER-KVA.Example": "cyd@XN--BCHER-KVA.Example",
        "dan@post.例え.jp": "dan@post.xn--r8jz45g.jp",
        "eve@bücher.xn--p1ai": "eve@xn--bcher-kva.xn--p1ai",
        "fay@bücher.test": "fay@xn--bcher-kva.test",
    }
    async with running(database, plain) as auth:
        for stored in sent:
            await add_account(auth.context(), stored)
            assert await ask(auth, stored) == "sent"
    assert plain.recipients == list(sent.values())
    assert [message["To"] for message in plain.messages] == list(sent.values())
    assert all(bytes(message).partition(b"\r\n\r\n")[0].isascii() for message in plain.messages)


async def test_a_local_part_beyond_ascii_is_refused_at_once_where_the_server_lacks_smtputf8(
    database: str, plain: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """No later try would end otherwise. The log says why, and not who."""
    async with running(database, plain) as auth:
        await add_account(auth.context(), "jörg@example.com")
        assert await ask(auth, "jörg@example.com") == "given_up"
    assert plain.tried == 0
    assert "the mail server lacks SMTPUTF8" in caplog.text
    assert "jörg" not in caplog.text


@pytest.mark.parametrize("sender", ["shop@example.com", "Büro <büro@bücher.example>"])
async def test_a_server_with_smtputf8_gets_local_parts_as_they_are(
    database: str, modern: MailServer, sender: str
) -> None:
    """Recipients' and senders': there is no ASCII form of them (RFC 6531)."""
    async with running(database, modern, mail_from=sender) as auth:
        await add_account(auth.context(), "jörg@bücher.example")
        assert await ask(auth, "jörg@bücher.example") == "sent"
    assert modern.recipients == ["jörg@xn--bcher-kva.example"]
    assert modern.senders == [sender.rpartition("<")[2].replace("bücher.example>", "xn--bcher-kva.example")]
    assert "To: jörg@xn--bcher-kva.example" in bytes(modern.messages[0]).decode()


async def test_a_sender_of_a_domain_beyond_ascii_is_sent_in_ascii(database: str, plain: MailServer) -> None:
    """In the envelope and in `From`, where its name stays readable."""
    async with running(database, plain, mail_from='"Bücher, Inc." <shop@BÜCHER.example>') as auth:
        await add_account(auth.context())
        assert await ask(auth, "user@example.com") == "sent"
    assert plain.senders == ["shop@xn--bcher-kva.example"]
    (address,) = plain.messages[0]["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Bücher, Inc.", "shop@xn--bcher-kva.example")


async def test_a_row_whose_address_is_none_is_given_up_at_once(
    database: str, plain: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """As another system may have written it."""

    def imported(tx: Transaction) -> None:
        values = {"id": cuid(), "email": "ada at example.com", "email_key": "ada@example.com", "role": "USER"}
        tx.run(insert(tx.table("User")).values(**values, is_email_verified=True, created_at=now, updated_at=now))

    async with running(database, plain) as auth:
        now = auth.clock.now()
        await auth.context().db.write(imported)
        assert await ask(auth, "ada@example.com") == "given_up"
    assert "the stored address is no e-mail address" in caplog.text
    assert "ada at" not in caplog.text


async def test_an_invitation_goes_to_the_ascii_form(database: str) -> None:
    """Invitations too, whose recipient has no account yet; a test finds them by either form."""
    mails = CapturedMails()
    async with running(database, mails) as auth:
        context = auth.context()
        await admin.invite(context, parse_address("New@Bücher.example"), "USER")
        while await auth.deliveries.deliver_due():
            pass
    assert [mail.to for mail in mails.all] == ["New@xn--bcher-kva.example"]
    assert mails.to("New@bücher.example") == mails.to("New@xn--bcher-kva.example") == mails.all


async def test_the_inbox_keeps_local_parts_as_they_are(database: str) -> None:
    """A developer reads the address that was typed, and no encoded word."""
    async with running(database, inbox := Inbox(make_settings(database).folder)) as auth:
        await add_account(auth.context(), "jörg@bücher.example")
        assert await ask(auth, "jörg@bücher.example") == "sent"
    mail = inbox.read(inbox.names()[0])
    assert mail is not None
    assert mail["To"] == "jörg@xn--bcher-kva.example"
