"""Delivering the outbox: every worker sends what is due, and none sends what another has claimed.

A mail is composed first, in one transaction: the token that it carries exists only if the mail does, and a mail that
has to be sent again is the same mail, whose token lives on while it waits. Then it is sent, with a `Message-ID` that
stays: delivery is at least once, since a server that drops the connection after DATA leaves open whether it took the
mail.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import or_, select, update

from gatewright.addresses import InvalidAddress, parse_address
from gatewright.clock import Clock
from gatewright.core.audit.log import Audit, Origin
from gatewright.core.background import BackgroundLoop, varied
from gatewright.core.mail.letters import Composing, Letter, Mail
from gatewright.core.mail.links import Links
from gatewright.core.mail.outbox import SEALED_FOR
from gatewright.core.mail.transport import MailRefused, MailSender
from gatewright.core.tokens import mailed_tokens
from gatewright.core.vault import SealBroken, Vault
from gatewright.errors import Unavailable
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of

if TYPE_CHECKING:
    from gatewright.core.mail.writing import MailWriter

_POLL_SECONDS = 1.0
_BATCH = 10
_STOP_SECONDS = 5.0
# Longer than a mail server may take to answer, so that no other worker sends what is being sent.
_CLAIM = timedelta(minutes=2)
_GIVE_UP_AFTER = timedelta(days=1)
_DELAYS = [timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 3600)]

EVENTS = {"mail.given_up": "A mail was given up: the mail server refused it, or was unreachable for a day."}
"""What the delivery of mails records; features declare theirs in `FEATURE`."""

_log = logging.getLogger("gatewright.mail")


class _UnknownMail(Exception):
    """No feature that is on declares the mail of a row."""


class _ClaimLost(Exception):
    """Another worker has taken the mail over meanwhile: what was composed here, tokens included, is undone."""


_Outcome = Literal["sent", "dropped", "given_up"]


@dataclass(frozen=True, slots=True)
class _Composed:
    """A mail that is ready to be written.

    Attributes:
        tokens: Those in its links, whose life begins when the mail leaves.
    """

    mail: Mail
    letter: Letter
    tokens: frozenset[str] = field(repr=False)

    def is_over(self, asked_at: datetime, now: datetime) -> bool:
        """Whether what it carries counts no more, such as a code that its user waited for."""
        return self.mail.lifetime is not None and now - asked_at >= self.mail.lifetime


@dataclass(frozen=True, slots=True)
class MailRow:
    """A row of the outbox that this worker has claimed."""

    id: str
    sealed: bytes
    created_at: datetime
    attempts: int


class Deliveries:
    """Sends the mails of the outbox.

    Args:
        mails: Every mail that the features declare, by name.
        sender: How they leave.
        writer: Makes the `MailWriter` when the first mail is due: templates take a while to import.

    Attributes:
        links: What links in mails begin with; replaced once the server's port is known.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        vault: Vault,
        settings: KernelSettings,
        *,
        mails: Mapping[str, Mail],
        links: Links,
        sender: MailSender,
        writer: Callable[[], MailWriter],
    ) -> None:
        self._db = db
        self._clock = clock
        self._vault = vault
        self._settings = settings
        self._mails = mails
        self.links = links
        self._sender = sender
        self._make_writer = writer
        self._writer: MailWriter | None = None
        self._woken = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._seen = _BATCH  # by the last look into the outbox; the first one comes without a pause
        self._loop = BackgroundLoop(
            "mail",
            self._deliver_batch,
            self._rest,
            log=_log,
            failure="cannot look into the outbox; trying again",
        )

    def start(self) -> None:
        """Begin to deliver in the background."""
        self._loop.start()

    def wake(self) -> None:
        """Look into the outbox soon, since a mail was put into it."""
        self._woken.set()

    async def stop(self) -> None:
        """Finish what is being sent, for five seconds at most; another worker sends the rest."""
        self._woken.set()
        await self._loop.stop(grace=_STOP_SECONDS)

    async def deliver_due(self) -> int:
        """Deliver what is due now; how many mails were looked at.

        Raises:
            Unavailable: The database does not answer.
        """
        async with self._one_at_a_time:
            now = self._clock.now()
            # Looked up before it is claimed: on SQLite, asking to write would hold others up.
            if not await self._db.read(lambda tx: tx.exists(_due(tx, now, 1))):
                return 0
            claimed = await self._db.write(lambda tx: _claim(tx, now))
            await asyncio.gather(*(self._deliver(row) for row in claimed))
            return len(claimed)

    async def _deliver(self, row: MailRow) -> None:
        composed = None
        try:
            composed = await self._composed(row)
            if composed is None:
                await self._finish(row, "dropped")
            elif composed.is_over(row.created_at, self._clock.now()):
                _log.warning("A mail is given up: it waited until it was useless (outbox %s)", row.id)
                await self._finish(row, "given_up")
            else:
                await self._send(row, composed)
        except SealBroken:
            _log.error("A mail is given up: SECRET no longer lists the secret it was sealed with (outbox %s)", row.id)
            await self._finish(row, "given_up")
        except _UnknownMail as unknown:
            _log.error("A mail is given up: no feature that is on sends %s (outbox %s)", unknown, row.id)
            await self._finish(row, "given_up")
        except _ClaimLost:
            _log.info("Another worker has taken over a mail (outbox %s)", row.id)
        except Unavailable:
            # The claim expires.
            _log.warning("A mail waits: the database does not answer (outbox %s)", row.id)
        except Exception as error:
            # Its text may quote the mail or the password of the mail server; its type does not.
            _log.warning("cannot send a mail, trying again later: %s (outbox %s)", type(error).__name__, row.id)
            await self._postpone(row, composed)

    async def _composed(self, row: MailRow) -> _Composed | None:
        """The mail of a row, composed if it was not yet; None when there is nothing to send (any more)."""
        content = json.loads(self._vault.open(row.sealed, purpose=SEALED_FOR))
        mail = self._mails.get(content["mail"])
        if mail is None:
            raise _UnknownMail(content["mail"])
        if "letter" not in content:
            return await self._db.write(lambda tx: self._compose(tx, row, content, mail))
        letter = Letter(**content["letter"])
        composed = _Composed(mail, letter, self.links.tokens_in(letter.parameters.values()))
        return await self._db.write(lambda tx: self._revive(tx, row, content, composed))

    def _compose(self, tx: Transaction, row: MailRow, content: Mapping[str, Any], mail: Mail) -> _Composed | None:
        composing = Composing(tx, self._clock.now(), self._settings, self.links)
        letter = mail.compose(composing, content["parameters"])
        if letter is None:
            return None
        kept = json.dumps({**content, "letter": asdict(letter)}).encode()
        outbox = tx.table("gatewright_outbox")
        sealed = self._vault.seal(kept, purpose=SEALED_FOR)
        held = (outbox.c.id == row.id, outbox.c.attempts == row.attempts)
        if not tx.run(update(outbox).values(sealed=sealed).where(*held)):
            raise _ClaimLost
        return _Composed(mail, letter, self.links.tokens_in(letter.parameters.values()))

    def _revive(
        self, tx: Transaction, row: MailRow, content: Mapping[str, Any], composed: _Composed
    ) -> _Composed | None:
        """A mail that waited: the same one, unless its links were used meanwhile, or died before they were sent."""
        now = self._clock.now()
        if mailed_tokens.prolong(tx, now, composed.tokens, composed.mail.purposes, until=now):
            return composed
        # A version before this one kept no parameters.
        if "parameters" not in content or mailed_tokens.are_used(tx, composed.tokens):
            return None
        return self._compose(tx, row, content, composed.mail)

    async def _send(self, row: MailRow, composed: _Composed) -> None:
        letter = composed.letter
        if self._writer is None:
            self._writer = await asyncio.to_thread(self._make_writer)
        try:
            to = _sendable(letter.to)
            message = self._writer.write(
                composed.mail.name, replace(letter, to=to), identifier=row.id, at=row.created_at
            )
            await self._sender.send(message, to=to)
        except MailRefused as refusal:
            _log.warning("A mail is given up: %s (outbox %s)", refusal, row.id)
            await self._finish(row, "given_up")
        else:
            await self._finish(row, "sent")

    async def _postpone(self, row: MailRow, composed: _Composed | None) -> None:
        now = self._clock.now()
        if now - row.created_at >= _GIVE_UP_AFTER:
            await self._finish(row, "given_up")
            return
        delay = _DELAYS[min(row.attempts, len(_DELAYS)) - 1]
        await self._change(row, composed, due_at=now + delay, claimed_until=None)

    async def _finish(self, row: MailRow, outcome: _Outcome) -> None:
        done = await self._change(row, sealed=None, done_at=self._clock.now(), outcome=outcome, claimed_until=None)
        if done and outcome == "given_up":
            await Audit(self._db, self._clock, Origin()).record(
                "mail.given_up", outcome="failure", details={"outbox_id": row.id}
            )

    async def _change(self, row: MailRow, waiting: _Composed | None = None, **values: Any) -> bool:
        def work(tx: Transaction) -> int:
            if waiting is not None:
                now, purposes = self._clock.now(), waiting.mail.purposes
                mailed_tokens.prolong(tx, now, waiting.tokens, purposes, until=values["due_at"])
            outbox = tx.table("gatewright_outbox")
            held = (outbox.c.id == row.id, outbox.c.attempts == row.attempts)
            return tx.run(update(outbox).values(**values).where(*held))

        return await self._db.write(work) > 0

    async def _deliver_batch(self) -> None:
        self._seen = 0
        self._seen = await self.deliver_due()

    async def _rest(self) -> None:
        """Wait for the next mail, from this worker or, a second at most, from another; not while many are due."""
        if self._seen == _BATCH:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), varied(_POLL_SECONDS, 0.25))
            # A mail is announced within its transaction, which has yet to be committed.
            await asyncio.sleep(0.02)
        self._woken.clear()


def _sendable(stored: str) -> str:
    """A stored address in the form in which every mail server takes it.

    Raises:
        MailRefused: It is no address, as a row may hold one that another system has written.
    """
    try:
        return parse_address(stored).sendable
    except InvalidAddress:
        raise MailRefused("the stored address is no e-mail address") from None


def _due(tx: Transaction, now: datetime, most: int) -> Any:
    outbox = tx.table("gatewright_outbox")
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
    waiting = (outbox.c.done_at.is_(None), outbox.c.due_at <= now, free)
    return select(outbox.c.id).where(*waiting).order_by(outbox.c.due_at).limit(most)


def _claim(tx: Transaction, now: datetime) -> list[MailRow]:
    outbox = tx.table("gatewright_outbox")
    free = _due(tx, now, _BATCH).with_for_update(skip_locked=True)
    claimed = (
        update(outbox).where(outbox.c.id.in_(free)).values(claimed_until=now + _CLAIM, attempts=outbox.c.attempts + 1)
    )
    return tx.all(claimed.returning(*columns_of(outbox, MailRow)), MailRow)
