"""The connections that PostgreSQL's hot statements run on.

A pool for single statements can be much simpler than asyncpg's, which makes a task and a timer for each use: 46 µs of
processor time for a select by key became 16 µs. Nothing that a statement leaves behind has to be cleaned up, because a
connection is only ever lent for one statement, outside a transaction.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from gatewright.storage.dialects.postgresql_errors import is_lost

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

_IDLE_SECONDS = 300.0
"""A connection that was not used for so long is replaced: something in between may have forgotten it."""

_CLOSE_SECONDS = 2.0


class HotConnections:
    """A bounded number of connections, each lent for one statement.

    Args:
        connect: Opens a connection.
        size: How many there are at most.
        patience: Seconds that a statement waits for a connection before it fails with `TimeoutError`.
        is_current: Whether a connection may be used again.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        size: int,
        *,
        patience: float,
        is_current: Callable[[Connection], bool],
    ) -> None:
        self._connect = connect
        self._size = size
        self._patience = patience
        self._is_current = is_current
        self._open = 0
        self._idle: list[tuple[Connection, float]] = []
        # A caller that waits gets a connection, or None: the right to open one.
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._closing: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    async def fetchrow(self, sql: str, arguments: Sequence[Any], *, seconds: float) -> asyncpg.Record | None:
        """Run one statement; its first row.

        Args:
            sql: The statement.
            arguments: Its values.
            seconds: How long all of it may take, the wait for a connection included.

        Raises:
            TimeoutError: No connection became free in time, or the statement took too long.
            asyncpg.PostgresError: The server refused it, or cannot be reached.
        """
        deadline = self._loop.time() + seconds
        connection = self._take_idle() or await self._wait(seconds) or await self._open_one(deadline)
        try:
            record = await connection.fetchrow(sql, *arguments, timeout=max(deadline - self._loop.time(), 0.001))
        except (asyncpg.PostgresError, ValueError) as error:
            # Refused by the server, or by the driver before it was sent.
            if is_lost(error):
                self._drop(connection)
            else:
                self._give_back(connection)
            raise
        except BaseException:
            # It may be in the middle of something: a caller who left, an answer that did not come.
            self._abandon(connection)
            raise
        self._give_back(connection)
        return record

    async def open_first(self) -> Connection:
        """Open a connection, so that problems are found now; it may be inspected until a statement runs."""
        self._open += 1
        connection = await self._open_one(self._loop.time() + self._patience)
        self._give_back(connection)
        return connection

    async def close(self) -> None:
        """Close the connections that are not in use; the others close when they are given back."""
        self._size = 0
        idle, self._idle = self._idle, []
        self._open -= len(idle)
        await asyncio.gather(*(_close(connection) for connection, _ in idle))
        if self._closing:
            await asyncio.wait(self._closing)

    def drop_idle(self) -> None:
        """Close the connections that are not in use, since they are not current any more."""
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            self._drop(connection)

    def _take_idle(self) -> Connection | None:
        while self._idle:
            # The last one used, so that connections which are not needed grow old.
            connection, since = self._idle.pop()
            if self._is_current(connection) and self._loop.time() - since < _IDLE_SECONDS:
                return connection
            self._drop(connection)
        return None

    async def _wait(self, seconds: float) -> Connection | None:
        if self._open < self._size:
            self._open += 1
            return None
        turn: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(turn)
        end = self._loop.call_later(min(self._patience, seconds), _give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            # It came at the same moment: another caller gets it.
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on(turn.result())
            raise
        finally:
            end.cancel()

    async def _open_one(self, deadline: float) -> Connection:
        """Open a connection that is counted already."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._connect()
        except BaseException:
            self._pass_on(None)
            raise

    def _give_back(self, connection: Connection) -> None:
        if self._size == 0 or not self._is_current(connection):
            self._drop(connection)
        else:
            self._pass_on(connection)

    def _drop(self, connection: Connection) -> None:
        connection.terminate()
        self._pass_on(None)

    def _abandon(self, connection: Connection) -> None:
        """Close a connection in the middle of a statement, which ends on the server first: terminated, it would go on.

        A commit that waits for a standby, say, would keep its connection on the server for ever.
        """
        closing = self._loop.create_task(_close(connection))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._pass_on(None)

    def _pass_on(self, connection: Connection | None) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._open -= 1
        else:
            self._idle.append((connection, self._loop.time()))


def _give_up(turn: asyncio.Future[Connection | None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError("no connection became free in time"))


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=_CLOSE_SECONDS)
    except Exception:
        # The server's answer does not matter.
        connection.terminate()
