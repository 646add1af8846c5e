"""HEAD: wherever GET is, with the same status and headers, and without content (RFC 9110 section 9.3.2)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from httpx2 import Response as Answer
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from gatewright import CurrentUser, Gatewright, GatewrightMiddleware
from gatewright.server import create
from gatewright.testing.clients import AsUser
from tests.conftest import make_settings

APP = "https://app.example.com"
OWN = ["/users/profile", "/users/profile/export", "/auth/sessions", "/.well-known/jwks.json"]
PAGES = [f"/auth/pages/{name}" for name in ("verify-email", "reset-password", "not-me", "change-email", "invitation")]
SERVICE = ["/health/live", "/health/ready", "/users/admin", "/openapi.json", "/docs", "/auth/inbox", "/nowhere"]
HOSTS = ["/plain", "/included", "/stream", "/users/none", "/static/page.html", "/static/none", "/fails"]


@pytest.fixture
def auth(sqlite_template_copy: Path) -> Gatewright:
    return Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", cors_origins=[APP]))


@pytest.fixture
def client(auth: Gatewright, tmp_path: Path) -> Iterator[TestClient]:
    """An administrator at a server with routes of its own."""
    (tmp_path / "page.html").write_text("<!doctype html><title>Page</title>")
    app = create(auth)
    add_routes(app)
    app.mount("/static", StaticFiles(directory=tmp_path))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield AsUser(client, auth)(role="ADMIN")


def add_routes(app: FastAPI) -> None:
    @app.get("/plain")
    async def plain(user: CurrentUser) -> str:
        return user.role

    router = APIRouter()

    @router.get("/included")
    def included() -> dict[str, int]:
        return {"number": 1}

    app.include_router(router)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"

        return StreamingResponse(parts())

    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError

    @app.get("/counted")
    async def counted(request: Request) -> str:
        return request.method

    @app.head("/counted", include_in_schema=False)
    async def head_of_counted() -> Response:
        return Response(headers={"X-Own": "yes"})


def comparable(answer: Answer) -> tuple[int, dict[str, str]]:
    """What has to be alike: all but what is new in each answer."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    if answer.status_code >= 400:
        # A problem document holds the request id, whose length may differ.
        assert headers.pop("content-length")
    return answer.status_code, {name: re.sub(r"'nonce-[^']*'", "", value) for name, value in headers.items()}


@pytest.mark.parametrize("signed_in", [True, False])
def test_head_answers_wherever_get_does(client: TestClient, signed_in: bool) -> None:
    """Hot, other and page routes, the service's own, the app's own, files, and refusals of all of them."""
    if not signed_in:
        del client.headers["Authorization"]
    for path in [*OWN, *PAGES, *SERVICE, *HOSTS]:
        got, headed = client.get(path), client.head(path)
        assert comparable(headed) == comparable(got), path
        assert headed.content == b"", path
        assert headed.status_code != 405, path


def test_every_documented_get_takes_head(client: TestClient, auth: Gatewright) -> None:
    """None was forgotten above; and the document lists no HEAD, which would be every operation twice."""
    paths = client.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        assert "head" not in operations
        answer = client.head(re.sub(r"\{[^}]*\}", "none", path))
        assert (answer.status_code == 405) is ("get" not in operations), path
        assert answer.content == b""


def test_allow_lists_head_with_get_and_only_then(client: TestClient) -> None:
    """On Gatewright's routes and on the app's."""
    assert client.put("/users/profile").headers["allow"] == "DELETE, GET, HEAD, PATCH"
    assert client.put("/.well-known/jwks.json").headers["allow"] == "GET, HEAD"
    assert client.put("/plain").headers["allow"] == "GET, HEAD"
    assert client.put("/health/live").headers["allow"] == "GET, HEAD"
    assert client.head("/auth/login").headers["allow"] == "POST"
    assert client.head("/auth/login").status_code == 405


def test_a_route_of_the_apps_own_for_head_stays(client: TestClient) -> None:
    """It knows better what it answers."""
    assert client.head("/counted").headers["x-own"] == "yes"
    assert client.get("/counted").json() == "GET"


@pytest.mark.usefixtures("without_background")
def test_head_changes_nothing(auth: Gatewright, client: TestClient) -> None:
    """No call writes: not a scanner's that looks at mailed links, and not one with a foreign page's cookie either."""
    statements: list[str] = []
    auth.database.observers.append(statements.append)
    for path in [*OWN, *HOSTS, *(f"{page}?token=none" for page in PAGES)]:
        client.head(path, headers={"Origin": "https://evil.example", "Cookie": "gatewright_access=none"})
    # An export is an event of the audit log, whoever asks for it and how.
    writes = [each for each in statements if not each.startswith(("SELECT", "INSERT INTO gatewright_audit_events"))]
    assert writes == []


def test_a_listed_page_may_ask_with_head(client: TestClient) -> None:
    """A preflight for HEAD with a token passes as one for GET does (Fetch standard section 4.8)."""
    preflight = {
        "Origin": APP,
        "Access-Control-Request-Method": "HEAD",
        "Access-Control-Request-Headers": "authorization",
    }
    assert client.options("/users/profile", headers=preflight).status_code == 200


def installed(auth: Gatewright) -> ASGIApp:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    return app


def wrapped(auth: Gatewright) -> ASGIApp:
    return GatewrightMiddleware(Starlette(), auth)


@pytest.mark.parametrize("host", [installed, wrapped])
def test_gatewrights_routes_take_head_in_every_host(auth: Gatewright, host: object) -> None:
    """In an app that it is installed in, and around another."""
    assert callable(host)
    with TestClient(host(auth)) as client:
        user = AsUser(client, auth)()
        for path in [*OWN, *PAGES]:
            got, headed = user.get(path), user.head(path)
            assert comparable(headed) == comparable(got), path
            assert headed.content == b"", path
