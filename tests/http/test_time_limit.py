"""Each request has one limit for all its waiting on the database, until its answer begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, WebSocket
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.server import create
from gatewright.storage.time_limit import REQUEST_SECONDS, TIME_LIMIT
from tests.conftest import make_settings

Build = Callable[[Gatewright], FastAPI]


def library(auth: Gatewright) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    return app


@pytest.fixture(params=[library, create])
def client(request: pytest.FixtureRequest, sqlite_template_copy: Path) -> Iterator[TestClient]:
    """An app of somebody's own, and the stand-alone server, each with routes that look at their limit."""
    build: Build = request.param
    app = build(Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}")))

    @app.get("/limit")
    async def limit() -> float | None:
        return left()

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[str]:
            yield str(left())

        return StreamingResponse(pieces())

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(left()))
        await websocket.close()

    with TestClient(app) as client:
        yield client


def left() -> float | None:
    limit = TIME_LIMIT.get()
    return None if limit is None else limit.left


def test_a_request_has_a_limit_until_its_answer_begins(client: TestClient) -> None:
    """What is streamed, such as an export, may take as long as it does; each request has a limit of its own."""
    assert client.get("/limit").json() == client.get("/limit").json() == REQUEST_SECONDS
    assert client.get("/stream").text == "None"


def test_a_websocket_has_no_limit(client: TestClient) -> None:
    """It stays open for hours."""
    with client.websocket_connect("/socket") as socket:
        assert socket.receive_text() == "None"
