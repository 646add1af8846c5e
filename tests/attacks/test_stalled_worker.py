"""A worker whose polls for revocations have stopped trusts nothing that it remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gatewright import Gatewright
from gatewright.addresses import parse_address
from gatewright.core.revocation import FRESH_SECONDS, Revocations, Standing
from gatewright.errors import Unavailable
from gatewright.features.admin import service as admin
from gatewright.features.sessions import service as sessions
from gatewright.storage.database import Transaction
from tests.conftest import sign_in
from tests.live import PASSWORD

# Without loops before Gatewright starts: they keep what they found then.
pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("without_background")]


class Lame:
    """A worker's memory of revocations whose polls stopped some time ago."""

    def __init__(self, auth: Gatewright) -> None:
        self.seconds = 0.0
        kernel = auth.kernel
        ttl = auth.settings.access_token_ttl
        self.revocations = Revocations(kernel.db, kernel.clock, ttl, monotonic=lambda: self.seconds)


@pytest.fixture
async def statements(without_background: None, running: Gatewright) -> list[str]:
    """The statements that run from now on, without those of the background."""
    await running.kernel.revocations.stop()
    seen: list[str] = []
    running.database.observers.append(seen.append)
    return seen


async def _session(auth: Gatewright, email: str) -> tuple[str, str]:
    """A new user and a session of theirs: the identifiers of both."""
    account = await admin.create(
        auth.context(), email=parse_address(email), password_text=PASSWORD, first_name="Test", last_name="User"
    )
    done = await sign_in(auth.context(), account)
    claims = auth.kernel.access_tokens.verify(done.tokens.access_token)
    return account.id, claims.session_id


async def test_a_worker_that_polled_lately_asks_nothing(running: Gatewright, statements: list[str], email: str) -> None:
    """No statement runs while the last complete poll began within 900 ms."""
    user_id, session_id = await _session(running, email)
    lame = Lame(running)
    await lame.revocations.poll()
    statements.clear()
    lame.seconds = FRESH_SECONDS
    assert await lame.revocations.standing(session_id, user_id) == Standing(is_live=True)
    assert statements == []


@pytest.mark.parametrize("has_polled", [True, False])
async def test_a_worker_that_did_not_poll_lately_asks_the_database(
    running: Gatewright, statements: list[str], email: str, has_polled: bool
) -> None:
    """A stalled worker, and one that has not polled yet, know what has ended and changed all the same."""
    user_id, session_id = await _session(running, email)
    lame = Lame(running)
    if has_polled:
        await lame.revocations.poll()
        lame.seconds = FRESH_SECONDS + 0.001
    await admin.set_role(running.context(), email, "ADMIN")
    assert await lame.revocations.standing(session_id, user_id) == Standing(is_live=True, role="ADMIN")
    statements.clear()
    await sessions.end_one(running.context(), user_id, session_id)
    assert await lame.revocations.standing(session_id, user_id) == Standing(is_live=False)


async def test_a_worker_that_cannot_ask_answers_that_it_cannot(
    running: Gatewright, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the database a stalled worker lets nobody in on what it remembers."""
    user_id, session_id = await _session(running, email)
    lame = Lame(running)
    await lame.revocations.poll()

    async def gone(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(running.database, "read", gone)
    assert (await lame.revocations.standing(session_id, user_id)).is_live
    lame.seconds = FRESH_SECONDS + 0.001
    with pytest.raises(Unavailable):
        await lame.revocations.standing(session_id, user_id)


async def test_a_poll_that_hangs_makes_nothing_fresh(
    running: Gatewright, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll counts from when it began: what it brings late is old by then."""
    user_id, session_id = await _session(running, email)
    lame = Lame(running)
    await lame.revocations.poll()
    read = running.database.read

    async def slow(work: Callable[..., Any]) -> Any:
        found = await read(work)
        lame.seconds += 5
        return found

    monkeypatch.setattr(running.database, "read", slow)
    await lame.revocations.poll()
    monkeypatch.undo()
    await sessions.end_one(running.context(), user_id, session_id)
    assert not (await lame.revocations.standing(session_id, user_id)).is_live


async def test_strict_checking_reads_each_time(running: Gatewright, statements: list[str], email: str) -> None:
    """`ACCESS_CHECK=strict` asks the database also right after a poll."""
    user_id, session_id = await _session(running, email)
    lame = Lame(running)
    await lame.revocations.poll()
    await sessions.end_one(running.context(), user_id, session_id)
    assert not (await lame.revocations.standing(session_id, user_id, strict=True)).is_live


async def test_a_row_that_is_committed_late_is_found(running: Gatewright, email: str) -> None:
    """A revocation written before a poll and committed after it is read by the next poll."""
    user_id, session_id = await _session(running, email)
    lame = Lame(running)
    await lame.revocations.poll()
    await sessions.end_one(running.context(), user_id, session_id)
    # Written to have been recorded well before the last poll, as by a transaction that took its time.
    await _backdate(running, seconds=30)
    await lame.revocations.poll()
    assert not (await lame.revocations.standing(session_id, user_id)).is_live


async def _backdate(auth: Gatewright, *, seconds: int) -> None:
    def work(tx: Transaction) -> None:
        table = tx.table("gatewright_revocations")
        for row in tx.all(select(table)):
            earlier = row["recorded_at"] - timedelta(seconds=seconds)
            tx.run(update(table).where(table.c.id == row["id"]).values(recorded_at=earlier))

    await auth.database.write(work)
