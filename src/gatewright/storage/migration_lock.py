"""Waiting for the lock of migrations: by trying again, so that no statement waits on the database.

A statement that waits holds a snapshot. `CREATE INDEX CONCURRENTLY` waits for old snapshots, so the migration that
builds an index would wait for those that wait for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from gatewright.errors import SetupError

TRY_EVERY_SECONDS = 0.25
_SILENT_SECONDS = 2.0
_log = logging.getLogger("gatewright.migrations")


class MigrationWait:
    """How long one migration has waited for another.

    Args:
        limit: Seconds after which it gives up.
        clock: The seconds of a clock that only goes forward.
    """

    def __init__(self, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._began = clock()
        self._is_announced = False

    def go_on(self, holder: str, advice: str) -> None:
        """Count one more refusal: nothing for 2 seconds, then one line in the log.

        Args:
            holder: The owner of the lock.
            advice: How to end the other one.

        Raises:
            SetupError: The limit is over.
        """
        waited = self._clock() - self._began
        if waited >= self._limit:
            raise SetupError(
                f"Gave up waiting for {holder} after {self._limit:g} seconds (MIGRATION_LOCK_TIMEOUT). {advice}"
            )
        if waited >= _SILENT_SECONDS and not self._is_announced:
            self._is_announced = True
            _log.warning("waiting for %s", holder)
