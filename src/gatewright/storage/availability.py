"""The log's two lines about an unavailable database: when that begins, and when it is over."""

from __future__ import annotations

import logging

_log = logging.getLogger("gatewright.database")


class Availability:
    """What the last calls say about the database.

    A read that succeeds does not show that writes do: a replica and a full disk answer every read.

    Attributes:
        is_impaired: Whether something has failed and has not succeeded since.
        reason: The database's own words about that.
    """

    __slots__ = ("_refuses_all", "_refuses_writes", "is_impaired", "reason")

    def __init__(self) -> None:
        self.is_impaired = False
        self._refuses_all = False
        self._refuses_writes = False
        self.reason = ""

    def failed(self, reason: str, *, only_writes: bool) -> None:
        """Note a call that the database did not do.

        Args:
            reason: The database's own words.
            only_writes: Whether reads may go on, so that only a write shows that it is over.
        """
        is_known = self._refuses_writes if only_writes else self._refuses_all
        # First it is gone, and then it is back and takes no writes: each is a line.
        if not is_known and not (self.is_impaired and reason == self.reason):
            _log.warning("The database is unavailable: %s", reason)
            self.reason = reason
        self.is_impaired = True
        self._refuses_all = self._refuses_all or not only_writes
        self._refuses_writes = self._refuses_writes or only_writes

    def succeeded(self, *, writes: bool) -> None:
        """Note a call that the database did. Need not be called while `is_impaired` is False."""
        self._refuses_all = False
        self._refuses_writes = self._refuses_writes and not writes
        if self.is_impaired and not self._refuses_writes:
            self.is_impaired = False
            _log.warning("The database is available again.")
