"""The lifespan around any ASGI app: apps that have none, and apps whose start or end fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright import Gatewright, GatewrightMiddleware, SetupError
from gatewright.http.lifespan import LifespanAround
from tests.conftest import make_settings

COMPLETE = ["start", "lifespan.startup.complete", "stop", "lifespan.shutdown.complete"]
STARTUP_FAILED = ["start", "stop", "lifespan.startup.failed"]


class Recorded:
    """In place of a Gatewright: writes down when it starts and stops, among what the server is told."""

    def __init__(self, *, start: Exception | None = None, stop: Exception | None = None) -> None:
        self.events: list[str] = []
        self.messages: list[Message] = []
        self._start_error, self._stop_error = start, stop

    async def start(self) -> None:
        self.events.append("start")
        if self._start_error is not None:
            raise self._start_error

    async def stop(self) -> None:
        self.events.append("stop")
        if self._stop_error is not None:
            raise self._stop_error

    async def serve(self, app: ASGIApp) -> None:
        """Play the server as uvicorn does: it asks for the end once it has an answer to the start."""
        answered = asyncio.Event()
        sent = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> Message:
            kind = next(sent, None)
            if kind is None:
                await asyncio.Event().wait()
            if kind == "lifespan.shutdown":
                await answered.wait()
            return {"type": kind}

        async def send(message: Message) -> None:
            self.events.append(message["type"])
            self.messages.append(message)
            answered.set()

        scope: Scope = {"type": "lifespan", "state": {}}
        serving = asyncio.create_task(LifespanAround(self, receive, send).run(app, scope))
        # An app may wait for a third message, which no server sends.
        await asyncio.wait([serving], timeout=0.05 if app is waiting_for_more else 5)
        if app is waiting_for_more:
            serving.cancel()
            await asyncio.wait([serving])
        else:
            await serving


async def raising(scope: Scope, receive: Receive, send: Send) -> None:
    """Django, asgiref's WsgiToAsgi, Channels."""
    if scope["type"] != "http":
        raise ValueError(f"cannot handle {scope['type']}")


async def returning(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return


async def answering_like_a_request(scope: Scope, receive: Receive, send: Send) -> None:
    """The first example of many introductions: it looks at no scope."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def reading_a_body_first(scope: Scope, receive: Receive, send: Send) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def reading_one_message(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


async def waiting_for_more(scope: Scope, receive: Receive, send: Send) -> None:
    while scope["type"] == "lifespan":
        await receive()


async def answering_the_start_only(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


async def answering_both(scope: Scope, receive: Receive, send: Send) -> None:
    await answering_the_start_only(scope, receive, send)
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def breaking_off(scope: Scope, receive: Receive, send: Send) -> None:
    await answering_the_start_only(scope, receive, send)
    raise RuntimeError("a background job failed")


async def leaving_the_end_unanswered(scope: Scope, receive: Receive, send: Send) -> None:
    await answering_the_start_only(scope, receive, send)
    await receive()


@pytest.mark.parametrize(
    "app",
    [
        raising,
        returning,
        answering_like_a_request,
        reading_a_body_first,
        reading_one_message,
        waiting_for_more,
        answering_the_start_only,
        answering_both,
        breaking_off,
        leaving_the_end_unanswered,
        Starlette(),
    ],
)
async def test_the_server_gets_both_answers_whatever_the_app_does(app: ASGIApp) -> None:
    """Gatewright runs from before the first answer until before the last."""
    auth = Recorded()
    await auth.serve(app)
    assert auth.events == COMPLETE


async def test_a_start_that_fails_stops_the_server() -> None:
    """The app says so itself; what has started is stopped before the server hears it, and leaves."""

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no disk"})

    auth = Recorded()
    await auth.serve(failing)
    assert auth.events == STARTUP_FAILED
    assert auth.messages[-1]["message"] == "no disk"


async def test_a_start_that_raises_in_a_framework_stops_the_server() -> None:
    """Starlette, FastAPI and Litestar send the failure, and raise."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        raise OSError("no disk")
        yield

    auth = Recorded()
    with pytest.raises(OSError, match="no disk"):
        await auth.serve(Starlette(lifespan=lifespan))
    assert auth.events == STARTUP_FAILED


async def test_an_app_that_raises_over_the_message_is_served_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """The protocol has the server go on; the log has the reason, since it may have been meant as a failure."""

    async def crashing(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise OSError("no disk")

    auth = Recorded()
    await auth.serve(crashing)
    assert auth.events == COMPLETE
    assert "no disk" in caplog.text


async def test_what_breaks_off_between_start_and_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """As an error; requests are answered all the same."""
    await Recorded().serve(breaking_off)
    assert "a background job failed" in caplog.text


async def test_an_app_without_a_lifespan_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    """No warning, and no traceback of an exception that belongs to the protocol."""
    caplog.set_level(logging.INFO)
    await Recorded().serve(raising)
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("INFO", None)]


@pytest.mark.parametrize("how", ["sent", "raised"])
async def test_an_end_that_fails_is_passed_on(how: str) -> None:
    """Gatewright stops all the same, and first."""

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await answering_the_start_only(scope, receive, send)
        await receive()
        if how == "raised":
            raise OSError("not flushed")
        await send({"type": "lifespan.shutdown.failed", "message": "not flushed"})

    auth = Recorded()
    if how == "raised":
        with pytest.raises(OSError, match="not flushed"):
            await auth.serve(failing)
    else:
        await auth.serve(failing)
    assert auth.events == [*COMPLETE[:-1], "lifespan.shutdown.failed"]
    assert auth.messages[-1]["message"] == "not flushed"


async def test_a_start_of_gatewrights_that_fails_is_one_sentence() -> None:
    """The server prints the message, without a traceback, and ends; the app is not called."""
    auth = Recorded(start=SetupError("There is no database yet."))
    with pytest.raises(SetupError):
        await auth.serve(answering_both)
    assert auth.messages == [{"type": "lifespan.startup.failed", "message": "There is no database yet."}]
    assert auth.events == ["start", "lifespan.startup.failed"]


async def test_a_stop_of_gatewrights_that_fails_is_told() -> None:
    """Instead of an end that looks well."""
    auth = Recorded(stop=OSError("stuck"))
    with pytest.raises(OSError, match="stuck"):
        await auth.serve(raising)
    assert auth.events == [*COMPLETE[:-1], "lifespan.shutdown.failed"]


@pytest.mark.parametrize("app", [answering_both, raising])
async def test_a_server_that_gives_up_has_gatewright_stopped(app: ASGIApp) -> None:
    """A lifespan that is cancelled in between."""
    auth, running = Recorded(), asyncio.Event()
    sent = iter([{"type": "lifespan.startup"}])

    async def receive() -> Message:
        message = next(sent, None)
        if message is None:
            await asyncio.Event().wait()
        return message or {}

    async def send(message: Message) -> None:
        running.set()

    serving = asyncio.create_task(LifespanAround(auth, receive, send).run(app, {"type": "lifespan"}))
    await running.wait()
    serving.cancel()
    await asyncio.wait([serving])
    assert auth.events == ["start", "stop"]


async def test_the_app_gets_the_servers_state() -> None:
    """What it keeps in the lifespan's state is there for its requests."""
    seen: list[Any] = []

    async def keeping(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["pool"] = 1
        seen.append(scope["state"])
        await answering_both(scope, receive, send)

    await Recorded().serve(keeping)
    assert seen == [{"pool": 1}]


@pytest.mark.parametrize("app", [raising, returning, answering_like_a_request])
def test_gatewright_works_around_an_app_without_a_lifespan(sqlite_template_copy: Path, app: ASGIApp) -> None:
    """Its calls are answered, and the app's, time after time."""
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}"))
    wrapped = GatewrightMiddleware(app, auth)
    for _ in range(2):
        with TestClient(wrapped, raise_server_exceptions=False) as client:
            assert client.get("/.well-known/jwks.json").status_code == 200
            assert client.get("/users/profile").status_code == 401
            if app is answering_like_a_request:
                assert client.get("/anything").text == "hello"
        with pytest.raises(RuntimeError, match="not been started"):
            _ = auth.kernel
