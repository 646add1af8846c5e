"""A mail server that does what mail servers do on a bad day, and workers that die with mails in their hands."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from time import perf_counter
from typing import Any, get_args

import httpx2
import pytest
from sqlalchemy import insert, select, update

from gatewright import Gatewright, Settings
from gatewright.core.context import Context
from gatewright.core.mail import transport
from gatewright.core.mail.deliveries import _CLAIM, Deliveries
from gatewright.core.mail.transport import sender_of
from gatewright.core.tokens.mailed_tokens import _hash
from gatewright.features.login.recovery import RESET_PASSWORD
from gatewright.features.password.mails import PASSWORD_CHANGED
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from gatewright.testing.mails import deliver_all
from tests.attacks.conftest import mailed_server
from tests.attacks.mailed import RESET, VERIFY, Mailed, sent
from tests.conftest import add_account, make_settings
from tests.live import LiveServer, Order, free_port, register, storm, until
from tests.smtp import MailServer, Mood, mail_server

ROUNDS = 15
SLOWER_SECONDS = 0.25
"""What a busy test machine may add to a median. A mail server that is waited for adds seconds."""
EMAIL = "user@example.com"


def answer_seconds(client: httpx2.Client, new_email: Callable[[], str]) -> float:
    """How long calls that mail take, in the middle."""
    times = []
    for _ in range(ROUNDS):
        email = new_email()
        began = perf_counter()
        register(client, email)
        for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
            assert client.post(path, json={"email": email}).status_code == 202
        times.append(perf_counter() - began)
    return statistics.median(times)


# What the databases have a part in is tested on both in tests/core/mail.
@pytest.fixture(scope="module", params=["sqlite"])
def faulty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """A server of its own, since many mails wait in the end."""
    with mailed_server(request, request.param, tmp_path_factory.mktemp("faulty")) as mailed:
        yield mailed


@pytest.fixture
def restored(mailed: Mailed) -> Iterator[Mailed]:
    """The shared server, whose mail server is well again in the end."""
    yield mailed
    mailed.mails.mood = "takes"


@pytest.mark.parametrize("mood", [mood for mood in get_args(Mood) if mood != "takes"])
def test_no_answer_waits_for_the_mail_server(faulty: Mailed, new_email: Callable[[], str], mood: Mood) -> None:
    """Whatever it does, calls that mail take as long as with a healthy one, on both workers."""
    faulty.mails.mood = "takes"
    with faulty.live.client_of_each_worker() as workers:
        healthy = [answer_seconds(client, new_email) for client in workers]
        faulty.mails.mood = mood
        bad = [answer_seconds(client, new_email) for client in workers]
    assert max(bad) < max(healthy) * 3 + SLOWER_SECONDS


def test_a_server_that_was_not_there_gets_every_mail(
    new_database: str, tmp_path: Path, new_email: Callable[[], str]
) -> None:
    """No answer is slower for it, and all mails arrive once it has come, each once."""
    port, emails = free_port(), [new_email() for _ in range(5)]
    server = LiveServer(new_database, tmp_path, MAIL_URL=f"smtp://127.0.0.1:{port}")
    server.start()
    try:
        with server.client() as client:
            for email in emails:
                began = perf_counter()
                register(client, email)
                assert perf_counter() - began < 5
        until(lambda: server.log.count("cannot send a mail") >= len(emails), what="the first tries", seconds=15)
        with mail_server(port=port) as mails:
            mailed = Mailed(server, mails)
            for email in emails:
                until(lambda email=email: bool(mailed.to(email, VERIFY)), what=email, seconds=40)  # type: ignore[misc]
            assert len(mails.messages) == len(emails)
    finally:
        server.stop()


def test_a_mail_that_was_taken_without_an_answer_comes_again_as_it_was(
    restored: Mailed, new_email: Callable[[], str]
) -> None:
    """Nobody can know whether it arrived; the second one is the same mail, token and Message-ID included."""
    restored.mails.mood = "drops"
    with restored.live.client() as client:
        register(client, email := new_email())
        restored.wait(email)
        restored.mails.mood = "takes"
        until(lambda: len(restored.to(email)) == 2, what="the second delivery", seconds=30)
        first, second = restored.to(email)
        assert (first.links, first.text, first.html) == (second.links, second.text, second.html)
        assert client.post("/auth/verify-email", json={"token": second.token}).status_code == 200
    ids = [
        each["Message-ID"]
        for to, each in zip(restored.mails.recipients, restored.mails.messages, strict=True)
        if to == email
    ]
    assert len(set(ids)) == 1


@pytest.mark.both_databases
async def test_a_crowd_of_mails_arrives_each_once(mailed: Mailed, new_email: Callable[[], str]) -> None:
    """Many at the same moment, on both workers."""
    emails = [new_email() for _ in range(80)]
    body = {"password": "an attacked passphrase", "firstName": "Test", "lastName": "User"}
    answers = storm([Order("POST", f"{mailed.live.url}/auth/register", {**body, "email": each}) for each in emails])
    assert {answer.status for answer in answers} <= {201, 503}
    await mailed.is_quiet()
    for email, answer in zip(emails, answers, strict=True):
        assert len(mailed.to(email)) == (1 if answer.status == 201 else 0)


@pytest.mark.both_databases
async def test_a_killed_worker_takes_no_mail_with_it(new_database: str, tmp_path: Path, email: str) -> None:
    """SIGKILL between claiming and sending: when the claim has run out, the same mail comes from whoever is there."""
    with mail_server("hangs") as mails:
        server = LiveServer(new_database, tmp_path, MAIL_URL=mails.url)
        server.start()
        with server.client() as client:
            register(client, email)
            until(lambda: mails.tried == 1, what="the first try", seconds=15)
        server.kill()
        mails.mood = "takes"
        clock = FakeClock()
        auth = Gatewright(server.settings(), clock=clock, port=server.port)
        async with auth.lifespan(None):
            assert await auth.deliveries.deliver_due() == 0, "it was taken from a worker that may be alive"
            (composed,) = await _tokens(auth.context(), "verify_email")
            clock.advance(_CLAIM)
            clock.advance(1)
            await deliver_all(auth.deliveries)
            (after,) = await _tokens(auth.context(), "verify_email")
        (mail,) = (sent(message, to=email) for message in mails.messages)
        assert composed["token"] == after["token"] == _hash(mail.token)


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


async def ask(context: Context, email: str = EMAIL) -> None:
    await context.db.write(lambda tx: context.outbox.add(tx, RESET_PASSWORD, email_key=email))


async def outcomes(context: Context) -> list[str | None]:
    rows = await context.db.read(lambda tx: tx.all(select(tx.table("gatewright_outbox"))))
    return sorted((row["outcome"] for row in rows), key=str)


async def _tokens(context: Context, purpose: str) -> list[Row]:
    def work(tx: Transaction) -> list[Row]:
        tokens = tx.table("EmailVerification")
        return tx.all(select(tokens).where(tokens.c.purpose == purpose))

    return await context.db.read(work)


async def test_a_server_that_hangs_gets_the_same_mail_later(
    auth: Gatewright, server: MailServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is given up after some time, and the mail is not."""
    monkeypatch.setattr(transport, "_SECONDS", 0.3)
    context = auth.context()
    await add_account(context)
    server.mood = "hangs"
    await ask(context)
    assert await auth.deliveries.deliver_due() == 1
    (before,) = await _tokens(context, "reset_password")
    server.mood = "takes"
    clock.advance(5)
    await deliver_all(auth.deliveries)
    (mail,) = (sent(message, to=EMAIL) for message in server.messages)
    assert before["token"] == _hash(mail.token)
    assert await outcomes(context) == ["sent"]


async def test_a_whole_conversation_ends_before_the_claim_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes its time for every answer does not keep a mail until another worker takes it too."""
    assert _CLAIM.total_seconds() > transport._IN_ALL_SECONDS + 2 * transport._SECONDS
    monkeypatch.setattr(transport, "_IN_ALL_SECONDS", 1.0)

    async def answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 slow\r\n")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                await asyncio.sleep(0.3)
                writer.write(b"354 go on\r\n" if line == b"DATA\r\n" else b"250 fine\r\n")
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        over.set()

    over, message = asyncio.Event(), EmailMessage()
    message["From"] = message["To"] = EMAIL
    message.set_content("a line\n" * 20)
    async with await asyncio.start_server(answer_slowly, "127.0.0.1", 0) as slow:
        port: int = slow.sockets[0].getsockname()[1]
        with pytest.raises(TimeoutError):
            await transport.SmtpSender("127.0.0.1", port, "none").send(message, to=EMAIL)
        await asyncio.wait_for(over.wait(), 15)


async def test_a_damaged_row_stops_no_other(auth: Gatewright, server: MailServer, clock: FakeClock) -> None:
    """Bytes that no secret of ours has sealed, a mail that no feature declares, and one that is cut short."""
    context = auth.context()
    await add_account(context)
    await ask(context)

    def poison(tx: Transaction) -> None:
        outbox, now = tx.table("gatewright_outbox"), context.clock.now()
        good = tx.all(select(outbox))[0]["sealed"]
        undeclared = context.vault.seal(b'{"mail": "no-such-mail", "parameters": {}}', purpose="outbox")
        other_purpose = context.vault.seal(b'{"mail": "reset-password", "parameters": {}}', purpose="another")
        for sealed in (b"", b"\x00", good[:-1], good[:10], b"x" * 100, undeclared, other_purpose):
            values = {"id": cuid(), "sealed": sealed, "created_at": now, "due_at": now, "attempts": 0}
            tx.run(insert(outbox).values(values))
        # They come first.
        tx.run(update(outbox).where(outbox.c.sealed == good).values(due_at=now))

    clock.advance(1)
    await context.db.write(poison)
    await ask(context)
    await deliver_all(auth.deliveries)
    assert len(server.messages) == 2
    found = await outcomes(context)
    assert found.count("sent") == 2
    assert found.count("given_up") == 7


class TestOwnTemplates:
    """An app's own template that is not right."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "own").mkdir()
        return tmp_path / "own"

    @pytest.fixture
    def settings(self, migrated_url: str, folder: Path) -> Settings:
        return make_settings(migrated_url, mail={"templates": str(folder)})

    @pytest.mark.parametrize(
        "broken", ["{% if %}", "{{ nothing.at.all }}", "{% extends 'nowhere' %}", "", "{{ 1 / 0 }}"]
    )
    async def test_it_stops_no_other_mail_and_loses_none(
        self, auth: Gatewright, server: MailServer, clock: FakeClock, folder: Path, broken: str
    ) -> None:
        """The others leave; its own leave once it is repaired, with the token of the first try."""
        template = folder / "reset-password.jinja"
        template.write_text(broken)
        context = auth.context()
        user = await add_account(context)
        await ask(context)
        await context.db.write(lambda tx: context.outbox.add(tx, PASSWORD_CHANGED, user_id=user.id))
        await deliver_all(auth.deliveries)
        assert [str(message["Subject"]).partition(" for ")[0] for message in server.messages] == ["Your password"]
        (before,) = await _tokens(context, "reset_password")

        template.write_text("{% extends layout %}{% block subject %}Mended{% endblock %}")
        clock.advance(5)
        await deliver_all(auth.deliveries)
        assert await outcomes(context) == ["sent", "sent"]
        repaired = sent(server.messages[-1], to=EMAIL)
        assert (repaired.subject, _hash(repaired.token)) == ("Mended", before["token"])


@asynccontextmanager
async def _dying(auth: Gatewright, at: str) -> AsyncIterator[None]:
    """A worker that claims what is due, and dies at a step of its delivery."""
    reached: asyncio.Event = asyncio.Event()

    async def never(*_: Any) -> Any:
        reached.set()
        await asyncio.Event().wait()

    setattr(auth.deliveries, at, never)
    task = asyncio.create_task(auth.deliveries.deliver_due())
    await reached.wait()
    task.cancel()
    yield


@pytest.mark.parametrize("at", ["_composed", "_send", "_finish"])
@pytest.mark.both_databases
async def test_wherever_a_worker_dies_the_same_mail_comes(
    auth: Gatewright, server: MailServer, clock: FakeClock, settings: Settings, at: str
) -> None:
    """Before it was composed, before it was sent, and before that was written down: one token, and one Message-ID."""
    context = auth.context()
    await add_account(context)
    await ask(context)
    async with _dying(auth, at), _running(settings, server) as other:
        assert await other.deliveries.deliver_due() == 0
        assert isinstance(other.clock, FakeClock)
        other.clock.advance(_CLAIM)
        other.clock.advance(1)
        assert await other.deliveries.deliver_due() == 1
        assert await outcomes(context) == ["sent"]
    (token,) = await _tokens(context, "reset_password")
    assert len(server.messages) == (2 if at == "_finish" else 1)
    assert {_hash(sent(message, to=EMAIL).token) for message in server.messages} == {token["token"]}
    assert len({message["Message-ID"] for message in server.messages}) == 1
    assert RESET in server.messages[0]["Subject"]
