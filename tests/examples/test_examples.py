"""Each example serves over HTTP what it says, and the README shows the first of them."""

from __future__ import annotations

import json
import runpy
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.docs.blocks import ROOT, Block, blocks_of
from tests.docs.session import PRINTED_PORT, PageSession

EXAMPLES = ROOT / "examples"
ADA = {"email": "ada@example.com", "password": "a longer passphrase", "firstName": "Ada", "lastName": "Lovelace"}
START = f"export GATEWRIGHT_ENVIRONMENT=development\nuvicorn main:app --port {PRINTED_PORT}\n"


class Served:
    """A running example."""

    def __init__(self, session: PageSession) -> None:
        self._session = session

    def call(self, path: str, body: dict[str, Any] | None = None, token: str = "") -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self._session.port}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (an address of ours)
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def register(self) -> str:
        """An access token of a new account."""
        status, body = self.call("/auth/register", ADA)
        assert status == 201
        return str(body["accessToken"])


def serve(name: str, folder: Path) -> Iterator[Served]:
    (folder / "main.py").write_text((EXAMPLES / name / "main.py").read_text())
    with PageSession(folder) as session:
        session.do(Block(f"examples/{name}", 0, "sh", "server", START, ""))
        yield Served(session)


@pytest.fixture
def fastapi(tmp_path: Path) -> Iterator[Served]:
    yield from serve("fastapi", tmp_path)


@pytest.fixture
def starlette(tmp_path: Path) -> Iterator[Served]:
    yield from serve("starlette", tmp_path)


def test_the_fastapi_example_guards_its_routes(fastapi: Served) -> None:
    """Nobody gets in without a token, a user reads what is theirs, and only administrators see the statistics."""
    assert fastapi.call("/reports")[0] == 401
    token = fastapi.register()
    status, report = fastapi.call("/reports", token=token)
    assert (status, report["role"]) == (200, "USER")
    assert fastapi.call("/me", token=token) == (200, {"email": ADA["email"], "hello": "Hello Ada"})
    assert fastapi.call("/admin/stats", token=token)[0] == 403


def test_the_starlette_example_knows_who_asks(starlette: Served) -> None:
    """The middleware answers Gatewright's calls, and tells the app who asks."""
    assert starlette.call("/whoami") == (401, {"error": "Sign in first."})
    status, me = starlette.call("/whoami", token=starlette.register())
    assert (status, me["role"]) == (200, "USER")
    assert starlette.call("/whoami", token="nonsense")[1]["code"] == "invalid_token"


def test_the_starlette_example_greets_in_a_websocket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The middleware says who opens a websocket, too, and refuses one with credentials that do not count."""
    monkeypatch.setenv("GATEWRIGHT_ENVIRONMENT", "development")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'example.db'}")
    app = runpy.run_path(str(EXAMPLES / "starlette" / "main.py"))["app"]
    with TestClient(app) as client:
        made = client.post("/auth/register", json=ADA).json()
        bearer = {"Authorization": f"Bearer {made['accessToken']}"}
        for headers, name in ((bearer, made["user"]["id"]), ({}, "stranger")):
            with client.websocket_connect("/greet", headers=headers) as socket:
                assert socket.receive_json() == {"hello": name}
        refused = client.websocket_connect("/greet", headers={"Authorization": "Bearer nonsense"})
        with pytest.raises(WebSocketDisconnect), refused:
            raise AssertionError("let in")


@pytest.mark.parametrize(("page", "name"), [("README.md", "fastapi"), ("docs/how-to/other-frameworks.md", "starlette")])
def test_the_docs_show_the_example_as_it_is(page: str, name: str) -> None:
    """What is read is what was tried."""
    shown = next(block.text for block in blocks_of(page) if block.file == "main.py")
    assert shown == (EXAMPLES / name / "main.py").read_text()


def test_every_example_is_short() -> None:
    """Ten to thirty lines."""
    lengths = {path.parent.name: len(path.read_text().splitlines()) for path in EXAMPLES.glob("*/main.py")}
    assert all(10 <= length <= 30 for length in lengths.values()), lengths
