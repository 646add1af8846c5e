"""How long one request may wait for the database, all its statements together.

A limit for each statement would let a request wait as often as it has statements: a sign-in on a server whose
synchronous standby is lost took a minute. What is counted is the time in the database alone, and of that only what is
slow: a request of an app's own may run many quick statements.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

from gatewright.errors import Unavailable

Result = TypeVar("Result")

REQUEST_SECONDS = 10.0
_QUICK_SECONDS = 0.1


class TimeLimit:
    """The time that is left to one request.

    Attributes:
        left: In seconds; None where the answer has begun, and what follows it may take its time.
    """

    __slots__ = ("left",)

    def __init__(self, seconds: float = REQUEST_SECONDS) -> None:
        self.left: float | None = seconds

    def spend(self, seconds: float) -> None:
        """Count the time that one call of the database took."""
        if self.left is not None and seconds > _QUICK_SECONDS:
            self.left -= seconds

    def lift(self) -> None:
        """End the limit."""
        self.left = None


TIME_LIMIT: ContextVar[TimeLimit | None] = ContextVar("gatewright_time_limit", default=None)
"""The limit of the request that is being answered; None outside of requests."""


async def within_time_limit(run: Callable[[float | None], Awaitable[Result]]) -> Result:
    """Run a call of the database in the time that the request has left.

    Args:
        run: Gets that time in seconds, or None outside of requests, and keeps to it.

    Raises:
        Unavailable: No time is left.
    """
    limit = TIME_LIMIT.get()
    if limit is None or limit.left is None:
        return await run(None)
    if limit.left <= 0:
        raise Unavailable
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        return await run(limit.left)
    finally:
        limit.spend(clock() - began)
