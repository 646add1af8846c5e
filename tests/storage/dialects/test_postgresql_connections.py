"""The connections of hot statements: bounded, never lent twice, and none lost to callers who leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from gatewright.storage.dialects import postgresql_connections
from gatewright.storage.dialects.postgresql_connections import HotConnections


class FakeConnection:
    """A connection whose statement ends when the test says so."""

    def __init__(self) -> None:
        self.ended = False
        self.users = 0
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def fetchrow(self, _sql: str, *, timeout: float) -> Any:
        assert timeout > 0
        self.users += 1
        assert self.users == 1, "lent to two at once"
        try:
            return await self.answer
        finally:
            self.users -= 1
            self.answer = asyncio.get_running_loop().create_future()

    def is_closed(self) -> bool:
        return self.ended

    def terminate(self) -> None:
        self.ended = True

    async def close(self, timeout: float | None = None) -> None:
        self.ended = True


class FakeServer:
    """Opens fake connections, or refuses to."""

    def __init__(self) -> None:
        self.opened: list[FakeConnection] = []
        self.refuses = False

    async def connect(self) -> Any:
        await asyncio.sleep(0)
        if self.refuses:
            raise ConnectionRefusedError
        self.opened.append(FakeConnection())
        return self.opened[-1]


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
async def two(server: FakeServer) -> HotConnections:
    return of_server(server, 2)


def of_server(server: FakeServer, size: int, *, patience: float = 5.0) -> HotConnections:
    return HotConnections(server.connect, size, patience=patience, is_current=is_open)


def is_open(connection: Any) -> bool:
    return not connection.is_closed()


def ask(connections: HotConnections, *, seconds: float = 5.0) -> asyncio.Task[Any]:
    return asyncio.create_task(connections.fetchrow("SELECT", [], seconds=seconds))


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_connections_are_opened_than_allowed(server: FakeServer, two: HotConnections) -> None:
    """Those who find none free wait, and are served one after the other by those that come back."""
    tasks = [ask(two) for _ in range(5)]
    await settle()
    assert len(server.opened) == 2
    for number in range(5):
        busy = next(connection for connection in server.opened if connection.users)
        busy.answer.set_result(number)
        await settle()
    assert sorted([await task for task in tasks]) == [0, 1, 2, 3, 4]
    assert len(server.opened) == 2


async def test_a_statement_that_is_broken_off_takes_its_connection_along(
    server: FakeServer, two: HotConnections
) -> None:
    """What comes next on it could be the answer to another: it is ended, and who waits gets a new one."""
    first, _, third = ask(two), ask(two), ask(two)
    await settle()
    first.cancel()
    await settle()
    assert server.opened[0].ended
    server.opened[2].answer.set_result("answer")
    assert await third == "answer"


@pytest.mark.parametrize("error", [asyncpg.UniqueViolationError("taken"), ValueError("cannot be sent")])
async def test_a_statement_that_is_refused_leaves_its_connection_whole(
    server: FakeServer, two: HotConnections, error: Exception
) -> None:
    """Otherwise a value that the database refuses would cost a connection each time."""
    task = ask(two)
    await settle()
    server.opened[0].answer.set_exception(error)
    with pytest.raises(type(error)):
        await task
    task = ask(two)
    await settle()
    assert len(server.opened) == 1
    server.opened[0].answer.set_result("answer")
    assert await task == "answer"


async def test_who_leaves_while_waiting_takes_no_connection_along(server: FakeServer, two: HotConnections) -> None:
    """Also when the connection came at the very moment."""
    _, _, leaves_early, leaves_late, stays = (ask(two) for _ in range(5))
    await settle()
    leaves_early.cancel()
    await settle()
    server.opened[0].answer.set_result(None)
    # The first task gives its connection to the late leaver, who has not run since.
    await asyncio.sleep(0)
    leaves_late.cancel()
    await settle()
    server.opened[0].answer.set_result("answer")
    assert await stays == "answer"


async def test_a_connection_that_cannot_be_opened_leaves_its_place(server: FakeServer) -> None:
    """Each caller learns that the server is gone, and the next one finds it back."""
    one = of_server(server, 1)
    server.refuses = True
    for task in [ask(one) for _ in range(3)]:
        with pytest.raises(ConnectionRefusedError):
            await task
    server.refuses = False
    task = ask(one)
    await settle()
    server.opened[0].answer.set_result("answer")
    assert await task == "answer"


async def test_waiting_comes_to_an_end(server: FakeServer) -> None:
    """Who finds no connection in time is told so, and the connection is there for the next."""
    impatient = of_server(server, 1, patience=0.0)
    first = ask(impatient)
    await settle()
    with pytest.raises(TimeoutError):
        await ask(impatient)
    server.opened[0].answer.set_result("answer")
    assert await first == "answer"
    last = ask(impatient)
    await settle()
    server.opened[0].answer.set_result("answer")
    assert await last == "answer"


@pytest.mark.parametrize("reason", ["closed", "old"])
async def test_a_connection_that_may_be_dead_is_not_used_again(
    server: FakeServer, two: HotConnections, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """The server has closed it, or nobody has used it for so long that something in between may have forgotten it."""
    await two.open_first()
    if reason == "closed":
        server.opened[0].ended = True
    else:
        monkeypatch.setattr(postgresql_connections, "_IDLE_SECONDS", 0.0)
    task = ask(two)
    await settle()
    server.opened[1].answer.set_result("answer")
    assert await task == "answer"
    assert server.opened[0].ended


async def test_closing_ends_every_connection(server: FakeServer, two: HotConnections) -> None:
    """Those that are in use end when their statement does."""
    busy = ask(two)
    await settle()
    await two.open_first()
    await two.close()
    assert [connection.ended for connection in server.opened] == [False, True]
    server.opened[0].answer.set_result("answer")
    assert await busy == "answer"
    assert server.opened[0].ended


@pytest.fixture
async def real(postgres_url: str) -> AsyncIterator[HotConnections]:
    connections = HotConnections(lambda: asyncpg.connect(postgres_url), 4, patience=5.0, is_current=is_open)
    yield connections
    await connections.close()


async def test_connections_that_the_server_ended_are_replaced(real: HotConnections, postgres_url: str) -> None:
    """After a restart or a failover, calls work again without anybody's help."""
    sql = "SELECT pg_backend_pid() AS pid, pg_sleep(0.01)"

    async def pids() -> set[int]:
        records = await asyncio.gather(*(real.fetchrow(sql, [], seconds=5.0) for _ in range(4)))
        return {record["pid"] for record in records if record}

    before = await pids()
    other = await asyncpg.connect(postgres_url)
    for pid in before:
        await other.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    await other.close()
    after = await pids()
    assert len(before) == len(after) == 4
    assert not before & after
