"""The loop that all work in the background runs in."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gatewright.core.background import BackgroundLoop, varied
from gatewright.errors import SetupError, Unavailable

LOG = logging.getLogger("gatewright.test")


class Steps:
    """Work that ends each time as the test says, and a pause that ends when the test says."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.done = asyncio.Event()
        self.loop = BackgroundLoop("test", self.work, self.pause, log=LOG, failure="cannot do it")

    async def work(self) -> None:
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.done.set()
        if outcome is not None:
            raise outcome

    async def pause(self) -> None:
        if not self.outcomes:
            await asyncio.Event().wait()

    async def run(self) -> None:
        self.loop.start()
        await asyncio.wait_for(self.done.wait(), 10)
        await asyncio.sleep(0)
        await self.loop.stop()


async def test_a_failure_is_logged_once_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    """The loop goes on after each, and a second trouble is news again."""
    fault = LookupError("of the work")
    await Steps(fault, fault, None, fault, None).run()
    assert [record.getMessage() for record in caplog.records] == ["cannot do it"] * 2
    assert all(record.exc_info for record in caplog.records)


async def test_what_an_operator_can_mend_is_logged_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """A `SetupError` says what to do by itself."""
    await Steps(SetupError("Do this."), None).run()
    assert [(record.getMessage(), record.exc_info) for record in caplog.records] == [("Do this.", None)]


async def test_a_database_that_is_away_has_its_own_line(caplog: pytest.LogCaptureFixture) -> None:
    """`Unavailable` is logged where it is raised, and not by each loop again."""
    await Steps(Unavailable(), Unavailable(), None).run()
    assert caplog.records == []


@pytest.mark.parametrize("grace", [0.0, 10.0])
async def test_stopping_ends_the_work_at_once_or_when_it_is_done(grace: float) -> None:
    """Without grace, the call that is under way is cancelled; with it, it ends well, and none follows."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await go_on.wait()
        ended.append("well")

    async def pause() -> None:
        assert not ended

    loop = BackgroundLoop("test", work, pause, log=LOG, failure="cannot do it")
    loop.start()
    await begun.wait()
    stopping = asyncio.create_task(loop.stop(grace=grace))
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert ended == (["well"] if grace else [])


async def test_a_loop_that_never_started_stops() -> None:
    """A start that failed before stops all the same."""
    await Steps().loop.stop()


def test_pauses_differ_within_their_bounds() -> None:
    """Workers that start together do not ask the database together."""
    pauses = {varied(100.0, 0.25) for _ in range(100)}
    assert len(pauses) > 50
    assert all(75.0 <= each <= 125.0 for each in pauses)
