"""A few threads for work that keeps a core busy, and a queue that cannot grow.

A password hash takes a core for some 20 ms. On the event loop it would hold up every other request; in threads
without a bound, a flood of logins would hold up everything a little later. So there are as many threads as cores, they
run at a lower priority than the event loop, and a caller who would wait too long is refused at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from gatewright.errors import Overloaded, Unavailable

NICENESS = 5
"""How far the threads' priority lies below that of the thread that started them (Linux: nice, 0 to 19).

Measured with 16 logins at a time beside 32 readers on one core: at 0, logins take half of it; at 5, a third, and reads
are nearly twice as fast; at 10, logins get so little that many wait too long and are refused.
"""

FIRST_ESTIMATE_MS = 100.0
"""What a job is taken to last until the first one of its kind has been measured: longer than most, to refuse early."""

SHORTEST_ESTIMATE_MS = 1.0
"""The estimate never falls below this, so that the queue has a bound whatever was measured."""

_NEWEST_COUNTS = 0.2

# A kind is an algorithm with its parameters. An import may bring many; what was measured of them is then dropped.
_MOST_KINDS = 256

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a job is expected to take.

    Attributes:
        kind: Jobs of one kind take the same time; what was measured of one is the estimate of the next.
        first_ms: The estimate in milliseconds until one was measured.
    """

    kind: str = ""
    first_ms: float = FIRST_ESTIMATE_MS


OWN = Cost()
"""The cost of a hash of ours with the parameters of the settings."""


def usable_cores() -> int:
    """How many cores this process may use, at least one."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(eq=False, slots=True)
class _Job:
    """The data of a call, without its work, which holds a password."""

    cost: Cost
    expected_ms: float


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
        self._lock = threading.Lock()
        self._waiting: dict[_Job, None] = {}  # a caller who leaves is taken out in O(1)
        self._running: dict[_Job, float] = {}  # with the reading of the clock at its start
        self._threads: ThreadPoolExecutor | None = None
        self._average_ms: dict[str, float] = {}

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Calls that a thread works on."""
        return len(self._running)

    async def run(self, work: Callable[[], T], cost: Cost = OWN, *, refuse: bool = True) -> T:
        """Call *work* on one of the threads and return what it returns, or raise what it raises.

        A task that is cancelled while it waits gives its place up; work that has begun is finished all the same.

        Args:
            cost: What it is expected to take.
            refuse: False for a second job of a call whose first was let in: it waits, however long the queue is.

        Raises:
            Overloaded: It would have to wait longer than `queue_ms`.
            Unavailable: The pool was closed while it waited.
        """
        with self._lock:
            job = _Job(cost, self._estimate_ms(cost))
            if refuse:
                self._refuse_when_overloaded()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._workers, "gatewright-hashing", _lower_priority)
            self._waiting[job] = None
            outcome = self._threads.submit(self._work, job, work)
        try:
            return await asyncio.wrap_future(outcome)
        except asyncio.CancelledError:
            with self._lock:
                was_abandoned = outcome.cancelled() and job not in self._waiting
                self._waiting.pop(job, None)
            if was_abandoned:
                raise Unavailable from None
            raise

    def close(self) -> None:
        """End the threads, each after the call it is at; calls that wait get `Unavailable`.

        Like an engine's `dispose`: a call made later starts new threads.
        """
        with self._lock:
            threads, self._threads = self._threads, None
            self._waiting.clear()
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _refuse_when_overloaded(self) -> None:
        if not self._waiting and len(self._running) < self._workers:
            # A thread is free, even if the others are busy.
            return
        now = perf_counter()
        ahead_ms = sum(job.expected_ms for job in self._waiting)
        ahead_ms += sum(max(0.0, job.expected_ms - (now - at) * 1000) for job, at in self._running.items())
        wait_ms = ahead_ms / self._workers
        if wait_ms > self._queue_ms:
            raise Overloaded(retry_after=max(1, math.ceil(wait_ms / 1000)))

    def _work(self, job: _Job, work: Callable[[], T]) -> T:
        with self._lock:
            self._waiting.pop(job, None)
            self._running[job] = perf_counter()
        succeeded = False
        try:
            result = work()
            succeeded = True
            return result
        finally:
            with self._lock:
                took_ms = (perf_counter() - self._running.pop(job)) * 1000
                # A job that fails early is not a fast job.
                if succeeded:
                    self._learn(job.cost.kind, took_ms)

    def _estimate_ms(self, cost: Cost) -> float:
        return max(self._average_ms.get(cost.kind, cost.first_ms), SHORTEST_ESTIMATE_MS)

    def _learn(self, kind: str, took_ms: float) -> None:
        average = self._average_ms.get(kind, took_ms)
        if len(self._average_ms) >= _MOST_KINDS:
            self._average_ms.clear()
        self._average_ms[kind] = average + _NEWEST_COUNTS * (took_ms - average)


def _lower_priority() -> None:
    """Let the event loop go first. Linux has priorities per thread; elsewhere this would slow the whole process."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # A sandbox may forbid it, and hashing works without.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS))
