"""The pool keeps hashing off the event loop, and its queue short."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

import pytest

from gatewright.core.passwords import hashing_pool
from gatewright.core.passwords.hashing_pool import Cost, HashingPool
from gatewright.errors import Overloaded, Unavailable

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds until a test that would hang fails instead."""


class Gate:
    """Work that blocks its thread until the test lets it go."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()

    def work(self) -> str:
        self.entered.release()
        assert self.opened.wait(PATIENCE)
        return "done"

    async def someone_inside(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=PATIENCE)


class Stopwatch:
    """A clock on which each job takes as long as the test says."""

    def __init__(self, *seconds: float) -> None:
        self.readings = [reading for each in seconds for reading in (0.0, each)]

    def __call__(self) -> float:
        return self.readings.pop(0) if self.readings else 0.0


@contextmanager
def a_pool(*, queue_ms: int = 60_000, workers: int = 1) -> Iterator[HashingPool]:
    pool = HashingPool(queue_ms=queue_ms, workers=workers)
    try:
        yield pool
    finally:
        pool.close()


async def begin(pool: HashingPool, work: Callable[[], object]) -> asyncio.Task[object]:
    """Start a call and let it take its place in the queue."""
    task = asyncio.ensure_future(pool.run(work))
    await asyncio.sleep(0)
    return task


async def soon(outcome: Awaitable[T]) -> T:
    """What is awaited; an error instead of a test that hangs."""
    return await asyncio.wait_for(outcome, PATIENCE)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("gatewright-hashing")]


async def test_work_runs_on_another_thread_while_the_loop_goes_on() -> None:
    """The event loop serves others while a thread is busy."""
    gate = Gate()
    with a_pool() as pool:
        task = await begin(pool, gate.work)
        await gate.someone_inside()

        assert not task.done()
        assert (pool.running, pool.waiting) == (1, 0)

        gate.opened.set()
        assert await task == "done"
        assert (pool.running, pool.waiting) == (0, 0)


async def test_what_the_work_raises_reaches_the_caller() -> None:
    """An error in the work is its caller's, and the thread goes on."""

    def fail() -> None:
        raise LookupError("of the work")

    with a_pool() as pool:
        with pytest.raises(LookupError, match="of the work"):
            await soon(pool.run(fail))
        assert await soon(pool.run(lambda: 7)) == 7
        assert pool.running == 0


async def test_no_more_jobs_run_at_once_than_there_are_workers() -> None:
    """The third of three calls waits when there are two workers, and they start in the order they came."""
    gate = Gate()
    started: list[int] = []
    with a_pool(workers=2) as pool:
        first = [await begin(pool, gate.work) for _ in range(2)]
        for _ in first:
            await gate.someone_inside()
        later = [await begin(pool, lambda number=number: started.append(number)) for number in range(3)]  # type: ignore[misc]

        assert (pool.running, pool.waiting) == (2, 3)
        assert len(threads()) >= 2

        gate.opened.set()
        await asyncio.gather(*first, *later)
    assert sorted(started) == [0, 1, 2]


async def test_jobs_start_in_the_order_they_came() -> None:
    """One worker serves first come, first served."""
    gate = Gate()
    started: list[int] = []
    with a_pool() as pool:
        first = await begin(pool, gate.work)
        later = [await begin(pool, lambda number=number: started.append(number)) for number in range(5)]  # type: ignore[misc]
        gate.opened.set()
        await asyncio.gather(first, *later)
    assert started == [0, 1, 2, 3, 4]


async def test_a_call_that_would_wait_too_long_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With jobs of 500 ms, one worker at the first and a limit of 1 s, two may wait; a third would wait for 1.5 s."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(0.5))
    gate = Gate()
    with a_pool(queue_ms=1000) as pool:
        await soon(pool.run(int))
        accepted = [await begin(pool, gate.work)]
        await gate.someone_inside()
        accepted += [await begin(pool, gate.work) for _ in range(2)]
        assert pool.waiting == 2

        with pytest.raises(Overloaded) as refusal:
            await soon(pool.run(gate.work))

        assert refusal.value.headers == {"Retry-After": "2"}
        assert pool.waiting == 2
        gate.opened.set()
        assert await asyncio.gather(*accepted) == ["done"] * 3
        assert await soon(pool.run(lambda: "again")) == "again"


async def test_a_second_worker_doubles_what_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait is what is queued and begun, shared among the workers."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(0.5))
    gate = Gate()
    with a_pool(queue_ms=1000, workers=2) as pool:
        await soon(pool.run(int))
        accepted = [await begin(pool, gate.work) for _ in range(2)]
        for _ in range(2):
            await gate.someone_inside()
        accepted += [await begin(pool, gate.work) for _ in range(3)]

        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work))

        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_jobs_are_estimated_by_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a thousand jobs of 30 ms, jobs of another kind that take a second each do not pass for fast ones."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(*[0.03] * 1000))
    slow = Cost("slow", first_ms=1000)
    gate = Gate()
    with a_pool(queue_ms=2000) as pool:
        for _ in range(1000):
            await soon(pool.run(int))
        accepted = [asyncio.ensure_future(pool.run(gate.work, slow))]
        await gate.someone_inside()
        accepted.append(asyncio.ensure_future(pool.run(gate.work, slow)))
        await asyncio.sleep(0)

        # Two seconds are ahead of the third, which may wait; three of the fourth, of whatever kind it is.
        accepted.append(asyncio.ensure_future(pool.run(gate.work, slow)))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work, slow))
        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work))

        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_a_kind_is_estimated_by_what_was_measured_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first estimate that is too long counts until the first job of the kind has ended."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(0.01))
    kind = Cost("of another system", first_ms=5000)
    gate = Gate()
    with a_pool(queue_ms=1000) as pool:
        await soon(pool.run(int, kind))
        accepted = [asyncio.ensure_future(pool.run(gate.work, kind)) for _ in range(20)]
        await gate.someone_inside()
        assert pool.waiting == 19
        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_the_second_job_of_a_call_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that was let in goes on, however many came after it."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch())
    gate = Gate()
    with a_pool(queue_ms=1) as pool:
        first = await begin(pool, gate.work)
        await gate.someone_inside()
        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work))
        second = asyncio.ensure_future(pool.run(lambda: "second", refuse=False))
        gate.opened.set()
        assert await first == "done"
        assert await second == "second"


async def test_what_was_measured_of_many_kinds_is_bounded() -> None:
    """An import with thousands of different parameters fills no memory."""
    with a_pool() as pool:
        for number in range(1000):
            await soon(pool.run(int, Cost(f"kind {number}")))
        assert len(pool._average_ms) <= hashing_pool._MOST_KINDS


async def test_the_queue_has_a_bound_before_anything_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the first job has ended, each is taken to last 100 ms."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch())
    gate = Gate()
    with a_pool(queue_ms=1000) as pool:
        accepted = [await begin(pool, gate.work)]
        await gate.someone_inside()
        accepted += [await begin(pool, gate.work) for _ in range(10)]

        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work))

        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_the_queue_has_a_bound_however_short_the_jobs_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that took no time at all don't make room for any number of others."""
    monkeypatch.setattr(hashing_pool, "perf_counter", lambda: 0.0)
    gate = Gate()
    with a_pool(queue_ms=5) as pool:
        await soon(pool.run(int))
        accepted = [await begin(pool, gate.work)]
        await gate.someone_inside()
        accepted += [await begin(pool, gate.work) for _ in range(5)]

        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work))

        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_one_slow_job_does_not_shut_the_pool_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a job of an hour (a machine that slept), an idle pool still takes calls, and so measures anew."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(3600.0))
    with a_pool(queue_ms=1000) as pool:
        await soon(pool.run(int))
        assert await soon(pool.run(lambda: "served")) == "served"


async def test_the_estimate_follows_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """After many fast jobs, a slow one in the past no longer counts."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(10.0, *[0.01] * 60))
    gate = Gate()
    with a_pool(queue_ms=1000) as pool:
        for _ in range(61):
            await soon(pool.run(int))
        accepted = [await begin(pool, gate.work)]
        await gate.someone_inside()
        accepted += [await begin(pool, gate.work) for _ in range(50)]
        assert pool.waiting == 50
        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_a_failed_job_does_not_count_as_a_fast_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that break off early would make the queue look short."""
    monkeypatch.setattr(hashing_pool, "perf_counter", Stopwatch(0.5))
    gate = Gate()
    with a_pool(queue_ms=600) as pool:
        await soon(pool.run(int))
        for _ in range(30):
            with pytest.raises(ZeroDivisionError):
                await soon(pool.run(lambda: 1 // 0))
        accepted = [await begin(pool, gate.work)]
        await gate.someone_inside()
        accepted.append(await begin(pool, gate.work))

        with pytest.raises(Overloaded):
            await soon(pool.run(gate.work))

        gate.opened.set()
        await asyncio.gather(*accepted)


async def test_a_caller_who_leaves_frees_the_place_and_is_not_worked_for() -> None:
    """Of callers that were cancelled while they waited, no job runs."""
    gate = Gate()
    ran: list[str] = []
    with a_pool(queue_ms=1000) as pool:
        first = await begin(pool, gate.work)
        await gate.someone_inside()
        # Many more than may wait at once: their places have to come free, or these are refused.
        for _ in range(100):
            leaver = await begin(pool, lambda: ran.append("leaver"))
            leaver.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaver
            assert pool.waiting == 0
        stayer = await begin(pool, lambda: ran.append("stayer"))
        gate.opened.set()
        await asyncio.gather(first, stayer)
    assert ran == ["stayer"]


async def test_leaving_while_the_work_runs_harms_nobody() -> None:
    """The thread ends the work of a caller who is gone, and takes the next; the event loop reports nothing."""
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, complaint: complaints.append(complaint))
    gate = Gate()
    with a_pool() as pool:
        leaver = await begin(pool, gate.work)
        await gate.someone_inside()
        leaver.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaver
        assert pool.running == 1

        gate.opened.set()
        assert await soon(pool.run(lambda: "next")) == "next"
        assert pool.running == 0
    assert complaints == []


def test_a_loop_that_ended_meanwhile_does_not_stop_the_thread() -> None:
    """The outcome for a closed loop is dropped, and the next loop is served by the same thread."""
    gate = Gate()
    with a_pool() as pool:

        async def leave_early() -> None:
            await begin(pool, gate.work)
            await gate.someone_inside()

        async def come_later() -> str:
            gate.opened.set()
            return await soon(pool.run(lambda: "next"))

        asyncio.run(leave_early())
        assert asyncio.run(come_later()) == "next"


async def test_nothing_of_a_job_is_kept_after_its_end() -> None:
    """The idle thread holds no reference to the work, in whose closure a password is."""

    class Secret:
        pass

    secret = Secret()
    trace = weakref.ref(secret)
    with a_pool() as pool:
        await soon(pool.run(lambda kept=secret: None))  # type: ignore[misc]
        del secret
        end = monotonic() + PATIENCE
        while trace() is not None and monotonic() < end:
            gc.collect()  # The thread may be about to leave the job behind.
        assert trace() is None


async def test_closing_ends_the_threads_and_refuses_who_waits() -> None:
    """At close the running call ends well, the waiting ones get `Unavailable`, and the threads end."""
    gate = Gate()
    with a_pool() as pool:
        before = set(threads())
        running = await begin(pool, gate.work)
        await gate.someone_inside()
        waiting = await begin(pool, gate.work)
        (thread,) = set(threads()) - before

        pool.close()

        with pytest.raises(Unavailable):
            await soon(waiting)
        assert pool.waiting == 0
        gate.opened.set()
        assert await running == "done"
        await asyncio.to_thread(thread.join, PATIENCE)
        assert not thread.is_alive()


async def test_a_closed_pool_starts_again() -> None:
    """An app that is started a second time in one process hashes again."""
    with a_pool() as pool:
        assert await soon(pool.run(lambda: 1)) == 1
        pool.close()
        assert await soon(pool.run(lambda: 2)) == 2


async def test_an_unused_pool_has_no_threads() -> None:
    """Threads start with the first call, so that a server that forks after loading the app has them too."""
    before = set(threads())
    with a_pool(workers=4) as pool:
        assert set(threads()) == before
        await soon(pool.run(int))
        assert len(set(threads()) - before) == 1


def test_there_are_as_many_workers_as_cores_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's share counts, not what the machine has."""
    if sys.platform == "linux":
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {1, 5, 7})
        assert hashing_pool.usable_cores() == 3
    else:
        assert hashing_pool.usable_cores() >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has a priority for each thread.")
async def test_the_threads_have_a_lower_priority_than_the_event_loop() -> None:
    """Hashing gives way to requests, and the event loop's own priority stays as it was."""
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with a_pool() as pool:
        theirs = await soon(pool.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
    assert theirs == min(19, own + hashing_pool.NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has a priority for each thread.")
async def test_hashing_works_where_priorities_may_not_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that forbids the call costs speed, not logins."""

    def forbidden(*_args: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", forbidden)
    with a_pool() as pool:
        assert await soon(pool.run(lambda: 3)) == 3
