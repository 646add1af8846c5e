"""Apps inside an app: guards answer there as in the host, with no second `install`."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, WebSocket
from httpx2 import Response as Answer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Host, Mount, Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket as StarletteWebSocket

from gatewright import (
    CurrentAccount,
    CurrentUser,
    Gatewright,
    GatewrightError,
    GatewrightMiddleware,
    InvalidToken,
    OptionalUser,
    require_recent,
    require_role,
    require_verified,
)
from gatewright.crud import RequestContext, Router
from gatewright.errors import Conflict
from gatewright.http.schemas import RequestBody
from gatewright.testing import FakeClock
from gatewright.testing.clients import AsUser
from tests.conftest import make_settings

PROBLEM = "application/problem+json"
GUARDED = ("/user", "/optional", "/role", "/recent", "/account", "/verified", "/by-router")
MakeHost = Callable[[Gatewright, ASGIApp], ASGIApp]


class OutOfStock(GatewrightError):
    """An error of the app's own, in Gatewright's form."""

    code = "out_of_stock"
    status = 409
    title = "Nothing is left of it."


class Order(RequestBody):
    """A body."""

    item: str


def guarded(auth: Gatewright, **options: Any) -> FastAPI:
    """A sub-app with every kind of guard; it knows nothing of `install`."""
    app = FastAPI(**options)
    add_guarded_routes(app)
    add_other_routes(app, auth)
    return app


def add_guarded_routes(app: FastAPI) -> None:
    @app.get("/user")
    def user(user: CurrentUser) -> str:
        return user.role

    @app.post("/orders")
    async def order(user: CurrentUser) -> str:
        return user.role

    @app.get("/optional")
    async def optional(user: OptionalUser) -> str:
        return user.role if user else "nobody"

    @app.get("/role", dependencies=[Depends(require_role("ADMIN"))])
    async def role() -> str:
        return "in"

    @app.get("/recent")
    async def recent(user: Annotated[Any, Depends(require_recent)]) -> str:
        return str(user.role)

    @app.get("/account")
    async def account(account: CurrentAccount) -> str:
        return account.role

    @app.get("/verified", dependencies=[Depends(require_verified)])
    def verified() -> str:
        return "in"

    router = APIRouter(dependencies=[Depends(require_role("ADMIN"))])

    @router.get("/by-router")
    async def by_router() -> str:
        return "in"

    app.include_router(router)


def add_other_routes(app: FastAPI, auth: Gatewright) -> None:
    @app.get("/verify")
    async def verify(token: str) -> str:
        return (await auth.verify(token)).role

    @app.get("/stock")
    async def stock() -> None:
        raise OutOfStock

    @app.get("/missing")
    async def missing() -> None:
        raise HTTPException(404, "Mine.")

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept()
        await websocket.send_text(user.role)


def installed(auth: Gatewright, inner: ASGIApp) -> ASGIApp:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    app.mount("/v1", inner)
    return app


def installed_in_starlette(auth: Gatewright, inner: ASGIApp) -> ASGIApp:
    app = Starlette(routes=[Mount("/v1", inner)], lifespan=auth.lifespan)
    auth.install(app)
    return app


def created(auth: Gatewright, inner: ASGIApp) -> ASGIApp:
    app = auth.create_app()
    app.mount("/v1", inner)
    return app


def wrapped(auth: Gatewright, inner: ASGIApp) -> ASGIApp:
    return GatewrightMiddleware(Starlette(routes=[Mount("/v1", inner)]), auth)


def below_a_path(auth: Gatewright, inner: ASGIApp) -> ASGIApp:
    """Two apps deep, in a plain router, by host name, behind middleware of its own."""

    class Passing:
        def __init__(self, inside: ASGIApp) -> None:
            self.app = inside

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)

    class Dropping(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
            try:
                return await call_next(request)
            except Exception:
                return PlainTextResponse("swallowed", 500)

    below = Mount("/v1", app=Passing(inner), middleware=[Middleware(Dropping)])
    middle = FastAPI(routes=[Mount("", routes=[below])])
    app = FastAPI(lifespan=auth.lifespan, routes=[Host("testserver", middle)])
    auth.install(app)
    return app


HOSTS = {host.__name__: host for host in (installed, created, wrapped, below_a_path)}


@pytest.fixture(scope="module")
def auth(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Gatewright:
    """One for all tests here: each starts it in an app of its own."""
    database = shutil.copy(sqlite_template, tmp_path_factory.mktemp("mounted") / "gatewright.db")
    return Gatewright(make_settings(f"sqlite:///{database}", rate_limit_enabled=False), clock=FakeClock())


@pytest.fixture(params=HOSTS)
def make_host(request: pytest.FixtureRequest) -> MakeHost:
    return HOSTS[request.param]


@pytest.fixture
def client(auth: Gatewright, make_host: MakeHost) -> Iterator[TestClient]:
    """A client of a sub-app that is mounted in each kind of host."""
    with TestClient(make_host(auth, guarded(auth))) as client:
        yield client


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    assert answer.headers.get_list("x-request-id") == [answer.json()["requestId"]]
    return answer.status_code, answer.json()["code"]


def test_nobody_gets_a_401_from_each_guard(client: TestClient) -> None:
    """Without credentials: a problem document and a challenge without an error (RFC 6750 section 3.1)."""
    for path in GUARDED:
        answer = client.get(f"/v1{path}")
        if path == "/optional":
            assert answer.json() == "nobody"
            continue
        assert refusal(answer) == (401, "not_authenticated"), path
        assert answer.headers["www-authenticate"] == "Bearer"


def test_an_expired_or_damaged_token_gets_a_401_from_each_guard(client: TestClient, auth: Gatewright) -> None:
    """With credentials that do not count, where a user is optional too."""
    user = AsUser(client, auth)(role="ADMIN")
    assert {user.get(f"/v1{path}").status_code for path in GUARDED} == {200}
    assert isinstance(auth.clock, FakeClock)
    auth.clock.advance(3600)
    for path in GUARDED:
        for headers in ({}, {"Authorization": "Bearer damaged"}):
            answer = user.get(f"/v1{path}", headers=headers)
            assert refusal(answer) == (401, "invalid_token"), path
            assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_who_may_not_gets_a_403_from_each_guard(client: TestClient, auth: Gatewright) -> None:
    """A role that is not enough, a login that is too old, an address that is not verified."""
    user = AsUser(client, auth)(verified=False)
    assert isinstance(auth.clock, FakeClock)
    auth.clock.advance(600)
    assert refusal(user.get("/v1/role")) == (403, "insufficient_role")
    assert refusal(user.get("/v1/by-router")) == (403, "insufficient_role")
    assert refusal(user.get("/v1/recent")) == (403, "reauthentication_required")
    assert refusal(user.get("/v1/verified")) == (403, "email_not_verified")


def test_a_cookie_from_a_foreign_page_gets_a_403(client: TestClient, auth: Gatewright) -> None:
    """What holds for the host's routes holds for those of its sub-apps."""
    client.cookies.set(auth.cookies.access, AsUser(client, auth)().tokens["accessToken"])
    assert client.get("/v1/user").json() == "USER"
    assert client.post("/v1/orders", headers={"Origin": "http://localhost:3000"}).json() == "USER"
    refused = client.post("/v1/orders", headers={"Origin": "https://evil.example"})
    assert refusal(refused) == (403, "cross_site_request")


def test_a_websocket_is_refused_with_401(client: TestClient, auth: Gatewright) -> None:
    """As in the host: the handshake is denied, and a signed-in user comes in."""
    user = AsUser(client, auth)()
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/v1/socket"):
        pass
    assert denied.value.status_code == 401
    with user.websocket_connect("/v1/socket", headers=dict(user.headers)) as socket:
        assert socket.receive_text() == "USER"


def test_errors_without_a_guard_are_answered_too(client: TestClient) -> None:
    """What `auth.verify` raises, and errors of the app's own in Gatewright's form."""
    assert refusal(client.get("/v1/verify?token=damaged")) == (401, "invalid_token")
    assert refusal(client.get("/v1/stock")) == (409, "out_of_stock")


def test_the_sub_apps_own_errors_stay_its_own(client: TestClient) -> None:
    """Its `HTTPException`, its 404 and its 405 keep their form."""
    for path, method, status in [("/missing", "GET", 404), ("/nowhere", "GET", 404), ("/user", "POST", 405)]:
        answer = client.request(method, f"/v1{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")


def test_handlers_for_every_exception_do_not_see_a_refusal(auth: Gatewright, make_host: MakeHost) -> None:
    """A sub-app that reports all exceptions, and words its HTTP errors itself, gets no alarm for a missing token."""
    seen: list[Exception] = []

    async def report(_: Request, error: Exception) -> JSONResponse:
        seen.append(error)
        return JSONResponse({"mine": True}, 500)

    inner = guarded(auth, exception_handlers={Exception: report, HTTPException: report, 401: report})
    with TestClient(make_host(auth, inner)) as client:
        assert refusal(client.get("/v1/user")) == (401, "not_authenticated")
        assert seen == []
        assert client.get("/v1/missing").json() == {"mine": True}


@pytest.mark.parametrize("make_host", [installed, created, below_a_path])
def test_a_sub_app_may_answer_these_errors_itself(auth: Gatewright, make_host: MakeHost) -> None:
    """A handler of its own for `GatewrightError`, or for one of them, stays."""

    async def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"mine": type(error).__name__}, 418)

    for kind in (GatewrightError, InvalidToken):
        inner = guarded(auth, exception_handlers={kind: answer})
        with TestClient(make_host(auth, inner)) as client:
            refused = client.get("/v1/user", headers={"Authorization": "Bearer damaged"})
            assert (refused.status_code, refused.json()) == (418, {"mine": "InvalidToken"})


def test_routes_in_the_form_of_generated_ones_answer_in_a_sub_app(auth: Gatewright, make_host: MakeHost) -> None:
    """A body of another type is refused before a guard is asked, and errors of the service as well."""
    router = Router(tags=["orders"])

    @router.post("/orders", raises=[Conflict])
    async def order(_context: RequestContext, _body: Order) -> None:
        raise Conflict

    inner = FastAPI()
    inner.include_router(router)
    with TestClient(make_host(auth, inner)) as client:
        assert refusal(client.post("/v1/orders", content=b"x", headers={"Content-Type": "text/plain"})) == (
            415,
            "unsupported_media_type",
        )
        assert refusal(client.post("/v1/orders", json={"item": "book"})) == (409, "conflict")


@pytest.mark.parametrize("make_host", [installed, created, wrapped])
def test_a_plain_asgi_app_may_let_a_refusal_through(auth: Gatewright, make_host: MakeHost) -> None:
    """An app without any framework that calls `verify` itself."""

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        await auth.verify("damaged")

    with TestClient(make_host(auth, plain)) as client:
        assert refusal(client.get("/v1/")) == (401, "invalid_token")


def test_an_error_behind_the_first_byte_is_not_hidden(auth: Gatewright, make_host: MakeHost) -> None:
    """Once an answer has begun it cannot become a refusal: the connection breaks, and the log says why."""

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise InvalidToken

    with (
        TestClient(make_host(auth, late)) as client,
        pytest.raises((InvalidToken, RuntimeError, BaseExceptionGroup)),
    ):
        client.get("/v1/")


def test_a_starlette_sub_app_is_one_as_well(auth: Gatewright) -> None:
    """Its routes have no dependencies; `verify` does in their place, in websockets too."""

    async def whoami(request: Request) -> Response:
        return PlainTextResponse((await auth.verify(request.query_params["token"])).role)

    async def talk(socket: StarletteWebSocket) -> None:
        user = await auth.verify(socket.query_params["token"])
        await socket.accept()
        await socket.send_text(user.role)

    inner = Starlette(routes=[Route("/whoami", whoami), WebSocketRoute("/talk", talk)])
    with TestClient(installed_in_starlette(auth, inner)) as client:
        token = AsUser(client, auth)().tokens["accessToken"]
        assert client.get(f"/v1/whoami?token={token}").text == "USER"
        assert refusal(client.get("/v1/whoami?token=damaged")) == (401, "invalid_token")
        with client.websocket_connect(f"/v1/talk?token={token}") as socket:
            assert socket.receive_text() == "USER"
        with pytest.raises(WebSocketDenialResponse), client.websocket_connect("/v1/talk?token=damaged"):
            pass
