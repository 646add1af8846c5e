"""A server as production has it, in a thread, with a fault of choice between it and whoever asks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright import Settings
from tests.cli.conftest import SECRET

Headers = list[tuple[bytes, bytes]]
Fault = Callable[[ASGIApp], ASGIApp]

_START_SECONDS = 60.0


def production(database_url: str, **changes: Any) -> Settings:
    """Settings that a production start accepts; hashes are as cheap as it allows."""
    given: dict[str, Any] = {
        "database_url": database_url,
        "secret": SECRET,
        "public_url": "https://auth.example.com",
        "mail_url": "smtp://127.0.0.1:1",
        "argon2": {"memory_kib": 7168, "iterations": 5},
        **changes,
    }
    return Settings(**given)


@contextmanager
def deployed(app: ASGIApp, **options: Any) -> Iterator[str]:
    """Serve *app*; its address. *options* are uvicorn's."""
    quiet: dict[str, Any] = {"log_config": None, "lifespan": "on", "server_header": False, "proxy_headers": False}
    server = uvicorn.Server(uvicorn.Config(app, **{**quiet, **options}))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            # Requests wait in the listener's queue until the server takes them.
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_START_SECONDS)
    assert not thread.is_alive()


def answering(change: Callable[[Scope, Headers], Headers]) -> Fault:
    """A fault that changes the headers of answers."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_changed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = change({**scope, "status": message["status"]}, list(message["headers"]))
                await send(message)

            await app(scope, receive, send_changed)

        return wrapped

    return wrap


def asking(change: Callable[[Scope], Scope]) -> Fault:
    """A fault that changes requests."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            await app(change(scope) if scope["type"] == "http" else scope, receive, send)

        return wrapped

    return wrap


def instead(answer: Callable[[Scope, Receive, Send], Awaitable[bool]]) -> Fault:
    """A fault that answers some requests itself."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not await answer(scope, receive, send):
                await app(scope, receive, send)

        return wrapped

    return wrap
