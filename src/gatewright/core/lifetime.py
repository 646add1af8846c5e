"""What is opened for its first user and closed behind the last, any number of times, in one event loop at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from gatewright.errors import SetupError

_CLOSE_SECONDS = 5.0

_log = logging.getLogger("gatewright")


class OtherEventLoop(SetupError, RuntimeError):
    """Two event loops want to use one Gatewright at once."""

    def __init__(self) -> None:
        super().__init__(
            "This Gatewright runs in another event loop. Stop it there before this loop starts or uses it, "
            "or make a second Gatewright for this loop."
        )


class Lifetime:
    """Counts users: the first one opens, the last one closes, and then it can be opened again.

    Connections and tasks belong to the event loop that they were made in, so all users share one loop. What a closed
    loop has left open is closed by the next one.

    Args:
        open_parts: Opens everything and pushes onto the stack how each part is closed; what it has pushed is closed
            when it fails.
    """

    def __init__(self, open_parts: Callable[[AsyncExitStack], Awaitable[None]]) -> None:
        self._open_parts = open_parts
        self._claiming = threading.Lock()
        self._users = 0  # those who wait for their turn included
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Lock()
        self._parts: AsyncExitStack | None = None
        self._left_open: AsyncExitStack | None = None  # by a loop that was closed

    def check_loop(self) -> None:
        """Refuse the use of what is open in another event loop. Threads without a loop pass.

        Raises:
            OtherEventLoop: It is open in another loop than the running one.
        """
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._loop is not running:
            raise OtherEventLoop

    async def enter(self) -> None:
        """Open, unless it is open; an opening that fails leaves nothing behind.

        Raises:
            OtherEventLoop: It is open in another loop.
        """
        turn = self._claim()
        try:
            async with turn:
                await self._close_left_open()
                if self._parts is None:
                    async with AsyncExitStack() as parts:
                        await self._open_parts(parts)
                        self._parts = parts.pop_all()
        except BaseException:
            self._release(1)
            raise

    async def leave(self) -> None:
        """Close, if this was the last user. Without users it does nothing.

        Raises:
            OtherEventLoop: It is open in another loop.
        """
        if self._users == 0:
            return
        turn = self._claim()
        try:
            async with turn:
                await self._close_left_open()
                # The user that leaves, and this call.
                if self._users <= 2 and self._parts is not None:
                    parts, self._parts = self._parts, None
                    await parts.aclose()
        finally:
            self._release(2)

    def _claim(self) -> asyncio.Lock:
        """Count one more user, of the running loop; the lock that opening and closing take."""
        loop = asyncio.get_running_loop()
        with self._claiming:
            if self._loop is not loop:
                if self._loop is not None and not self._loop.is_closed():
                    raise OtherEventLoop
                self._left_open, self._parts = self._parts, None
                self._loop, self._turn, self._users = loop, asyncio.Lock(), 0
            self._users += 1
            return self._turn

    def _release(self, users: int) -> None:
        with self._claiming:
            self._users = max(self._users - users, 0)
            if self._users == 0:
                self._loop = None

    async def _close_left_open(self) -> None:
        left_open, self._left_open = self._left_open, None
        if left_open is None:
            return
        _log.warning("an event loop was closed before Gatewright was stopped in it; what it left open is closed now")
        # Its connections cannot say goodbye any more.
        with contextlib.suppress(Exception):
            await asyncio.wait_for(left_open.aclose(), _CLOSE_SECONDS)
