"""The audit log is chained behind the events: all of them, once, by one worker at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from gatewright import Gatewright
from gatewright.core.audit.log import forget_person
from gatewright.core.audit.sealer import AuditSealer, ChainBroken
from gatewright.core.audit.verification import Verdict, verify
from gatewright.core.context import Context
from gatewright.core.vault import SealBroken, Vault
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from tests.conftest import make_settings
from tests.core.sealing import CHAIN, EVENTS, SECRET, Log, numbers, opened, sealing_process

_PATIENCE_SECONDS = 240.0


@pytest.fixture
async def log(migrated_url: str) -> AsyncIterator[Log]:
    async with opened(migrated_url) as db:
        yield Log(db)


async def check(log: Log) -> Verdict:
    return await verify(log.db, log.vault)


@pytest.mark.both_databases
async def test_events_are_sealed_in_batches_and_verify(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when there are more than one transaction takes; a second time there is nothing to do."""
    monkeypatch.setattr("gatewright.core.audit.sealer._BATCH", 3)
    assert numbers(await log.sealed(7)) == [1, 2, 3, 4, 5, 6, 7]
    assert await log.sealer.seal() == 0
    assert numbers(await log.sealed(2)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    verdict = await check(log)
    assert (verdict.fault, verdict.rows, verdict.unsealed, verdict.head.number) == (None, 9, 0, 9)


@pytest.mark.both_databases
async def test_an_event_that_is_committed_late_comes_later_in_the_chain(log: Log) -> None:
    """Its time is earlier than that of rows which are sealed already; it is not lost, and nothing breaks."""
    await log.sealed(3)
    late = log.clock.now() - timedelta(hours=5)
    await log.record()
    events = log.db.schema[EVENTS]
    await log.db.write(lambda tx: tx.run(update(events).where(events.c.number.is_(None)).values(occurred_at=late)))
    assert (await check(log)).unsealed == 1
    assert await log.sealer.seal() == 1
    assert [row["occurred_at"] for row in await log.rows()][3] == late
    verdict = await check(log)
    assert (verdict.fault, verdict.rows, verdict.unsealed) == (None, 4, 0)


@pytest.mark.both_databases
async def test_one_worker_seals_until_its_lease_runs_out(log: Log) -> None:
    """Another one leaves the rows to it, and takes over when it has been silent for too long."""
    other = log.worker()
    await log.sealed(1)
    await log.record(2)
    assert await other.seal() == 0
    assert await log.sealer.seal() == 2
    await log.record(2)
    # The holder died long ago.
    held_until = (await log.state())["held_until"]
    await log.change_state(held_until=held_until - timedelta(minutes=1))
    assert await other.seal() == 2
    await log.record(1)
    assert await log.sealer.seal() == 0
    assert (await check(log)).fault is None


async def test_a_worker_that_stops_leaves_nothing_and_nobody_waits(log: Log) -> None:
    """What it finds is sealed, and the lease is free at once."""
    await log.sealed(1)
    await log.record(2)
    await log.sealer.stop()
    assert numbers(await log.rows()) == [1, 2, 3]
    await log.record(1)
    assert await log.worker().seal() == 1


@pytest.mark.both_databases
async def test_a_holder_that_has_lost_the_lease_cannot_fork_the_chain(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many workers at the same time, each of which believes that it may: every row is sealed once."""
    monkeypatch.setattr("gatewright.core.audit.sealer._BATCH", 7)
    await log.record(40)
    workers = [log.worker() for _ in range(4)]
    for worker in workers:
        worker._holder = "the same"
    assert sum(await asyncio.gather(*(worker.seal() for worker in workers))) == 40
    assert numbers(await log.rows()) == list(range(1, 41))
    assert (await check(log)).fault is None


@pytest.mark.both_databases
async def test_two_processes_seal_what_both_record(log: Log, migrated_url: str) -> None:
    """Both record and both want to seal; at the end every event has its one place."""
    processes = [sealing_process(migrated_url, 60, stops=True) for _ in range(2)]
    for process in processes:
        await asyncio.to_thread(process.join, _PATIENCE_SECONDS)
        assert process.exitcode == 0
    assert len(await log.rows()) == 120
    # What one could not seal, since the other held the lease when it stopped.
    await log.change_state(holder=None)
    await log.sealer.seal()
    assert numbers(await log.rows()) == list(range(1, 121))
    assert (await check(log)).fault is None


@pytest.mark.both_databases
async def test_another_process_takes_over_when_the_holder_is_killed(log: Log, migrated_url: str) -> None:
    """Without a word to anybody, in the middle of its work; nobody mends anything by hand."""
    first = sealing_process(migrated_url, 20, stops=False)
    await until_sealed(log, 20)
    first.kill()
    await asyncio.to_thread(first.join, _PATIENCE_SECONDS)
    second = sealing_process(migrated_url, 20, stops=False)
    await until_sealed(log, 40)
    second.kill()
    await asyncio.to_thread(second.join, _PATIENCE_SECONDS)
    verdict = await check(log)
    assert (verdict.fault, verdict.rows, verdict.unsealed) == (None, 40, 0)


async def until_sealed(log: Log, count: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (await check(log)).rows < count:
        assert time.monotonic() < deadline, "nobody seals"
        await asyncio.sleep(0.05)


async def test_the_head_is_logged_with_its_number(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """For whoever keeps logs where the database cannot reach; the key is not in it."""
    with caplog.at_level(logging.INFO, "gatewright.audit"):
        await log.sealed(2)
    (record,) = [each for each in caplog.records if "sealed to row" in each.message]
    head = str((await check(log)).head)
    assert (vars(record)["number"], vars(record)["head"]) == (2, head)
    assert record.getMessage() == f"sealed to row 2 head={head}"


# Erasure.


@pytest.mark.parametrize("is_sealed", [True, False])
@pytest.mark.both_databases
async def test_an_erasure_leaves_nothing_personal_and_a_chain_that_holds(log: Log, is_sealed: bool) -> None:
    """Addresses, user agents and what was written freely go, with their salts, sealed or not; others' stay."""
    await log.record(2, subject="ada", reason="she left", ended=2)
    await log.record(2, subject="bob", reason="he left")
    if is_sealed:
        await log.sealer.seal()
    await log.db.write(lambda tx: forget_person(tx, "ada"))
    await log.sealer.seal()
    rows = await log.rows()
    ada, bob = ([row for row in rows if row["subject_id"] == who] for who in ("ada", "bob"))
    assert {(row["ip_address"], row["user_agent"], str(row["details"])) for row in ada} == {
        (None, None, "{'ended': 2}")
    }
    assert {row["personal_salt"] is None for row in ada} == {is_sealed}
    assert {(row["ip_address"], row["details"]["reason"]) for row in bob} == {("192.0.2.1", "he left")}
    verdict = await check(log)
    assert (verdict.fault, verdict.rows, verdict.erased) == (None, 4, 2 * is_sealed)


@pytest.mark.both_databases
async def test_an_erasure_at_the_same_time_breaks_nothing(log: Log, migrated_url: str) -> None:
    """A row that is being blanked is not sealed with a hash of what it held before."""
    await log.record(5, subject="ada")
    await log.sealer.seal()
    blanked, may_commit = threading.Event(), threading.Event()

    def erase(tx: Transaction) -> None:
        forget_person(tx, "ada")
        blanked.set()
        may_commit.wait(_PATIENCE_SECONDS)

    async def elsewhere() -> None:
        async with opened(migrated_url) as db:
            await db.write(erase)

    await log.record(5, subject="ada")
    erasing = asyncio.create_task(asyncio.to_thread(asyncio.run, elsewhere()))
    await asyncio.to_thread(blanked.wait, _PATIENCE_SECONDS)
    sealing = asyncio.create_task(log.sealer.seal())
    # SQLite lets it wait for the erasure, PostgreSQL does not.
    await asyncio.wait({sealing}, timeout=1)
    may_commit.set()
    await asyncio.gather(erasing, sealing)
    await log.sealer.seal()
    verdict = await check(log)
    assert (verdict.fault, verdict.rows, verdict.unsealed) == (None, 10, 0)
    assert {row["ip_address"] for row in await log.rows()} == {None}


# Retention.


async def prune(log: Log, days: int) -> int:
    settings = make_settings("sqlite:///unused.db", audit={"retention": f"{days}d"})
    return await log.db.write(lambda tx: log.sealer.prune(tx, log.clock.now(), settings))


@pytest.mark.both_databases
async def test_retention_leaves_a_checkpoint_that_verification_begins_at(log: Log) -> None:
    """What is too old goes, in the order of the chain; the rest verifies, and so do later events."""
    await log.sealed(4)
    log.clock.advance(timedelta(days=2))
    await log.sealed(3)
    assert await prune(log, 3) == 0
    assert await prune(log, 1) == 4
    assert numbers(await log.rows()) == [5, 6, 7]
    verdict = await check(log)
    assert (verdict.fault, verdict.checkpoint.number, verdict.rows) == (None, 4, 3)
    log.clock.advance(timedelta(days=2))
    assert await prune(log, 1) == 3
    verdict = await check(log)
    assert (verdict.fault, verdict.checkpoint.number, verdict.rows) == (None, 7, 0)
    await log.sealed(2)
    assert numbers(await log.rows()) == [8, 9]
    assert (await check(log)).fault is None


async def test_retention_keeps_what_is_not_sealed(log: Log) -> None:
    """However old: nothing vouches for it yet."""
    await log.record(2)
    log.clock.advance(timedelta(days=20))
    assert await prune(log, 1) == 0
    await log.sealer.seal()
    assert await prune(log, 1) == 2


async def test_retention_does_not_wipe_the_traces_of_a_change(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """Removal stops before the row that was tampered with, and says so."""
    await log.sealed(6)
    await log.change(3, outcome="success")
    log.clock.advance(timedelta(days=20))
    assert await prune(log, 1) == 2
    assert await prune(log, 1) == 0
    assert "Row 3 is not what was sealed there" in caplog.text
    assert str((await check(log)).fault).startswith("Row 3 ")


async def test_retention_does_not_go_on_from_a_forged_checkpoint(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """It would sign it anew, and hide what was removed before."""
    await log.sealed(6)
    events = log.db.schema[EVENTS]
    link = (await log.rows())[2]["link"]
    await log.db.write(lambda tx: tx.run(delete(events).where(events.c.number <= 3)))
    await log.change_state(pruned_number=3, pruned_link=link)
    log.clock.advance(timedelta(days=20))
    assert await prune(log, 1) == 0
    assert "its checkpoint is forged" in caplog.text


# What the sealer refuses to go on from.


async def test_the_sealer_does_not_sign_on_from_a_forged_head(log: Log) -> None:
    """An end that was cut off would else be covered up by the next event."""
    await log.sealed(6)
    events = log.db.schema[EVENTS]
    link = (await log.rows())[3]["link"]
    await log.db.write(lambda tx: tx.run(delete(events).where(events.c.number > 4)))
    await log.change_state(number=4, link=link)
    await log.record()
    with pytest.raises(ChainBroken, match="its head was changed"):
        await log.sealer.seal()


async def test_the_sealer_does_not_begin_a_second_chain(log: Log) -> None:
    """Whoever deletes the key gets no new one, under which the log would verify."""
    await log.sealed(3)
    await log.db.write(lambda tx: tx.run(delete(tx.table(CHAIN))))
    await log.record()
    with pytest.raises(ChainBroken, match="is gone"):
        await log.sealer.seal()
    assert "key is gone" in str((await check(log)).fault)


async def test_a_changed_secret_stops_the_sealer_and_makes_no_other_key(log: Log) -> None:
    """The message names SECRET; with the old one listed behind the new, the key is sealed anew."""
    await log.sealed(1)
    await log.change_state(holder=None)
    await log.record()
    new = b"another secret of the chain: 0123456789 abcdefgh"
    with pytest.raises(SealBroken, match="SECRET"):
        await AuditSealer(log.db, log.clock, Vault([new])).seal()
    assert await AuditSealer(log.db, log.clock, Vault([new, SECRET])).seal() == 1
    assert (await verify(log.db, Vault([new]))).fault is None


async def test_the_key_is_not_in_the_database_in_the_clear(log: Log) -> None:
    """What is stored opens for the vault, and for nothing else, nor for another purpose."""
    await log.sealed(1)
    stored = (await log.state())["sealed"]
    assert log.vault.open(stored, purpose="audit chain") not in stored
    with pytest.raises(SealBroken):
        log.vault.open(stored, purpose="signing key")


async def test_a_running_server_seals_and_prunes_by_itself(running: Gatewright, context: Context) -> None:
    """Within moments the one, when it sweeps the other; by the setting's default after a year."""
    log = Log(running.database)
    log.vault = running.kernel.vault
    await context.audit.record("login.failed", "a-subject", outcome="failure")
    await until_sealed(log, 1)
    clock = running.clock
    assert isinstance(clock, FakeClock)
    clock.advance(timedelta(days=364))
    await running._housekeeping.sweep()
    assert numbers(await log.rows()) == [1]
    clock.advance(timedelta(days=2))
    await running._housekeeping.sweep()
    assert await log.rows() == []
    verdict = await check(log)
    assert (verdict.fault, verdict.checkpoint.number) == (None, 1)
