"""Repeated work in the background: one loop for all of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable

from gatewright.errors import SetupError, Unavailable


class BackgroundLoop:
    """Calls *work*, after a pause each time, until it is stopped. A call that fails ends nothing.

    Args:
        name: Of what it does, for the name of the task.
        work: What is called.
        pause: Waits until the next call; `every` makes one.
        log: Where a failure is logged: once, until a call succeeds again.
        failure: What the line says.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        pause: Callable[[], Awaitable[None]],
        *,
        log: logging.Logger,
        failure: str,
    ) -> None:
        self._name = name
        self._work = work
        self._pause = pause
        self._log = log
        self._failure = failure
        self._is_failing = False
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keep_working(), name=f"gatewright-{self._name}")

    async def stop(self, *, grace: float = 0.0) -> None:
        """Call nothing more; a call that is under way gets *grace* seconds to end."""
        self._is_stopping = True
        if self._task is not None:
            if not grace:
                self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(self._task, grace or None)

    async def _keep_working(self) -> None:
        while not self._is_stopping:
            await self._pause()
            if not self._is_stopping:
                await self._work_once()

    async def _work_once(self) -> None:
        try:
            await self._work()
            self._is_failing = False
        except Unavailable:
            # The database's own line says so.
            return
        except Exception as error:
            if not self._is_failing:
                self._report(error)
            self._is_failing = True

    def _report(self, error: Exception) -> None:
        if isinstance(error, SetupError):
            # Its message says what to do.
            self._log.error("%s", error)
        else:
            self._log.error(self._failure, exc_info=error)


def every(seconds: float, *, spread: float = 0.0) -> Callable[[], Awaitable[None]]:
    """A pause of so many seconds, `varied` by *spread*."""

    async def pause() -> None:
        await asyncio.sleep(varied(seconds, spread))

    return pause


def varied(seconds: float, spread: float) -> float:
    """*seconds*, longer or shorter at random by the part *spread*: workers started together do not act together."""
    return seconds * random.uniform(1 - spread, 1 + spread)  # noqa: S311 (no secret)
