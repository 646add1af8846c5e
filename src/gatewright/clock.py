"""The injected clock: the only place that asks the system for the time of day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


def rfc3339(moment: datetime) -> str:
    """*moment* as answers and commands write it: in UTC, with `Z` (RFC 3339 section 5.6)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Clock(Protocol):
    """Where the time comes from. Tests put a clock in its place that they move by hand."""

    def now(self) -> datetime:
        """The present moment: aware, in UTC, to the microsecond."""
        ...

    def timestamp(self) -> float:
        """The present moment in seconds since the epoch (for hot paths, which need no date)."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment: aware, in UTC, to the microsecond."""
        return datetime.now(UTC)

    def timestamp(self) -> float:
        """The present moment in seconds since the epoch."""
        return datetime.now(UTC).timestamp()
