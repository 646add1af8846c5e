"""Verifying the audit log: every link of the chain is computed again, from the checkpoint to the head."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import func, select

from gatewright.core.audit.chain import START, ChainKey, ChainRow, Head, fault_of
from gatewright.core.audit.events import EventRow
from gatewright.core.audit.sealer import has_sealed_rows, is_waiting, key_of, rows_after
from gatewright.core.vault import Vault
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of

_PAGE = 500


@dataclass(frozen=True, slots=True)
class _State(ChainRow):
    """The chain's row, and the highest number that an event has."""

    last: int | None


@dataclass(frozen=True, slots=True)
class _Unsealed:
    unsealed: int
    unsealed_since: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found.

    Attributes:
        checkpoint: Where it began: the last row that retention has removed.
        pruned_at: When that was.
        head: The last row that it found to be as it was sealed.
        rows: How many rows that were.
        erased: Of these, those whose personal fields an erasure has blanked.
        unsealed: Rows that have no link yet.
        unsealed_since: When the oldest of these happened.
        fault: What is wrong with the first row that is not as it was sealed; None when nothing is wrong.
        is_noted_head_pruned: Whether the noted head is among the rows that retention has removed.
    """

    checkpoint: Head
    pruned_at: datetime | None
    head: Head
    rows: int = 0
    erased: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None
    fault: str | None = None
    is_noted_head_pruned: bool = False


async def verify(db: Database, vault: Vault, noted: Head | None = None) -> Verdict:
    """Check the whole chain, while events may be recorded, sealed and removed.

    Args:
        noted: A head that was noted earlier, which has to be in the chain still.

    Raises:
        SealBroken: `SECRET` does not list what the chain's key was sealed with.
        Unavailable: The database does not answer.
    """
    while True:
        state = await db.read(_state)
        verdict = await _verdict(db, vault, state, noted)
        # Rows that retention removed meanwhile look as if they were missing.
        if verdict.fault is None or not await _was_pruned_since(db, state):
            waiting = await db.read(_unsealed)
            return replace(verdict, unsealed=waiting.unsealed, unsealed_since=waiting.unsealed_since)


async def _verdict(db: Database, vault: Vault, state: _State | None, noted: Head | None) -> Verdict:
    if state is None:
        fault = (
            "The chain's key is gone, with the row of gatewright_audit_chain."
            if await db.read(has_sealed_rows)
            else None
        )
        if fault is None and noted is not None:
            fault = f"Row {noted.number}, the noted head, is missing: nothing was sealed."
        return Verdict(START, None, START, fault=fault)
    key, begin, head = key_of(state, vault), state.checkpoint, state.head
    found = Verdict(begin, state.pruned_at if begin.number else None, begin)
    if fault := _forged(key, state) or _missing_head(noted, head):
        return replace(found, fault=fault)
    if noted is not None and noted.number < begin.number:
        found, noted = replace(found, is_noted_head_pruned=True), None
    return await _walk(db, key, found, head, noted)


def _forged(key: ChainKey, state: _State) -> str | None:
    if not state.has_signed_checkpoint(key):
        return f"The checkpoint at row {state.pruned_number} is forged."
    if not state.has_signed_head(key):
        return f"The head at row {state.number} is forged."
    if state.last is not None and state.last > state.number:
        return f"Row {state.last} is forged: the chain ends at row {state.number}."
    return None


def _missing_head(noted: Head | None, head: Head) -> str | None:
    if noted is None or noted.number <= head.number:
        return None
    return f"Row {noted.number}, the noted head, is missing: the log was cut off behind row {head.number}."


async def _walk(db: Database, key: ChainKey, found: Verdict, head: Head, noted: Head | None) -> Verdict:
    place, rows, erased = found.head, 0, 0
    fault = _differs(noted, place)
    while fault is None and place.number < head.number:
        page = await db.read(partial(_page, after=place.number, upto=head.number))
        if not page:
            fault = f"Row {place.number + 1} is missing, and all behind it: the log was cut off."
        for row in page:
            if fault := fault_of(key, place, row):
                break
            place = Head(*row.place)
            rows, erased = rows + 1, erased + (row.personal_salt is None)
            if fault := _differs(noted, place):
                break
    if fault is None and not hmac.compare_digest(place.link, head.link):
        fault = f"Row {place.number} is not the head that was sealed."
    return replace(found, head=place, rows=rows, erased=erased, fault=fault)


def _page(tx: Transaction, after: int, upto: int) -> list[EventRow]:
    return rows_after(tx, after, _PAGE, upto=upto)


def _differs(noted: Head | None, place: Head) -> str | None:
    if noted is None or noted.number != place.number or hmac.compare_digest(noted.link, place.link):
        return None
    return f"Row {place.number} is not the head that was noted: the log was cut off before it, and went on."


def _state(tx: Transaction) -> _State | None:
    # One statement, so that head and last row are of one moment.
    last = select(func.max(tx.table("gatewright_audit_events").c.number)).scalar_subquery()
    return tx.one(select(*columns_of(tx.table("gatewright_audit_chain"), _State, last=last)), _State)


async def _was_pruned_since(db: Database, state: _State | None) -> bool:
    now = await db.read(_state)
    return state is not None and now is not None and now.pruned_number > state.pruned_number


def _unsealed(tx: Transaction) -> _Unsealed:
    events = tx.table("gatewright_audit_events")
    columns = columns_of(events, _Unsealed, unsealed=func.count(), unsealed_since=func.min(events.c.occurred_at))
    return tx.one(select(*columns).where(is_waiting(tx)), _Unsealed) or _Unsealed(0, None)
