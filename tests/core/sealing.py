"""What the tests of the audit log's chain share: a database without workers, and processes that seal it."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import select, update

from gatewright.clock import SystemClock
from gatewright.core.audit.log import Audit, Origin
from gatewright.core.audit.sealer import AuditSealer
from gatewright.core.engine_tables import built_in_design
from gatewright.core.vault import Vault
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.rows import Row
from gatewright.storage.schema import Schema
from gatewright.testing import FakeClock

EVENTS, CHAIN = "gatewright_audit_events", "gatewright_audit_chain"
SECRET = b"a secret of the chain: 0123456789 abcdefghijklmn"

# Processes of their own, from one that has imported all this: importing would take most of the time.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "gatewright.storage.dialects.sqlite"])


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A migrated database, without anybody who works on it."""
    db = open_database(url, Schema(built_in_design()))
    await db.start()
    try:
        yield db
    finally:
        await db.stop()


class Log:
    """An audit log in a database, and one worker that seals it when it is told to."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FakeClock()
        self.vault = Vault([SECRET])
        self.sealer = self.worker()
        self.audit = Audit(db, self.clock, Origin("a-request", "192.0.2.1", "a browser"))

    def worker(self) -> AuditSealer:
        """Another worker."""
        return AuditSealer(self.db, self.clock, self.vault)

    async def record(self, count: int = 1, *, subject: str = "a-subject", **details: str | int) -> None:
        """Record so many events, a second apart."""
        for _ in range(count):
            self.clock.advance(timedelta(seconds=1))
            await self.audit.record("login.failed", subject, outcome="failure", details=details)

    async def sealed(self, count: int) -> list[Row]:
        """Record and seal so many events; all rows."""
        await self.record(count)
        assert await self.sealer.seal() == count
        return await self.rows()

    async def rows(self) -> list[Row]:
        """All rows, in the order of the chain."""
        events = self.db.schema[EVENTS]
        return await self.db.read(lambda tx: tx.all(select(events).order_by(events.c.number)))

    async def state(self) -> Row:
        """The chain's own row."""
        (row,) = await self.db.read(lambda tx: tx.all(select(tx.table(CHAIN))))
        return row

    async def change(self, number: int, /, **values: Any) -> None:
        """Change a sealed row behind the log's back."""
        events = self.db.schema[EVENTS]
        done = await self.db.write(lambda tx: tx.run(update(events).where(events.c.number == number).values(values)))
        assert done == 1

    async def change_state(self, **values: Any) -> None:
        """Change the chain's own row behind the log's back."""
        await self.db.write(lambda tx: tx.run(update(tx.table(CHAIN)).values(values)))


def sealing_process(url: str, events: int, *, stops: bool) -> BaseProcess:
    """A process that records so many events and seals what it finds; without *stops*, until it is killed."""
    process = _PROCESSES.Process(target=_run, args=(url, events, stops))
    process.start()
    return process


def _run(url: str, events: int, stops: bool) -> None:
    asyncio.run(_seal_and_record(url, events, stops))


async def _seal_and_record(url: str, events: int, stops: bool) -> None:
    async with opened(url) as db:
        clock = SystemClock()
        sealer = AuditSealer(db, clock, Vault([SECRET]))
        sealer.start()
        audit = Audit(db, clock, Origin("a-request", "192.0.2.1", "a browser"))
        for number in range(events):
            await audit.record("login.failed", f"subject-{number}", outcome="failure")
        if not stops:
            await asyncio.Event().wait()
        await sealer.stop()


def numbers(rows: Sequence[Row]) -> list[int | None]:
    """The rows' numbers."""
    return [row["number"] for row in rows]
