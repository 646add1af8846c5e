"""The audit log: every event is kept as it was said, whatever becomes of the request."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from sqlalchemy import select

from gatewright import Gatewright
from gatewright.clock import SystemClock
from gatewright.core.audit.log import Audit, Origin
from gatewright.core.context import Context
from gatewright.storage.database import Database
from gatewright.storage.rows import Row

pytestmark = pytest.mark.both_databases


async def rows(auth: Gatewright) -> list[Row]:
    return await auth.database.read(lambda tx: tx.all(select(tx.table("gatewright_audit_events"))))


async def test_an_event_is_kept_with_all_that_was_said(running: Gatewright, context: Context) -> None:
    """Who, whom, what, when, from where, with which outcome, and the details as they were given."""
    details: dict[str, str | int] = {"columns": "first_name", "generation": 7, "text": 'quotes " and \u20ac'}
    await context.audit.record(
        "session.ended", "a-subject", actor_id="an-actor", session_id="a-session", outcome="failure", details=details
    )
    (row,) = await rows(running)
    # Another worker's business (tests/core/audit/test_sealer.py).
    for name in ("number", "personal_salt", "personal_hash", "link"):
        del row[name]
    assert row == {
        "id": row["id"],
        "occurred_at": running.clock.now(),
        "event": "session.ended",
        "outcome": "failure",
        "actor_id": "an-actor",
        "subject_id": "a-subject",
        "session_id": "a-session",
        "request_id": "request-of-a-test",
        "ip_address": "192.0.2.1",
        "user_agent": "test",
        "details": details,
    }


async def test_who_does_something_does_it_to_themselves_unless_said(running: Gatewright, context: Context) -> None:
    """Without an actor it is the subject; what is not known stays empty."""
    await context.audit.record("login.failed", "a-subject")
    await running.context().audit.record("login.failed")
    found = {
        (row["actor_id"], row["subject_id"], row["request_id"], str(row["details"])) for row in await rows(running)
    }
    assert found == {("a-subject", "a-subject", "request-of-a-test", "{}"), (None, None, None, "{}")}


class SlowDatabase:
    """A database whose statement ends when the test says so."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.ended = asyncio.Event()

    async def fetch(self, *_: object, **__: Any) -> None:
        await self.may_end.wait()
        self.ended.set()


async def test_an_event_is_recorded_for_a_client_that_went_away() -> None:
    """Whoever breaks a call off does not keep it out of the log."""
    db = SlowDatabase()
    audit = Audit(cast(Database, db), SystemClock(), Origin())
    call = asyncio.create_task(audit.record("login.failed"))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    db.may_end.set()
    await asyncio.wait_for(db.ended.wait(), 5)
