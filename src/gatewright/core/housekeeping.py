"""Removing rows whose time is over, and tending others: a little at a time, by every worker, in the background."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, select

from gatewright.clock import Clock
from gatewright.core.background import BackgroundLoop, every
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database, Transaction

_INTERVAL_SECONDS = 300.0
BATCH = 500
"""How many rows a sweep touches at most, each time that it is called."""

_log = logging.getLogger("gatewright.housekeeping")

Sweep = Callable[[Transaction, datetime, KernelSettings], int]
"""Removes some of the rows that are over at that moment, or tends them otherwise; how many: `BATCH` at most."""


class Housekeeping:
    """Runs sweeps every five minutes.

    Each batch is a transaction of its own, so that no request waits for a long one. Workers that sweep at the same
    time only find less to do.
    """

    def __init__(self, db: Database, clock: Clock, settings: KernelSettings, sweeps: Sequence[Sweep]) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._sweeps = sweeps
        self._loop = BackgroundLoop(
            "housekeeping",
            self.sweep,
            every(_INTERVAL_SECONDS, spread=0.5),
            log=_log,
            failure="cannot remove rows that are over; trying again later",
        )

    def start(self) -> None:
        """Begin to sweep in the background."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop sweeping."""
        await self._loop.stop()

    async def sweep(self) -> int:
        """Remove all that is over now; the number of rows.

        Raises:
            Unavailable: The database does not answer.
        """
        return sum([await self._sweep(each) for each in self._sweeps])

    async def _sweep(self, sweep: Sweep) -> int:
        total, removed = 0, BATCH
        while removed == BATCH:
            removed = await self._db.write(lambda tx: sweep(tx, self._clock.now(), self._settings))
            total += removed
        return total


def remove_some(tx: Transaction, table: Table, *conditions: ColumnElement[bool]) -> int:
    """Delete at most one batch of the rows of *table* that meet *conditions*; how many it deleted."""
    key = table.primary_key.columns[0]
    return tx.run(delete(table).where(key.in_(select(key).where(*conditions).limit(BATCH))))
