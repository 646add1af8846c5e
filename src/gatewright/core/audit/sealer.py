"""Chaining the audit log: one worker at a time, a batch at a time, behind the events.

Events are inserted as they are, by any worker, and no request waits for the chain. The holder of the lease numbers the
rows that have no number yet, in the order in which it finds them: a row that is committed late, with an earlier time,
just gets a later number. The lease is a row; when its holder dies it runs out, and any other worker goes on. The head
is in the same row and is locked with it, so that two workers that both believe to hold the lease cannot fork the chain.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from gatewright.clock import Clock
from gatewright.core.audit.chain import SALT_BYTES, START, ChainKey, ChainRow, Head, fault_of, hash_personal
from gatewright.core.audit.events import Event, EventRow
from gatewright.core.audit.lines import SEALED
from gatewright.core.background import BackgroundLoop, every
from gatewright.core.vault import Vault
from gatewright.errors import SetupError
from gatewright.ids import cuid
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of
from gatewright.storage.types import database_now

SEALED_FOR = "audit chain"
CHAIN_ID = "audit"

_EVENTS, _CHAIN = "gatewright_audit_events", "gatewright_audit_chain"
_POLL_SECONDS = 0.4
_STOP_SECONDS = 2.0
# Few enough that requests of the same worker do not wait for the arithmetic: about 5 ms.
_BATCH = 250
# As many as a sweep removes at once.
_PRUNED_AT_ONCE = 500
_LEASE = timedelta(seconds=3)

_GONE = "the row of gatewright_audit_chain is gone"

_log = logging.getLogger("gatewright.audit")


class ChainBroken(SetupError):
    """The audit log cannot be sealed on: what holds the chain together was deleted or changed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The audit log is not sealed any more: {what}. Run: gatewright audit verify")


@dataclass(frozen=True, slots=True)
class _Glance:
    """Who holds the lease, by the database's clock, and whether events wait to be sealed."""

    holder: str | None
    held_until: datetime | None
    now: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class _Locked(ChainRow):
    """The chain's row, locked."""

    holder: str | None
    held_until: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What one transaction has done."""

    rows: int
    head: Head


class AuditSealer:
    """Seals the audit log while this worker holds the lease, and removes rows whose retention is over.

    Args:
        db: The database.
        clock: Tells when a checkpoint was made.
        vault: Seals the chain's key.
    """

    def __init__(self, db: Database, clock: Clock, vault: Vault) -> None:
        self._db = db
        self._clock = clock
        self._vault = vault
        self._holder = cuid()
        self._loop = BackgroundLoop(
            "audit",
            self.seal,
            every(_POLL_SECONDS, spread=0.25),
            log=_log,
            failure="cannot seal the audit log; trying again",
        )

    def start(self) -> None:
        """Begin to seal in the background."""
        self._loop.start()

    async def stop(self) -> None:
        """Seal what is there, for two seconds at most, and leave the rest to another worker, which need not wait."""
        await self._loop.stop()
        # Any error: another worker will meet it too.
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._finish(), _STOP_SECONDS)

    async def seal(self) -> int:
        """Chain all that waits, unless another worker holds the lease; the number of rows.

        Raises:
            ChainBroken: The chain's own row was deleted or changed.
            SealBroken: `SECRET` does not list what the chain's key was sealed with.
            Unavailable: The database does not answer.
        """
        # Looked up before it is claimed: on SQLite, asking to write would hold others up.
        state = await self._db.read(_glance)
        if state is None:
            await self._begin()
        elif not state.waits or self._is_held_by_another(state):
            return 0
        total, done = 0, None
        while (batch := await self._db.write(self._seal_batch)) is not None:
            total, done = total + batch.rows, batch
            if batch.rows < _BATCH:
                break
        if done is not None and total:
            head = str(done.head)
            extra = {"number": done.head.number, "head": head}
            _log.info(SEALED, done.head.number, head, extra=extra)
        return total

    def prune(self, tx: Transaction, now: datetime, settings: KernelSettings) -> int:
        """A sweep (`core.housekeeping`): the oldest rows, once retention is over for them.

        Only what the chain vouches for is removed: a row that was tampered with stays as evidence, and so does all that
        follows it.
        """
        state = _locked(tx)
        if state is None:
            return 0
        key, before = key_of(state, self._vault), state.checkpoint
        if not state.has_signed_checkpoint(key):
            _log.error("nothing is removed from the audit log: its checkpoint is forged. Run: gatewright audit verify")
            return 0
        last = before
        for row in rows_after(tx, before.number, _PRUNED_AT_ONCE):
            if row.occurred_at >= now - settings.audit.retention:
                break
            if fault := fault_of(key, last, row):
                _log.error("nothing more is removed from the audit log: %s Run: gatewright audit verify", fault)
                break
            last = Head(*row.place)
        if last != before:
            self._set_checkpoint(tx, key, last)
        return last.number - before.number

    def _set_checkpoint(self, tx: Transaction, key: ChainKey, place: Head) -> None:
        events, chain, at = tx.table(_EVENTS), tx.table(_CHAIN), self._clock.now()
        tx.run(delete(events).where(events.c.number <= place.number))
        signature = key.sign_checkpoint(place, at)
        pruned = {"pruned_number": place.number, "pruned_link": place.link, "pruned_at": at}
        tx.run(update(chain).values(**pruned, pruned_signature=signature))

    def _seal_batch(self, tx: Transaction) -> _Sealed | None:
        state = _locked(tx)
        if state is None:
            raise ChainBroken(_GONE)
        if self._is_held_by_another(state):
            return None
        key, head = key_of(state, self._vault), state.head
        # Continuing from a head that is not ours would hide that rows were cut off.
        if not state.has_signed_head(key):
            raise ChainBroken("its head was changed")
        links = list(_chain(key, head, _waiting(tx)))
        if links:
            events = tx.table(_EVENTS)
            tx.run(update(events).where(events.c.id == bindparam("event_id")), [asdict(link) for link in links])
            head = Head(links[-1].number, links[-1].link)
            self._keep_state(tx, state, key, head)
        return _Sealed(len(links), head)

    def _keep_state(self, tx: Transaction, state: _Locked, key: ChainKey, head: Head) -> None:
        values: dict[str, Any] = {"holder": self._holder, "held_until": state.now + _LEASE}
        values |= {"number": head.number, "link": head.link, "signature": key.sign_head(head)}
        if not self._vault.is_sealed_by_first(state.sealed):
            plain = self._vault.open(state.sealed, purpose=SEALED_FOR)
            values |= {"sealed": self._vault.seal(plain, purpose=SEALED_FOR)}
        tx.run(update(tx.table(_CHAIN)).values(values))

    def _is_held_by_another(self, state: _Glance | _Locked) -> bool:
        if state.holder in (None, self._holder):
            return False
        return state.held_until is not None and state.held_until > state.now

    async def _begin(self) -> None:
        plain, at = ChainKey.generate(), self._clock.now()
        key = ChainKey(plain)
        row = {
            "id": CHAIN_ID,
            "sealed": self._vault.seal(plain, purpose=SEALED_FOR),
            "number": START.number,
            "link": START.link,
            "signature": key.sign_head(START),
            "pruned_number": START.number,
            "pruned_link": START.link,
            "pruned_at": at,
            "pruned_signature": key.sign_checkpoint(START, at),
        }

        def work(tx: Transaction) -> None:
            is_old = has_sealed_rows(tx)
            if _glance(tx) is None:
                if is_old:
                    raise ChainBroken(_GONE)
                tx.run(insert(tx.table(_CHAIN)).values(row))

        # Another worker may be first; then its key is used.
        with contextlib.suppress(IntegrityError):
            await self._db.write(work)

    async def _finish(self) -> None:
        await self.seal()
        chain = self._db.schema[_CHAIN]
        left = update(chain).where(chain.c.holder == self._holder).values(holder=None, held_until=None)
        state = await self._db.read(_glance)
        if state is not None and state.holder == self._holder:
            await self._db.write(lambda tx: tx.run(left))


def key_of(state: ChainRow, vault: Vault) -> ChainKey:
    """The chain's key, from the chain's row.

    Raises:
        SealBroken: `SECRET` does not list what it was sealed with.
    """
    return ChainKey(vault.open(state.sealed, purpose=SEALED_FOR))


def rows_after(tx: Transaction, number: int, most: int, *, upto: int | None = None) -> list[EventRow]:
    """The sealed rows behind *number*, in their order."""
    events = tx.table(_EVENTS)
    found = select(*columns_of(events, EventRow)).where(events.c.number > number)
    until = found if upto is None else found.where(events.c.number <= upto)
    return tx.all(until.order_by(events.c.number).limit(most), EventRow)


def has_sealed_rows(tx: Transaction) -> bool:
    """Whether any event was sealed."""
    events = tx.table(_EVENTS)
    return tx.exists(select(events.c.id).where(events.c.number.is_not(None)).limit(1))


def is_waiting(tx: Transaction) -> ColumnElement[bool]:
    """The condition that an event meets until it is sealed."""
    return tx.table(_EVENTS).c.number.is_(None)


def _glance(tx: Transaction) -> _Glance | None:
    waits = exists(select(tx.table(_EVENTS).c.id).where(is_waiting(tx)))
    return tx.one(select(*columns_of(tx.table(_CHAIN), _Glance, now=database_now(), waits=waits)), _Glance)


def _locked(tx: Transaction) -> _Locked | None:
    return tx.one(select(*columns_of(tx.table(_CHAIN), _Locked, now=database_now())).with_for_update(), _Locked)


def _waiting(tx: Transaction) -> list[Event]:
    events = tx.table(_EVENTS)
    found = select(*columns_of(events, Event)).where(is_waiting(tx))
    found = found.order_by(events.c.occurred_at, events.c.id).limit(_BATCH)
    # Rows that an erasure is at are left for the next time: a hash of what it blanks would never fit again.
    return tx.all(found.with_for_update(skip_locked=True), Event)


@dataclass(frozen=True, slots=True)
class _Link:
    """What sealing adds to the row of an event."""

    event_id: str
    number: int
    personal_salt: bytes
    personal_hash: bytes
    link: bytes


def _chain(key: ChainKey, head: Head, rows: list[Event]) -> Iterator[_Link]:
    for row in rows:
        salt = os.urandom(SALT_BYTES)
        personal = hash_personal(salt, row)
        head = Head(head.number + 1, key.link(head, row, personal))
        yield _Link(row.id, head.number, salt, personal, head.link)
