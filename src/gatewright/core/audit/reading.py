"""Reading the audit log, for operators: its end, what comes next, and all of it a page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from gatewright.clock import rfc3339
from gatewright.core.audit.events import EventRow
from gatewright.core.audit.sealer import rows_after
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of

_PAGE = 500
_POLL_SECONDS = 0.5
_EVENTS = "gatewright_audit_events"


async def newest(db: Database, most: int) -> list[EventRow]:
    """The newest events, at most so many, the oldest of them first."""
    return await db.read(partial(_newest, most=most))


async def follow(db: Database, most: int) -> AsyncIterator[list[EventRow]]:
    """The newest events at once, and from then on each as soon as it is sealed: none is missed, and none comes twice.

    Raises:
        Unavailable: The database does not answer.
    """
    # Before the rows are read: what is sealed in between comes with both, and is recognised by its id.
    number = await db.read(_last_number)
    shown = await newest(db, most)
    yield shown
    seen = {row.id for row in shown if row.number is None or row.number > number}
    while True:
        page = await db.read(partial(rows_after, number=number, most=_PAGE))
        if page:
            number = page[-1].number or number
            yield [row for row in page if row.id not in seen]
            seen -= {row.id for row in page}
        else:
            await asyncio.sleep(_POLL_SECONDS)


async def read_all(db: Database, since: datetime | None = None) -> AsyncIterator[list[EventRow]]:
    """All events from *since* on, in the order in which they happened, a page at a time.

    Raises:
        Unavailable: The database does not answer.
    """
    after: EventRow | None = None
    while page := await db.read(partial(_page, since=since, after=after)):
        yield page
        after = page[-1]


def body_of(row: EventRow) -> dict[str, Any]:
    """An event in the shape of the HTTP calls."""
    return {
        "id": row.id,
        "occurredAt": rfc3339(row.occurred_at),
        "event": row.event,
        "outcome": row.outcome,
        "actorId": row.actor_id,
        "subjectId": row.subject_id,
        "sessionId": row.session_id,
        "requestId": row.request_id,
        "ipAddress": row.ip_address,
        "userAgent": row.user_agent,
        "details": row.details,
        "number": row.number,
        "link": None if row.link is None else row.link.hex(),
    }


def _newest(tx: Transaction, most: int) -> list[EventRow]:
    events = tx.table(_EVENTS)
    found = select(*columns_of(events, EventRow)).order_by(events.c.occurred_at.desc(), events.c.id.desc())
    return tx.all(found.limit(most), EventRow)[::-1]


def _last_number(tx: Transaction) -> int:
    return tx.value(select(func.max(tx.table(_EVENTS).c.number))) or 0


def _page(tx: Transaction, since: datetime | None, after: EventRow | None) -> list[EventRow]:
    events = tx.table(_EVENTS)
    wanted: list[ColumnElement[bool]] = []
    if after is not None:
        at, identifier = events.c.occurred_at, events.c.id
        behind = and_(at == after.occurred_at, identifier > after.id)
        wanted = [at >= after.occurred_at, or_(at > after.occurred_at, behind)]
    elif since is not None:
        wanted = [events.c.occurred_at >= since]
    found = select(*columns_of(events, EventRow)).where(*wanted)
    return tx.all(found.order_by(events.c.occurred_at, events.c.id).limit(_PAGE), EventRow)
