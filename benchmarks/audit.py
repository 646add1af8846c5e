"""Does the sealer keep up? Workers record events at a rate, and their age when they are sealed is looked at meanwhile.

    python -m benchmarks.audit [--rate 2000] [--seconds 10] [--workers 4] [--unsealed]

By itself, and on both databases: the other benchmarks measure a server, this one a load that no server of four workers
on this machine could make by logins, each of which costs a hash.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select

from benchmarks import machine
from gatewright.clock import SystemClock
from gatewright.core.audit.log import Audit, Origin
from gatewright.core.audit.sealer import AuditSealer
from gatewright.core.audit.verification import verify
from gatewright.core.engine_tables import built_in_design
from gatewright.core.vault import Vault
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.database import Database, Transaction
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.services import postgres

_SECRET = b"a secret of the benchmark: 0123456789 abcdefghij"
_LOOK_EVERY_SECONDS = 0.1
_TICK_SECONDS = 0.02
_MOST_AT_ONCE = 200
_PROCESSES = multiprocessing.get_context("spawn")


@dataclass
class Seen:
    """What the onlooker saw: at each look, how many rows waited, and for how long the oldest of them."""

    waiting: list[int] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description="Measure the audit log's sealer.")
    parser.add_argument("--rate", type=float, default=2000, help="Events a second, of all workers (default: 2000).")
    parser.add_argument("--seconds", type=float, default=10, help="Length of the run (default: 10).")
    parser.add_argument("--workers", type=int, default=4, help="Processes that record (default: 4).")
    parser.add_argument("--unsealed", action="store_true", help="Record only, to see what recording alone reaches.")
    options = parser.parse_args()
    print(f"{machine.describe()['processor']}; load average at the start {os.getloadavg()[0]:.1f}")
    for kind, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with opened() as url:
            asyncio.run(apply_all(_database(url), HISTORIES))
            asyncio.run(_measure(kind, url, options))


async def _measure(kind: str, url: str, options: argparse.Namespace) -> None:
    rate, seconds, workers = options.rate, options.seconds, options.workers
    done: Queue[tuple[int, float]] = _PROCESSES.Queue()
    begin = time.time() + 3
    arguments = (url, rate / workers, begin, seconds, not options.unsealed)
    started = [_PROCESSES.Process(target=_work, args=(done, *arguments)) for _ in range(workers)]
    for process in started:
        process.start()
    db = _database(url)
    await db.start()
    seen = await _look(db, begin, until=begin + seconds)
    results = [await asyncio.to_thread(done.get) for _ in started]
    for process in started:
        process.join()
    events, cpu = sum(count for count, _ in results), sum(used for _, used in results)
    print(
        f"{kind}: asked for {rate:,.0f}/s for {seconds:g} s, recorded {events / seconds:,.0f}/s in {workers} "
        f"processes, which used {cpu / events * 1e6:,.0f} µs of processor time for an event."
    )
    if not options.unsealed:
        await _tell(db, seen, events)
    await db.stop()


async def _tell(db: Database, seen: Seen, events: int) -> None:
    unsealed, _ = await db.read(_waiting)
    began = time.perf_counter()
    verdict = await verify(db, Vault([_SECRET]))
    verifying = time.perf_counter() - began
    assert (verdict.fault, verdict.rows) == (None, events - unsealed), verdict
    print(
        f"  Not sealed yet: {median(seen.waiting):,.0f} rows in the median, {max(seen.waiting):,} at most; the oldest "
        f"of them {median(seen.ages):.2f} s old in the median, {max(seen.ages):.2f} s at most; {unsealed} once the "
        f"workers had stopped. Verified {verdict.rows:,} rows in {verifying:.1f} s."
    )


async def _look(db: Database, begin: float, until: float) -> Seen:
    seen = Seen()
    # Not at the first moments, in which nobody holds the lease yet.
    await asyncio.sleep(max(0.0, begin + 1 - time.time()))
    while time.time() < until:
        count, age = await db.read(_waiting)
        seen.waiting.append(count)
        seen.ages.append(age)
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    return seen


def _waiting(tx: Transaction) -> tuple[int, float]:
    events = tx.table("gatewright_audit_events")
    found = select(func.count().label("rows"), func.min(events.c.occurred_at).label("oldest"))
    row = tx.one(found.where(events.c.number.is_(None)))
    assert row is not None
    if row["oldest"] is None:
        return 0, 0.0
    return row["rows"], (SystemClock().now() - row["oldest"]).total_seconds()


def _work(done: Queue[tuple[int, float]], *arguments: Any) -> None:
    done.put(asyncio.run(_record(*arguments)))


async def _record(url: str, rate: float, begin: float, seconds: float, /, seals: bool) -> tuple[int, float]:
    db, clock = _database(url), SystemClock()
    await db.start()
    sealer = AuditSealer(db, clock, Vault([_SECRET]))
    if seals:
        sealer.start()
    audit = Audit(db, clock, Origin("a-request-of-the-benchmark", "192.0.2.1", "Mozilla/5.0 (benchmark)"))
    await asyncio.sleep(max(0.0, begin - time.time()))
    used = resource.getrusage(resource.RUSAGE_SELF)
    recorded, running = 0, set[asyncio.Task[None]]()
    while (passed := time.time() - begin) < seconds:
        due = min(round(passed * rate) - recorded, _MOST_AT_ONCE - len(running))
        for number in range(due):
            task = asyncio.create_task(audit.record("login.failed", f"subject-{number}", outcome="failure"))
            running.add(task)
            task.add_done_callback(running.discard)
        recorded += max(due, 0)
        await asyncio.sleep(_TICK_SECONDS)
    await asyncio.gather(*running)
    after = resource.getrusage(resource.RUSAGE_SELF)
    if seals:
        await sealer.stop()
    await db.stop()
    return recorded, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def _database(url: str) -> Database:
    return open_database(url, Schema(built_in_design()))


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        yield f"sqlite:///{Path(folder, 'audit.db')}"


@contextmanager
def _postgresql() -> Iterator[str]:
    service = postgres.start(durable=True)
    try:
        yield postgres.create_database(service.url)
    finally:
        service.stop()


if __name__ == "__main__":
    main()
