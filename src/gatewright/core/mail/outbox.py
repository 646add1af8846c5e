"""The outbox: mails that are due, kept in the transaction that caused them.

A row is sealed by the vault, since a mail may carry a token, and it is emptied once the mail has been sent or given
up. What is kept at first is only which mail, and for whom; the worker that delivers it settles the rest
(`core.mail.deliveries`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from gatewright.clock import Clock
from gatewright.core.housekeeping import remove_some
from gatewright.core.mail.letters import Mail
from gatewright.core.vault import SealBroken, Vault
from gatewright.ids import cuid
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction
from gatewright.storage.rows import columns_of

SEALED_FOR = "outbox"


@dataclass(frozen=True, slots=True)
class _WaitingRow:
    id: str
    sealed: bytes


class Outbox:
    """Takes mails.

    Args:
        vault: Seals what a row holds.
        clock: Tells when a mail was asked for.
    """

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._wake: Callable[[], object] = lambda: None

    def add(self, tx: Transaction, mail: Mail, **parameters: str) -> None:
        """Keep a mail, to be sent once *tx* has been committed.

        Args:
            mail: One that a feature declares.
            parameters: What its `compose` needs, such as a user's id.
        """
        self.add_for(tx, self._clock.now(), mail, **parameters)

    def add_for(self, tx: Transaction, due_at: datetime, mail: Mail, /, **parameters: str) -> None:
        """Keep a mail as `add` does, to be composed and sent at *due_at*."""
        content = json.dumps({"mail": mail.name, "parameters": parameters}).encode()
        sealed = self._vault.seal(content, purpose=SEALED_FOR)
        tx.run(
            insert(tx.table("gatewright_outbox")).values(
                id=cuid(), sealed=sealed, created_at=due_at, due_at=due_at, attempts=0
            )
        )
        self._wake()

    def drop(self, tx: Transaction, *, user_id: str, address: str) -> None:
        """Empty the mails to a user who is to be forgotten, also those that wait for another try."""
        outbox = tx.table("gatewright_outbox")
        for row in tx.all(select(*columns_of(outbox, _WaitingRow)).where(outbox.c.done_at.is_(None)), _WaitingRow):
            if self._is_to(row.sealed, user_id, address):
                done = {"sealed": None, "done_at": self._clock.now(), "outcome": "dropped"}
                tx.run(update(outbox).where(outbox.c.id == row.id).values(done))

    def _is_to(self, sealed: bytes, user_id: str, address: str) -> bool:
        try:
            kept = json.loads(self._vault.open(sealed, purpose=SEALED_FOR))
        except SealBroken:
            return False
        found = (kept.get("parameters", {}).get("user_id"), kept.get("letter", {}).get("to"))
        return user_id in found or address in found

    def wake_on_new_mail(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        """Have *wake* called in *loop* when a mail is added; transactions may run in other threads."""
        self._wake = lambda: loop.call_soon_threadsafe(wake)


def remove_done(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): rows whose mail was sent or given up."""
    outbox = tx.table("gatewright_outbox")
    return remove_some(tx, outbox, outbox.c.done_at < now)
