"""What a limit is, and the arithmetic of it, which every store shares.

A limit keeps one moment for each key that it counts: until when it is busy (the generic cell rate algorithm, GCRA).
Each try makes it busy for one step more, and is refused while it is busy for longer than the limit has room for. So "5
a minute" lets five through at once and one more every twelve seconds, with no window whose edge would let twice as many
through. A delay is the same with no room, no steps for the first tries, and steps that double from then on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from gatewright.clock import Clock
from gatewright.errors import GatewrightError

_FIRST_DELAY_MS = 1000
_DELAYS_ARE_KEPT = timedelta(days=1)
_CLOCKS_DIFFER_MS = 60_000
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be tried. `rate` and `delay` make one; times are in milliseconds.

    Attributes:
        name: Its name in headers, which differs from other limits on the same thing.
        room: For how long one may be busy and still try.
        free: How many tries cost nothing; 0 for a rate.
        longest: The longest step; for a rate, every step.
        doublings: After how many doublings of a second a step is the longest.
        kept: For how long the tries are remembered once one is not busy any more.
        quota: `q` of the RateLimit-Policy field.
        window: `w` of it, in seconds; None where there is none.
    """

    name: str
    room: int
    free: int
    longest: int
    doublings: int
    kept: int
    quota: int
    window: int | None

    @property
    def busiest(self) -> int:
        """The most that a key can be busy for: one that seems busy for longer was so by a clock that was put back.

        A minute is allowed for workers whose clocks differ, and for calls that waited after they had read the time: one
        that took a full count for a wrong one would start it again, and let a storm through.
        """
        return self.room + self.longest + _CLOCKS_DIFFER_MS

    def step(self, tries: int) -> int:
        """What the last of so many tries costs."""
        if tries < self.free:
            return 0
        doubled = tries - self.free
        return self.longest if doubled >= self.doublings else _FIRST_DELAY_MS << doubled


def rate(name: str, count: int, per: timedelta = timedelta(minutes=1)) -> Limit:
    """So many tries at once, and in the long run so many in each period."""
    step = max(per // _MOMENT // count, 1)
    window = math.ceil(per.total_seconds())
    return Limit(name, step * (count - 1), 0, step, 0, 0, quota=count, window=window)


def delay(name: str, *, free: int, longest: timedelta) -> Limit:
    """So many tries, and after that a pause before each: of 1 second, 2, 4 … up to the longest.

    The tries are forgotten a day after the last pause, or when they are taken back as right ones.
    """
    most = longest // _MOMENT
    doublings = math.ceil(math.log2(max(most / _FIRST_DELAY_MS, 1)))
    return Limit(name, 0, free, most, doublings, _DELAYS_ARE_KEPT // _MOMENT, quota=1, window=None)


@dataclass(frozen=True, slots=True)
class Charge:
    """One try, counted by one limit.

    Attributes:
        key: Whom it counts: 32 hexadecimal characters that do not reveal who it is.
    """

    key: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class Refusal:
    """A try that a limit does not let through, and for how many milliseconds it will not."""

    limit: Limit
    wait: int


class RateLimited(GatewrightError):
    """It was tried too often. Nothing was looked at: a right password is refused like a wrong one.

    The headers are those of draft-ietf-httpapi-ratelimit-headers-10 and RFC 9110 section 10.2.3.
    """

    code = "rate_limited"
    status = 429
    title = "Too many attempts. Wait a moment, then try again."

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        worst = max(refusals, key=lambda refusal: refusal.wait)
        self.limit = worst.limit
        seconds = max(math.ceil(worst.wait / 1000), 1)
        window = "" if worst.limit.window is None else f";w={worst.limit.window}"
        headers = {
            "Retry-After": str(seconds),
            "RateLimit": f'"{worst.limit.name}";r=0;t={seconds}',
            "RateLimit-Policy": f'"{worst.limit.name}";q={worst.limit.quota}{window}',
        }
        super().__init__(headers=headers)


def milliseconds(clock: Clock) -> int:
    """The present moment as stores count it: in milliseconds since the epoch."""
    return int(clock.timestamp() * 1000)


class LimitStore(Protocol):
    """Where the counts are. Charges come sorted by their keys."""

    async def take(self, charges: Sequence[Charge]) -> Sequence[Refusal]:
        """Count a try with all of *charges*, or with none of them when one is refused: who refuses it.

        Of many tries at the same time, in all processes, no more pass than the limits allow.

        Raises:
            Unavailable: The store does not answer.
        """
        ...

    async def give_back(self, charges: Sequence[Charge], *, forget: bool) -> None:
        """Uncount a try that was no failure.

        Args:
            forget: Whether delays end, with all that led to them; otherwise they are as before the try.

        Raises:
            Unavailable: The store does not answer.
        """
        ...
