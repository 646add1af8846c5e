"""The line between a server and its database, which can be cut and mended."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit


class Cable:
    """A TCP proxy on a port of its own, in a thread of its own.

    Attributes:
        behind: The database's own URL.
    """

    def __init__(self, database_url: str) -> None:
        self.behind = database_url
        self._parts = urlsplit(database_url)
        self._port = 0
        self._listener: asyncio.Server | None = None
        self._connections: set[asyncio.Task[Any]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._carries = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The database's URL by way of this cable."""
        credentials = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{credentials}@127.0.0.1:{self._port}").geturl()

    def restore(self) -> None:
        """Carry connections, on the same port as before; nothing changes when it does."""
        self._do(self._listen())

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._do(self._hang_up())

    def say(self, message: bytes) -> None:
        """Tell every client something, as if the database had said it."""
        self._do(self._say(message))

    def stall(self) -> None:
        """Keep every connection, take new ones, and carry nothing."""
        self._loop.call_soon_threadsafe(self._carries.clear)

    def remove(self) -> None:
        """Cut it for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        self._carries.set()
        if self._listener is not None:
            return
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def _hang_up(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _say(self, message: bytes) -> None:
        for client in self._clients:
            client.write(message)
            await client.drain()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._clients.add(writer)
        # Whoever hangs up, and for whatever reason: it is over for both.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            async with _closed_in_the_end(writer):
                far_reader, far_writer = await asyncio.open_connection(self._parts.hostname, self._parts.port)
                async with _closed_in_the_end(far_writer):
                    await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._clients.discard(writer)
        self._connections.discard(task)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(65_536):
            await self._carries.wait()
            target.write(piece)
            await target.drain()
        target.close()


@asynccontextmanager
async def _closed_in_the_end(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextmanager
def cable_to(database_url: str) -> Iterator[Cable]:
    """A cable that is whole at first, and gone in the end."""
    cable = Cable(database_url)
    cable.restore()
    try:
        yield cable
    finally:
        cable.remove()
