"""`gatewright sessions end-all`: as after a backup was restored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from gatewright import Gatewright
from gatewright.core.context import Context
from gatewright.features.sessions import service as sessions
from tests.cli.conftest import SECRET, Shell
from tests.cli.terminal import run_at_terminal
from tests.conftest import add_account, make_settings


def beside(shell: Shell, work: Callable[[Context], Awaitable[None]]) -> None:
    """Run *work* on the shell's database."""

    async def run() -> None:
        auth = Gatewright(make_settings(shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            await work(auth.context())

    asyncio.run(run())


async def sign_in(context: Context, *emails: str, times: int = 1) -> None:
    for email in emails:
        account = await add_account(context, email)
        for _ in range(times):
            await sessions.start(context, user_id=account.id, role="USER", amr=("pwd",))


async def live(context: Context) -> int:
    """How many sessions go on."""
    table = context.db.schema["RefreshToken"]
    counted = select(func.count().label("number")).where(table.c.ended_at.is_(None))
    row = await context.db.read(lambda tx: tx.one(counted))
    assert row is not None
    return int(row["number"])


def test_every_session_of_every_account_ends(ready_shell: Shell) -> None:
    """Once: a second run finds none. The event says how many there were."""
    beside(ready_shell, lambda context: sign_in(context, "a@example.com", "b@example.com", times=2))
    first = ready_shell.run("sessions", "end-all", "--json")
    assert (first.status, first.err, json.loads(first.out)) == (0, "", {"ended": 4})
    second = ready_shell.run("sessions", "end-all", "--yes")
    assert (second.status, second.out) == (0, "Ended 0 session(s).\n")

    async def no_user_is_signed_in(context: Context) -> None:
        assert await live(context) == 0

    beside(ready_shell, no_user_is_signed_in)
    events = json.loads(ready_shell.run("audit", "tail", "--json").out)
    ended = [event["details"] for event in events if event["event"] == "session.all_ended"]
    assert ended == [{"ended": 4}, {"ended": 0}]


def test_a_terminal_is_asked_first(sqlite_shell: Shell) -> None:
    """Everything but a yes changes nothing."""
    beside(sqlite_shell, lambda context: sign_in(context, "a@example.com"))
    refused = run_at_terminal(sqlite_shell, ["sessions", "end-all"], ["n\n"])
    assert refused.status == 1
    assert "Nothing was changed." in refused.err
    assert run_at_terminal(sqlite_shell, ["sessions", "end-all"], ["y\n"]).status == 0


@pytest.mark.both_databases
async def test_many_sessions_end_in_several_transactions(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are told of those alone whose access tokens may count still."""
    monkeypatch.setattr(sessions, "_ENDED_AT_ONCE", 2)
    await sign_in(context, "a@example.com", times=5)
    table, revocations = context.db.schema["RefreshToken"], context.db.schema["gatewright_revocations"]
    ids = [row["id"] for row in await context.db.read(lambda tx: tx.all(select(table.c.id)))]
    long_ago = context.clock.now() - timedelta(hours=1)
    old = update(table).where(table.c.id.in_(ids[:3])).values(last_used_at=long_ago, auth_time=long_ago)
    await context.db.write(lambda tx: tx.run(old))
    assert await sessions.end_all(context) == 5
    assert await live(context) == 0
    message = await context.db.read(lambda tx: tx.all(select(revocations.c.session_id)))
    assert {row["session_id"] for row in message} == set(ids[3:])
