"""Gatewright inside somebody else's app: what it adds, and what it leaves alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket as StarletteWebSocket
from starlette.websockets import WebSocketDisconnect

from gatewright import CurrentUser, Gatewright, GatewrightMiddleware, InvalidToken
from gatewright.crud import Router
from gatewright.errors import Conflict
from gatewright.testing import FakeClock
from gatewright.testing.clients import AsUser
from tests.conftest import example_app, make_settings

REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}
SECURITY_HEADERS = {"x-content-type-options", "content-security-policy", "referrer-policy", "permissions-policy"}


@pytest.fixture
def auth(sqlite_template_copy: Path) -> Gatewright:
    return Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}"))


class User(BaseModel):
    """A schema of the host's that has the name of one of Gatewright's."""

    nickname: str


def token_of(client: TestClient, prefix: str = "") -> str:
    answer = client.post(f"{prefix}/auth/register", json=REGISTRATION)
    assert answer.status_code == 201
    return str(answer.json()["accessToken"])


def test_the_hosts_errors_and_headers_stay_its_own(auth: Gatewright) -> None:
    """The host's routes get a request id and nothing else; its 404, 405 and 422 keep their form."""
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/items/{number}")
    def item(number: int) -> int:
        return number

    with TestClient(app) as client:
        for path, method, status in [
            ("/items/1", "GET", 200),
            ("/items/x", "GET", 422),
            ("/nowhere", "GET", 404),
            ("/items/1", "PUT", 405),
        ]:
            answer = client.request(method, path)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-request-id"]
            assert not SECURITY_HEADERS & set(answer.headers)


def test_the_hosts_routes_never_shadow_gatewrights(auth: Gatewright) -> None:
    """A route with a parameter that was declared first does not answer `/users/profile`."""
    app = FastAPI(lifespan=auth.lifespan)

    @app.get("/users/{number}")
    def user(number: str) -> str:
        return number

    auth.install(app)
    with TestClient(app) as client:
        assert client.get("/users/profile").status_code == 401
        assert client.get("/users/7").json() == "7"


def test_gatewrights_own_answers_carry_its_headers(auth: Gatewright) -> None:
    """Its own routes answer with problem documents and security headers, a wrong method included."""
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    with TestClient(app) as client:
        for answer in (client.post("/auth/login"), client.put("/users/profile"), client.get("/users/profile")):
            assert answer.headers["content-type"] == "application/problem+json"
            assert set(answer.headers) >= SECURITY_HEADERS
            assert answer.headers.get_list("x-request-id") == [answer.json()["requestId"]]
        assert client.put("/users/profile").headers["allow"] == "DELETE, GET, HEAD, PATCH"


def test_the_hosts_exception_handlers_stay(auth: Gatewright) -> None:
    """An error of the host's own is answered by the host's own handler."""
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.exception_handler(ZeroDivisionError)
    def handle(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"mine": True}, status_code=418)

    @app.get("/divide")
    def divide() -> float:
        return 1 / 0

    with TestClient(app) as client:
        assert client.get("/divide").json() == {"mine": True}


def test_an_inner_lifespan_runs_inside(auth: Gatewright) -> None:
    """The app's own start finds Gatewright running, and so does its own end."""
    seen: list[Any] = []

    @asynccontextmanager
    async def mine(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        seen.append(("start", app.title, auth.kernel.settings.environment))
        yield {"what": "state"}
        seen.append(("end", app.title, auth.kernel.settings.environment))

    app = FastAPI(title="Mine", lifespan=auth.lifespan(inner=mine))
    auth.install(app)

    @app.get("/state")
    def state(request: Request) -> str:
        return str(request.state.what)

    with TestClient(app) as client:
        assert client.get("/state").json() == "state"
    assert seen == [("start", "Mine", "development"), ("end", "Mine", "development")]


def test_an_app_that_was_not_started_says_so(auth: Gatewright) -> None:
    """Without the lifespan there is one clear message, in the log; the client learns nothing."""
    app = FastAPI()
    auth.install(app)
    with pytest.raises(RuntimeError, match="lifespan=auth.lifespan"):
        TestClient(app).get("/users/profile")


def test_a_guard_without_gatewright_says_what_to_do() -> None:
    """A route that asks for the user in an app without `install` is a mistake that names itself."""
    app = FastAPI()

    @app.get("/reports")
    def reports(user: CurrentUser) -> str:
        return user.id

    with pytest.raises(RuntimeError, match=r"auth\.install\(app\)"):
        TestClient(app).get("/reports")


def test_the_routes_are_in_the_hosts_document(auth: Gatewright) -> None:
    """The document has the host's routes and Gatewright's; a schema of the host's keeps its name."""
    app = FastAPI(lifespan=auth.lifespan, title="Shop", version="7")
    auth.install(app)

    @app.get("/friends")
    def friends(user: CurrentUser) -> list[User]:
        return []

    document = app.openapi()
    assert document["info"] == {"title": "Shop", "version": "7"}
    assert {"/friends", "/auth/login", "/users/profile", "/.well-known/jwks.json"} <= set(document["paths"])
    assert set(document["components"]["schemas"]["User"]["properties"]) == {"nickname"}
    assert "email" in document["components"]["schemas"]["GatewrightUser"]["properties"]
    answer = document["components"]["schemas"]["AuthResponse"]["properties"]["user"]
    assert answer == {"$ref": "#/components/schemas/GatewrightUser"}
    assert document["paths"]["/friends"]["get"]["security"] == [{"gatewright": []}, {"gatewrightCookie": []}]
    assert app.openapi() is document


class GatewrightUser(BaseModel):
    """Another, with the name that Gatewright's would get instead."""

    pet: str


class Problem(BaseModel):
    """A third, for whatever troubles the host."""

    weight: int


def references(node: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(value)


@pytest.mark.parametrize("kind", ["install", "create_app"])
def test_no_schema_of_the_hosts_is_overwritten(auth: Gatewright, kind: str) -> None:
    """Whatever Gatewright's go by instead: each reference leads to the schema that is meant, and none into nothing."""
    if kind == "install":
        app = FastAPI(lifespan=auth.lifespan)
        auth.install(app)
    else:
        app = auth.create_app()

    @app.get("/all")
    def everything(user: CurrentUser) -> tuple[User, GatewrightUser, Problem]:
        raise NotImplementedError

    router = Router(tags=["own"])

    @router.get("/own", raises=[Conflict])
    def own() -> None:
        raise Conflict

    app.include_router(router)
    document = app.openapi()
    schemas, prefix = document["components"]["schemas"], "#/components/schemas/"
    properties = {name: set(schemas[name]["properties"]) for name in schemas}
    assert [properties[name] for name in ("User", "GatewrightUser", "Problem")] == [{"nickname"}, {"pet"}, {"weight"}]
    assert "email" in properties["GatewrightUser2"]
    assert "requestId" in properties["GatewrightProblem"]
    assert {reference.removeprefix(prefix) for reference in references(document)} <= set(schemas)

    for path, method, status in [("/own", "get", "409"), ("/auth/login", "post", "401")]:
        content = document["paths"][path][method]["responses"][status]["content"]
        assert content["application/problem+json"]["schema"] == {"$ref": f"{prefix}GatewrightProblem"}
    answer = document["paths"]["/users/profile"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert "email" in properties[answer["$ref"].removeprefix(prefix)]


def test_operations_of_one_name_are_told_apart(auth: Gatewright) -> None:
    """Names of operations are unique (OpenAPI 3.1, operationId); the host's stays as it is."""
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    app.add_api_route("/mine", lambda: None, operation_id="read_profile")
    paths = app.openapi()["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert paths["/mine"]["get"]["operationId"] == "read_profile"
    assert paths["/users/profile"]["get"]["operationId"] == "gatewright_read_profile"


@pytest.mark.parametrize("kind", ["install", "create_app"])
def test_the_documents_server_has_the_path_that_a_proxy_strips(sqlite_template_copy: Path, kind: str) -> None:
    """Clients that are made from the document call `/shop/auth/login`, and its Authorize button does."""
    url = f"sqlite:///{sqlite_template_copy}"
    auth = Gatewright(make_settings(url, public_url="https://example.com/shop/", api_prefix="/api"))
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    if kind == "create_app":
        app = auth.create_app()
    with TestClient(app) as client:
        document = client.get("/openapi.json").json()
    assert document["servers"] == [{"url": "/shop"}]
    assert document["components"]["securitySchemes"]["gatewright"]["flows"]["password"]["tokenUrl"] == (
        "/shop/api/auth/token"
    )
    assert "/api/auth/login" in document["paths"]


def test_servers_of_the_hosts_stay(sqlite_template_copy: Path, auth: Gatewright) -> None:
    """And without a path there is nothing to say."""
    plain = FastAPI(lifespan=auth.lifespan)
    auth.install(plain)
    assert "servers" not in plain.openapi()
    below = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", public_url="https://example.com/shop"))
    app = FastAPI(lifespan=below.lifespan, servers=[{"url": "https://api.example.com/v2"}])
    below.install(app)
    assert app.openapi()["servers"] == [{"url": "https://api.example.com/v2"}]


def test_a_prefix_holds_for_all_but_the_well_known(sqlite_template_copy: Path) -> None:
    """`API_PREFIX` goes before Gatewright's routes, in the document too; `/.well-known` stays at the root."""
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", api_prefix="/api"))
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    with TestClient(app) as client:
        token = token_of(client, "/api")
        assert client.get("/api/users/profile", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert client.get("/users/profile").status_code == 404
        assert client.get("/.well-known/jwks.json").status_code == 200
    flows = app.openapi()["components"]["securitySchemes"]["gatewright"]["flows"]
    assert flows["password"]["tokenUrl"] == "/api/auth/token"


def test_guards_work_in_a_mounted_app(auth: Gatewright) -> None:
    """A sub-application's routes know who asks, and Gatewright's own routes work behind a root path."""
    inner = FastAPI()

    @inner.get("/reports")
    def reports(user: CurrentUser) -> str:
        return user.role

    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    app.mount("/inner", inner)
    outer = Starlette(routes=[Mount("/shop", app)], lifespan=auth.lifespan)
    with TestClient(outer) as client:
        token = token_of(client, "/shop")
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/shop/inner/reports", headers=headers).json() == "USER"


def test_a_websocket_knows_its_user(auth: Gatewright) -> None:
    """`CurrentUser` works in a websocket route, and `verify` where there is no header."""
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.websocket("/by-header")
    async def by_header(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept()
        await websocket.send_json(user.role)

    @app.websocket("/by-message")
    async def by_message(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            user = await auth.verify(await websocket.receive_text())
        except InvalidToken:
            await websocket.close(1008)
            return
        await websocket.send_json(user.role)

    with TestClient(app) as client:
        token = token_of(client)
        with client.websocket_connect("/by-header", headers={"Authorization": f"Bearer {token}"}) as socket:
            assert socket.receive_json() == "USER"
        with client.websocket_connect("/by-message") as socket:
            socket.send_text(token)
            assert socket.receive_json() == "USER"
        with client.websocket_connect("/by-message") as socket:
            socket.send_text(token[:-2])
            with pytest.raises(WebSocketDisconnect):
                socket.receive_json()


def test_any_asgi_app_can_be_wrapped(auth: Gatewright) -> None:
    """The middleware starts and stops Gatewright, serves its routes, and says who asks."""

    def whoami(request: Request) -> JSONResponse:
        user = request.scope["user"]
        return JSONResponse(user.role if user else None)

    async def talk(socket: StarletteWebSocket) -> None:
        await socket.accept()
        await socket.send_json(socket.scope["user"].role)

    app = Starlette(routes=[Route("/whoami", whoami), WebSocketRoute("/talk", talk)])
    with TestClient(GatewrightMiddleware(app, auth)) as client:
        headers = {"Authorization": f"Bearer {token_of(client)}"}
        assert client.get("/whoami", headers=headers).json() == "USER"
        anonymous = client.get("/whoami")
        assert anonymous.json() is None
        assert anonymous.headers["x-request-id"]
        assert not SECURITY_HEADERS & set(anonymous.headers)
        refused = client.get("/whoami", headers={"Authorization": "Bearer nonsense"})
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
        with client.websocket_connect("/talk", headers=headers) as socket:
            assert socket.receive_json() == "USER"
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/talk", headers={"Authorization": "Bearer nonsense"}),
        ):
            pass
    with pytest.raises(RuntimeError, match="not been started"):
        _ = auth.kernel


@pytest.mark.parametrize("given", ["abcdefgh-1234", "0123456789abcdef0123456789abcdef"])
def test_a_trusted_proxys_request_id_is_taken_over(sqlite_template_copy: Path, given: str) -> None:
    """One request has one name in the proxy's log and in ours, the host's routes included; no client chooses it."""
    settings = make_settings(f"sqlite:///{sqlite_template_copy}", trusted_proxies="10.0.0.0/8, fd00::1")
    app = example_app(Gatewright(settings))
    with TestClient(app):
        for peer, is_taken in (("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("fd00::1", True), ("192.0.2.1", False)):
            client = TestClient(app, client=(peer, 1234))
            for path in ("/users/profile", "/maybe"):
                # What a client says of proxies makes it none.
                headers = {"X-Request-Id": given, "X-Forwarded-For": "10.1.2.3"}
                answered = client.get(path, headers=headers).headers.get_list("x-request-id")
                assert (answered == [given]) is is_taken, (peer, path)


def test_without_trusted_proxies_no_request_id_is_taken_over(auth_client: TestClient) -> None:
    """A client that chose an id could hide its requests among another's in the log."""
    for path in ("/users/profile", "/maybe"):
        assert (
            auth_client.get(path, headers={"X-Request-Id": "abcdefgh-1234"}).headers["x-request-id"] != "abcdefgh-1234"
        )


@pytest.mark.parametrize("given", ["short", "with space in it", "x" * 129, "line\tbreak-1234", '"><script>alert'])
def test_an_ill_formed_request_id_is_replaced(sqlite_template_copy: Path, given: str) -> None:
    """What could forge a log line never reaches one, whoever sends it."""
    settings = make_settings(f"sqlite:///{sqlite_template_copy}", trusted_proxies="10.0.0.1")
    with TestClient(example_app(Gatewright(settings)), client=("10.0.0.1", 1234)) as client:
        answered = client.get("/users/profile", headers={"X-Request-Id": given}).headers["x-request-id"]
    assert answered != given
    assert len(answered) == 32


def test_a_clock_moved_past_the_expiry_ends_the_token(as_user: AsUser, auth_clock: FakeClock) -> None:
    """The plugin's clock decides: after fifteen minutes the access token counts no more."""
    client = as_user()
    auth_clock.advance(899)
    assert client.get("/users/profile").status_code == 200
    auth_clock.advance(1)
    assert client.get("/users/profile").json()["code"] == "invalid_token"
