"""Limits in the memory of one process: what counts while the shared store is down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatewright.clock import Clock
from gatewright.core.limits.policy import Charge, Limit, Refusal, milliseconds

_MOST_KEYS = 20_000


@dataclass(slots=True)
class _Count:
    busy_until: int
    tries: int
    expires_at: int


class MemoryLimits:
    """A `LimitStore` of this process alone, of bounded size: the oldest keys are dropped first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, _Count] = {}

    async def take(self, charges: Sequence[Charge]) -> Sequence[Refusal]:
        """Count a try with all of *charges*, or with none when one is refused."""
        # No await from here on, so nothing comes between looking and counting.
        now = milliseconds(self._clock)
        counts = [(charge, self._live(charge, now)) for charge in charges]
        refusals = [
            Refusal(charge.limit, count.busy_until - charge.limit.room - now)
            for charge, count in counts
            if count.busy_until > now + charge.limit.room
        ]
        if not refusals:
            for charge, count in counts:
                _add(count, charge.limit, now)
                self._keep(charge.key, count)
        return refusals

    async def give_back(self, charges: Sequence[Charge], *, forget: bool) -> None:
        """Uncount a try that was no failure."""
        for charge in charges:
            count = self._counts.get(charge.key)
            if count is None:
                continue
            count.tries -= 1
            if not charge.limit.free:
                count.busy_until -= charge.limit.longest
            elif forget:
                del self._counts[charge.key]
            else:
                count.busy_until = 0

    def _live(self, charge: Charge, now: int) -> _Count:
        count = self._counts.get(charge.key)
        if count is None or count.expires_at <= now or count.busy_until > now + charge.limit.busiest:
            return _Count(0, 0, 0)
        return count

    def _keep(self, key: str, count: _Count) -> None:
        self._counts.pop(key, None)
        if len(self._counts) >= _MOST_KEYS:
            del self._counts[next(iter(self._counts))]
        self._counts[key] = count


def _add(count: _Count, limit: Limit, now: int) -> None:
    count.tries += 1
    step = limit.step(count.tries)
    until = max(count.busy_until, now) + step
    # A call without a cost makes a key busy for no time, not even for a call that has read the clock a moment earlier.
    count.busy_until = until if step else 0
    count.expires_at = until + limit.kept
