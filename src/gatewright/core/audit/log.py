"""The audit log: one row for every security event, committed on its own, and one for every recorded change of a row.

A failed request rolls its own work back, but the event is still recorded: a failed login is an event. A change of a
row is recorded in its own transaction (`add_event`). Rows hold who did
what to whom, from where and with which outcome; never a secret, a token or a password. Each is a line of the logger
`gatewright.audit` as well. `core.audit.sealer` chains the rows afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Executable, String, bindparam, cast, insert, or_, select, update

from gatewright.clock import Clock
from gatewright.core.audit.chain import PERSONAL_DETAILS
from gatewright.core.audit.events import Event
from gatewright.core.audit.lines import line_of
from gatewright.ids import cuid
from gatewright.storage.database import Database, Transaction
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import columns_of
from gatewright.storage.schema import Schema

Outcome = Literal["success", "failure"]

_COLUMNS = tuple(each.name for each in fields(Event))

_log = logging.getLogger("gatewright.audit")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as far as it is known.

    Attributes:
        request_id: The request's identifier, which the answer and the log carry too.
        ip_address: The client's address.
        user_agent: What the client says that it is; at most 512 characters.
    """

    request_id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class _RecordedRow:
    id: str


@dataclass(frozen=True, slots=True)
class _Details:
    id: str
    details: dict[str, Any]


def _add(schema: Schema) -> Executable:
    events = schema["gatewright_audit_events"]
    row = {name: bindparam(name, type_=events.c[name].type) for name in _COLUMNS}
    return insert(events).values(row).returning(events.c.id)


# Hot, because every login waits for it: through SQLAlchemy it took half of all that a login does beside its hash.
_ADD = HotStatement("record an event", _add, _RecordedRow, shares_commits=True)


class Audit:
    """Records what one request, or one command, does; in `gatewright_audit_events`."""

    __slots__ = ("_clock", "_db", "_origin")

    def __init__(self, db: Database, clock: Clock, origin: Origin) -> None:
        self._db = db
        self._clock = clock
        self._origin = origin

    async def record(
        self,
        event: str,
        subject_id: str | None = None,
        *,
        actor_id: str | None = None,
        session_id: str | None = None,
        outcome: Outcome = "success",
        details: dict[str, str | int] | None = None,
    ) -> None:
        """Write one event down.

        Args:
            event: Its name in the documented list, such as `login.failed`.
            subject_id: The user whom it concerns.
            actor_id: The user who did it; the subject, when left out.
            session_id: The session that it concerns.
            outcome: Whether the attempt succeeded.
            details: What else an investigation would ask for; nothing secret.
        """
        happened = Event(
            id=cuid(),
            occurred_at=self._clock.now(),
            event=event,
            outcome=outcome,
            actor_id=actor_id or subject_id,
            subject_id=subject_id,
            session_id=session_id,
            request_id=self._origin.request_id,
            ip_address=self._origin.ip_address,
            user_agent=self._origin.user_agent,
            details=details or {},
        )
        # The line first: it is there, too, when the database does not answer.
        _write_line(happened)
        recorded = self._db.fetch(_ADD, **{name: getattr(happened, name) for name in _COLUMNS})
        # What happened is recorded, also for a client that went away meanwhile.
        await asyncio.shield(recorded)


def add_event(tx: Transaction, event: Event) -> None:
    """Write an event down in the transaction of what it is about: both are committed, or neither is.

    It is no line of the log, which would be there without the change when the transaction fails.
    """
    tx.run(insert(tx.table("gatewright_audit_events")).values({name: getattr(event, name) for name in _COLUMNS}))


def forget_person(tx: Transaction, user_id: str) -> None:
    """Blank the personal fields of a user's events: the event and the identifier stay.

    Their salts go along, so that the address cannot be guessed from its hash; the chain covers the hashes, and still
    holds.
    """
    events = tx.table("gatewright_audit_events")
    theirs = events.c.subject_id == user_id
    tx.run(update(events).where(theirs).values(ip_address=None, user_agent=None, personal_salt=None))
    text = cast(events.c.details, String)
    written = or_(*(text.contains(f'"{name}"', autoescape=True) for name in sorted(PERSONAL_DETAILS)))
    found = tx.all(select(*columns_of(events, _Details)).where(theirs, written), _Details)
    kept = [{"event_id": row.id, "details": _without_personal(row.details)} for row in found]
    if kept:
        tx.run(update(events).where(events.c.id == bindparam("event_id")), kept)


def _without_personal(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in PERSONAL_DETAILS}


def _write_line(event: Event) -> None:
    if _log.isEnabledFor(logging.INFO):
        # The time is the line's own.
        extra = {name: getattr(event, name) for name in _COLUMNS if name not in ("id", "occurred_at")}
        _log.info("%s", line_of(event), extra={"event_id": event.id, **extra})
