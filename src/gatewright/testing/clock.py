"""A clock that moves only when a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A `gatewright.clock.Clock` for tests.

    Args:
        at: The moment that it shows first; the present one when left out.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._now = at or datetime.now(UTC)

    def now(self) -> datetime:
        """The moment that it shows: aware, in UTC."""
        return self._now

    def timestamp(self) -> float:
        """The moment that it shows, in seconds since the epoch."""
        return self._now.timestamp()

    def advance(self, by: timedelta | float) -> None:
        """Move on by a duration, or by so many seconds."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
