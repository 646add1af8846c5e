"""Whoever can write to the audit log's tables, but has not the key, cannot hide it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete

from gatewright.core.audit.chain import Head
from gatewright.core.audit.verification import verify
from gatewright.storage.database import Transaction
from tests.conftest import make_settings
from tests.core.sealing import EVENTS, Log, opened


@pytest.fixture
async def log(migrated_url: str) -> AsyncIterator[Log]:
    """Nine sealed events."""
    async with opened(migrated_url) as db:
        found = Log(db)
        await found.record(9, reason="written by hand", ended=1)
        await found.sealer.seal()
        yield found


async def fault(log: Log, noted: Head | None = None) -> str:
    return str((await verify(log.db, log.vault, noted)).fault)


def remove(tx: Transaction, first: int, last: int) -> None:
    events = tx.table(EVENTS)
    tx.run(delete(events).where(events.c.number.between(first, last)))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "login.faileD"),
        ("outcome", "success"),
        ("actor_id", "b-subject"),
        ("subject_id", None),
        ("session_id", ""),
        ("request_id", "A-request"),
        ("details", {"reason": "written by hand", "ended": 2}),
        ("details", {"reason": "written by hand", "ended": "1"}),
        ("details", {"reason": "written by hand"}),
        ("link", bytes(32)),
        ("link", None),
        ("personal_hash", bytes(32)),
        ("personal_hash", None),
        ("id", "another"),
    ],
)
async def test_a_changed_byte_is_found(log: Log, column: str, value: Any) -> None:
    """In whichever column."""
    await log.change(5, **{column: value})
    assert (await fault(log)).startswith("Row 5 is not what was sealed there")


@pytest.mark.both_databases
async def test_a_changed_time_is_found(log: Log) -> None:
    """By a microsecond."""
    at = (await log.rows())[4]["occurred_at"]
    await log.change(5, occurred_at=at + timedelta(microseconds=1))
    assert (await fault(log)).startswith("Row 5 is not what was sealed there")


@pytest.mark.parametrize(
    "values",
    [
        {"ip_address": "192.0.2.2"},
        {"ip_address": None},
        {"user_agent": "a robot"},
        {"details": {"reason": "another", "ended": 1}},
        {"details": {"ended": 1}},
        {"personal_salt": bytes(16)},
        {"personal_salt": None},
        {"personal_salt": None, "ip_address": None},
    ],
    ids=str,
)
async def test_a_changed_personal_field_is_found(log: Log, values: dict[str, Any]) -> None:
    """An erasure blanks all of them, with the salt; anything less is a change."""
    await log.change(5, **values)
    assert (await fault(log)).startswith("Personal fields of row 5 were changed")


@pytest.mark.parametrize(("first", "last"), [(1, 1), (5, 5), (3, 6)])
async def test_rows_deleted_in_the_middle_are_found(log: Log, first: int, last: int) -> None:
    """The first of them is named; that what follows was numbered anew does not help."""
    await log.db.write(partial(remove, first=first, last=last))
    assert await fault(log) == f"Row {first} is missing."
    for number in range(last + 1, 10):
        await log.change(number, number=number - (last - first + 1))
    assert (await fault(log)).startswith(f"Row {first} is not what was sealed there")


@pytest.mark.parametrize("with_links", [True, False])
async def test_swapped_rows_are_found(log: Log, with_links: bool) -> None:
    """Two events that changed places, with or without their links."""
    rows = await log.rows()
    await log.change(4, number=1000)
    await log.change(7, number=4, **({} if with_links else {"link": rows[3]["link"]}))
    await log.change(1000, number=7, **({} if with_links else {"link": rows[6]["link"]}))
    assert (await fault(log)).startswith("Row 4 is not what was sealed there")


async def test_a_row_that_is_made_to_look_unsealed_is_found(log: Log) -> None:
    """The sealer would take it up again, at another place."""
    await log.change(5, number=None)
    assert await fault(log) == "Row 5 is missing."
    await log.sealer.seal()
    assert await fault(log) == "Row 5 is missing."


async def test_a_row_added_behind_the_head_is_found(log: Log) -> None:
    """With a number and a link, as if it had been sealed."""
    await log.record()
    await log.change_state(number=9)
    events = log.db.schema[EVENTS]
    forged = {"number": 10, "link": bytes(32), "personal_hash": bytes(32)}
    await log.db.write(lambda tx: tx.run(events.update().where(events.c.number.is_(None)).values(forged)))
    assert await fault(log) == "Row 10 is forged: the chain ends at row 9."


@pytest.mark.both_databases
async def test_a_cut_tail_is_found(log: Log) -> None:
    """The database remembers its head, and a changed head is not signed."""
    link = (await log.rows())[5]["link"]
    await log.db.write(partial(remove, first=7, last=9))
    assert (await fault(log)).startswith("Row 7 is missing, and all behind it")
    await log.change_state(number=6, link=link)
    assert await fault(log) == "The head at row 6 is forged."


async def test_with_a_noted_head_a_tail_is_missed_that_was_cut_with_all_memory_of_it(log: Log) -> None:
    """Tables that were set back to an earlier state look right; the head that was noted since tells."""
    before = await log.state()
    await log.sealed(3)
    noted = (await verify(log.db, log.vault)).head
    assert await fault(log, noted) == "None"
    await log.db.write(partial(remove, first=10, last=12))
    await log.change_state(**before)
    assert await fault(log) == "None"
    assert await fault(log, noted) == "Row 12, the noted head, is missing: the log was cut off behind row 9."
    await log.sealed(5)
    assert await fault(log) == "None"
    assert (await fault(log, noted)).startswith("Row 12 is not the head that was noted")


async def test_a_row_of_another_past_does_not_fit(log: Log) -> None:
    """A log was set back and went on: a row that was sealed before at this number is not of this chain."""
    before = await log.state()
    original = (await log.sealed(3))[10]
    await log.db.write(partial(remove, first=10, last=12))
    await log.change_state(**before)
    await log.sealed(3)
    await log.change(11, **original)
    assert (await fault(log)).startswith("Row 11 is not what was sealed there")


async def test_a_forged_checkpoint_is_found(log: Log) -> None:
    """Rows deleted at the begin, as if retention had done it; also with the signature of another checkpoint."""
    rows, before = await log.rows(), await log.state()
    await log.db.write(partial(remove, first=1, last=4))
    await log.change_state(pruned_number=4, pruned_link=rows[3]["link"])
    assert await fault(log) == "The checkpoint at row 4 is forged."
    await log.change_state(pruned_signature=before["signature"])
    assert await fault(log) == "The checkpoint at row 4 is forged."
    await log.change_state(**before)
    assert await fault(log) == "Row 1 is missing."


async def test_the_time_of_a_checkpoint_cannot_be_changed(log: Log) -> None:
    """It says since when rows are missing."""
    await log.change_state(pruned_at=log.clock.now() + timedelta(days=1))
    assert await fault(log) == "The checkpoint at row 0 is forged."


async def test_a_noted_head_that_retention_has_removed_is_told(log: Log) -> None:
    """It proves nothing any more; the head at the checkpoint itself still does."""
    rows = await log.rows()
    settings = make_settings("sqlite:///unused.db", audit={"retention": "1d"})
    log.clock.advance(timedelta(days=2))
    await log.sealed(1)
    await log.db.write(lambda tx: log.sealer.prune(tx, log.clock.now(), settings))
    older = await verify(log.db, log.vault, Head(5, rows[4]["link"]))
    assert (older.fault, older.is_noted_head_pruned) == (None, True)
    assert await fault(log, Head(9, rows[8]["link"])) == "None"
    assert (await fault(log, Head(9, rows[7]["link"]))).startswith("Row 9 is not the head that was noted")


@pytest.mark.both_databases
async def test_rows_that_wait_are_told_as_such(log: Log) -> None:
    """They are no fault, and nothing vouches for them."""
    await log.record(2)
    verdict = await verify(log.db, log.vault)
    assert (verdict.fault, verdict.rows, verdict.unsealed) == (None, 9, 2)
    assert verdict.unsealed_since == log.clock.now() - timedelta(seconds=1)


@pytest.mark.both_databases
async def test_rows_that_are_pruned_meanwhile_are_no_fault(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification reads a page at a time, and retention may come in between."""
    settings = make_settings("sqlite:///unused.db", audit={"retention": "1d"})
    log.clock.advance(timedelta(days=2))
    await log.sealed(1)
    reading, reads = log.db.read, 0

    async def read(work: Any) -> Any:
        nonlocal reads
        reads += 1
        if reads == 2:
            await log.db.write(lambda tx: log.sealer.prune(tx, log.clock.now(), settings))
        return await reading(work)

    monkeypatch.setattr(log.db, "read", read)
    verdict = await verify(log.db, log.vault)
    assert (verdict.fault, verdict.checkpoint.number, verdict.rows) == (None, 9, 1)


def test_a_head_is_read_as_it_was_written() -> None:
    """Its number and its link, and nothing that is shorter, longer or no hexadecimal."""
    head = Head(1234, bytes(range(32)))
    assert Head.parse(str(head)) == head
    for wrong in ("", "00", str(head)[:-2], str(head) + "00", "z" * 80):
        with pytest.raises(ValueError, match="not as long as a head|non-hexadecimal"):
            Head.parse(wrong)
