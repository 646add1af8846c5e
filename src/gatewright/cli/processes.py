"""The processes of `gatewright serve`: uvicorn in this one, or under its supervisor in several."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from socket import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright.app import Gatewright
from gatewright.cli import apps, log_lines
from gatewright.cli._compat import Multiprocess, Process
from gatewright.cli.console import REFUSED
from gatewright.cli.protocol import BoundedHttpsProtocol, BoundedProtocol
from gatewright.errors import GatewrightError, SetupError

_SECONDS_TO_FINISH = 20
_SECONDS_TO_START = 30
_SECONDS_BEFORE_NEXT_START = 1

_log = logging.getLogger("gatewright.server")


def serve_here(
    auth: Gatewright, app: ASGIApp, listener: socket, announce: Callable[[], None], *, shows_seals: bool = True
) -> None:
    """Serve in this process until a signal ends it; *announce* is called when everything has been checked.

    Args:
        shows_seals: Whether each seal of the audit log has a log line.

    Raises:
        SetupError: The server cannot start.
    """
    config = _config(app, auth, shows_seals=shows_seals)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(auth, _Server(config), listener, announce))


def serve_with_workers(auth: Gatewright, listener: socket, announce: Callable[[], None], *, workers: int) -> None:
    """Serve in several processes until a signal ends them; one that dies is replaced.

    Raises:
        SetupError: The server cannot start.
    """
    asyncio.run(_check(auth, announce))
    port = listener.getsockname()[1]
    config = _config(partial(worker, port), auth, factory=True, workers=workers)
    _Supervisor(config, [listener]).run()


def worker(port: int) -> ASGIApp:
    """The app of one of several processes."""
    with _leaving_one_line():
        auth, app = apps.load(port)
    _leave_alone_what_is_there()

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        async with _started(auth):
            await app(scope, receive, send)

    return served


async def _serve(auth: Gatewright, server: uvicorn.Server, listener: socket, announce: Callable[[], None]) -> None:
    async with auth.lifespan(None):
        announce()
        _leave_alone_what_is_there()
        await server.serve(sockets=[listener])


async def _check(auth: Gatewright, announce: Callable[[], None]) -> None:
    async with auth.lifespan(None):
        announce()


@asynccontextmanager
async def _started(auth: Gatewright) -> AsyncIterator[None]:
    # A worker may have to start while the database is away: it ends with one line, and is replaced by another until
    # one finds the database again. uvicorn catches every exception here, and would show where it came from.
    try:
        await auth.start()
    except (SetupError, GatewrightError) as error:
        _log.error("A worker cannot start: %s", error)
        await asyncio.sleep(_SECONDS_BEFORE_NEXT_START)
        os._exit(REFUSED)
    try:
        yield
    finally:
        await auth.stop()


@contextlib.contextmanager
def _leaving_one_line() -> Iterator[None]:
    try:
        yield
    except SetupError as error:
        _log.error("A worker cannot start: %s", error)
        raise SystemExit(REFUSED) from None


def _leave_alone_what_is_there() -> None:
    # Classes, functions and tables stay for good: without them, looking for garbage is over sooner.
    gc.freeze()
    gc.enable()


class _Supervisor(Multiprocess):
    """uvicorn's, which replaces workers that have ended, whatever for.

    uvicorn's own also asks each worker for a sign of life, and waits for it. One that ends before it can answer, as
    when it cannot start, would keep all others from being replaced, and the server from being stopped, meanwhile.
    """

    def keep_subprocess_alive(self) -> None:
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set() or process.process.is_alive():
                continue
            # Frees its pipes as well.
            process.kill()
            process.join()
            _log.warning("Worker %s exited with status %s; a new one replaces it", process.pid, process.exitcode)
            self.processes[index] = Process(self.config, self.sockets)
            self.processes[index].start()


class _Server(uvicorn.Server):
    """uvicorn's, which ends with status 0 once it has done what a signal asked for."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _config(app: Any, auth: Gatewright, *, shows_seals: bool = True, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        http=BoundedHttpsProtocol if auth.is_https else BoundedProtocol,
        ws="none",
        log_config=log_lines.configuration(in_development=auth.settings.in_development, shows_seals=shows_seals),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        timeout_worker_healthcheck=_SECONDS_TO_START,
        **options,
    )
