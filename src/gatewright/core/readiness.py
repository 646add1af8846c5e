"""Whether this worker can write: tried with a row of its own, and remembered for a few seconds.

A database may answer every read and refuse every write: a replica, a full disk, a host that locks what is full.
`Database.write` raises `Unavailable` for each of them, and a write that is committed finds also a standby that is lost.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import literal, true
from sqlalchemy.exc import SQLAlchemyError

from gatewright.clock import Clock
from gatewright.core.limits.policy import milliseconds
from gatewright.errors import Unavailable
from gatewright.storage.database import Database, Transaction
from gatewright.storage.time_limit import TIME_LIMIT, TimeLimit

TRY_SECONDS = 5.0
"""How long the outcome of a try counts."""

_PATIENCE_SECONDS = 1.0
"""An orchestrator asks again soon; an answer later than its timeout is useless."""

_KEPT = timedelta(minutes=1)
_KEPT_MS = int(_KEPT.total_seconds() * 1000)

_log = logging.getLogger("gatewright.readiness")


class Readiness:
    """Tries a write at most once in five seconds, however often it is asked.

    Args:
        db: The database.
        clock: Decides until when the row is kept; housekeeping removes it afterwards.
        monotonic: Seconds that never go back.
    """

    def __init__(self, db: Database, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._monotonic = monotonic
        # Each worker writes a row of its own: no worker waits for another's transaction.
        self._key = secrets.token_hex(16)
        self._tried_at = float("-inf")
        self._faults: list[str] = []
        self._try: asyncio.Task[bool] | None = None

    async def can_write(self) -> bool:
        """Whether the last try succeeded, which is at most five seconds old; requests that ask meanwhile share one."""
        is_old = self._monotonic() - self._tried_at >= TRY_SECONDS
        if self._try is None or (is_old and self._try.done()):
            self._tried_at = self._monotonic()
            self._try = asyncio.create_task(self._try_write(), name="gatewright-readiness")
        return await asyncio.shield(self._try)

    async def _try_write(self) -> bool:
        TIME_LIMIT.set(TimeLimit(_PATIENCE_SECONDS))
        try:
            await self._db.write(self._write)
            faults = await self._db.find_faults(self._db.schema.engine_tables)
        except Unavailable:
            return False
        except SQLAlchemyError:
            _log.exception("the write that readiness tries has failed")
            return False
        if faults != self._faults and faults:
            _log.warning("not ready: %s", " ".join(faults))
        self._faults = faults
        return not faults

    def _write(self, tx: Transaction) -> None:
        limits = tx.table("gatewright_limits")
        expires_at = milliseconds(self._clock) + _KEPT_MS
        row = {"id": self._key, "busy_until": 0, "tries": 0, "expires_at": expires_at}
        changes = {"expires_at": literal(expires_at, limits.c.expires_at.type)}
        tx.run(self._db.upsert(limits, [row], changes, true()))
