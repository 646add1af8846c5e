"""A few threads for work that keeps a core busy, and a queue that cannot grow.

A password hash takes a core for some 20 ms. On the event loop it would hold up every other request; in threads
without a bound, a flood of logins would hold up everything a little later. So the threads are as many as the
cores, they run at a lower priority than the event loop, and who would wait too long is refused at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

from gatewright.errors import Overloaded, Unavailable

NICENESS = 5
"""How far the threads' priority lies below that of the thread that started them (Linux: nice, 0 to 19).

Measured with 16 logins at a time beside 32 readers on one core: at 0, logins take half of it; at 5, a third, and reads
are nearly twice as fast; at 10, logins get so little that many wait too long and are refused.
"""

FIRST_ESTIMATE_MS = 100.0
"""What a job is taken to last until the first one has been measured: longer than most, so that we refuse early."""

SHORTEST_ESTIMATE_MS = 1.0
"""The estimate never falls below this, so that the queue has a bound whatever was measured."""

_NEWEST_COUNTS = 0.2

T = TypeVar("T")


def usable_cores() -> int:
    """How many cores this process may use, at least one."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(eq=False, slots=True, repr=False)
class _Job:
    """A call that waits. Without a repr, because its work holds a password."""

    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Hand the outcome to the waiting task, from whatever thread this is called on."""

        def tell() -> None:
            if self.future.done():
                return
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)

        # A closed loop has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(tell)


class HashingPool:
    """Runs blocking calls on a fixed number of threads of low priority.

    The work must release the GIL while it computes (argon2-cffi does), or the event loop stands still after all.

    Args:
        queue_ms: A call that would have to wait longer than this, in milliseconds, is refused.
        workers: Number of threads; as many as the cores this process may use, when left out.
    """

    def __init__(self, *, queue_ms: int, workers: int | None = None) -> None:
        self._queue_ms = queue_ms
        self._workers = workers or usable_cores()
        self._changed = threading.Condition()
        self._waiting: dict[_Job, None] = {}  # in order of arrival; a caller who leaves is taken out in O(1)
        self._running = 0
        self._threads = 0
        self._crew = object()  # the threads of one crew stop when another has taken its place
        self._average_ms: float | None = None

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Calls that a thread works on."""
        return self._running

    async def run(self, work: Callable[[], T]) -> T:
        """Call *work* on one of the threads and return what it returns, or raise what it raises.

        A task that is cancelled while it waits gives its place up; once begun, the work is finished for nobody.

        Raises:
            Overloaded: It would have to wait longer than `queue_ms`.
            Unavailable: The pool was closed while it waited.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        with self._changed:
            self._refuse_when_overloaded()
            self._start_thread_when_busy()
            self._waiting[job] = None
            self._changed.notify()
        try:
            result: T = await job.future
        except asyncio.CancelledError:
            with self._changed:
                self._waiting.pop(job, None)
            raise
        return result

    def close(self) -> None:
        """End the threads, each after the call it is at; calls that wait get `Unavailable`.

        Like an engine's `dispose`: a call made later starts new threads.
        """
        with self._changed:
            abandoned = list(self._waiting)
            self._waiting.clear()
            self._crew = object()
            self._threads = 0
            self._changed.notify_all()
        for job in abandoned:
            job.settle(error=Unavailable())

    def _refuse_when_overloaded(self) -> None:
        each_ms = FIRST_ESTIMATE_MS if self._average_ms is None else self._average_ms
        wait_ms = each_ms * len(self._waiting) / self._workers
        if wait_ms > self._queue_ms:
            raise Overloaded(retry_after=max(1, math.ceil(wait_ms / 1000)))

    def _start_thread_when_busy(self) -> None:
        occupied = self._running + len(self._waiting)
        if self._threads < self._workers and occupied >= self._threads:
            threading.Thread(target=self._work, args=[self._crew], name="gatewright-hashing", daemon=True).start()
            self._threads += 1

    def _work(self, crew: object) -> None:
        _lower_priority()
        while self._serve_one(crew):
            pass

    # A function of its own, so that an idle thread's frame holds no job, and with it no password.
    def _serve_one(self, crew: object) -> bool:
        job = self._take(crew)
        if job is None:
            return False
        started = perf_counter()
        try:
            result = job.work()
        except BaseException as error:
            self._finish(None)
            job.settle(error=error)
        else:
            self._finish((perf_counter() - started) * 1000)
            job.settle(result)
        return True

    def _take(self, crew: object) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._crew is not crew)
            if self._crew is not crew:
                return None
            job = next(iter(self._waiting))
            del self._waiting[job]
            self._running += 1
            return job

    def _finish(self, took_ms: float | None) -> None:
        with self._changed:
            self._running -= 1
            if took_ms is None:
                return
            if self._average_ms is None:
                average = took_ms
            else:
                average = self._average_ms + _NEWEST_COUNTS * (took_ms - self._average_ms)
            self._average_ms = max(average, SHORTEST_ESTIMATE_MS)


def _lower_priority() -> None:
    """Let the event loop go first. Linux has priorities per thread; elsewhere this would slow the whole process."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # A sandbox may forbid it, and hashing works without.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS))
