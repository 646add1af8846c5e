"""Tokens in cookies: how they are set and read, whose pages may use them, and what wins over them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from gatewright import CurrentUser, Gatewright, GatewrightMiddleware, OptionalUser, require_role
from gatewright.core.context import Context
from gatewright.features.sessions import service as sessions
from gatewright.http.cookies import Cookies
from gatewright.http.errors import CrossSiteRequest
from gatewright.settings.values import origins
from gatewright.testing import FakeClock
from tests.conftest import add_account, make_settings

ORIGIN = "http://localhost:3000"
LISTED = "https://app.example.com"
OURS = {"Origin": ORIGIN}
FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
REGISTRATION = {"email": "user@example.com", "password": "a long passphrase", "firstName": "John", "lastName": "Doe"}
CREDENTIALS = {name: REGISTRATION[name] for name in ("email", "password")}
ATTRIBUTES = {"Path=/", "HttpOnly", "SameSite=Lax"}


@pytest.fixture
def auth(sqlite_template_copy: Path) -> Gatewright:
    return Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", cors_origins=[LISTED]))


@pytest.fixture
def client(auth: Gatewright) -> Iterator[TestClient]:
    """A browser without pages: it keeps cookies, and sends no header by itself."""
    with TestClient(host_app(auth)) as client:
        yield client


@pytest.fixture
def signed_in(client: TestClient) -> TestClient:
    """The same, with the cookies of a new account."""
    answer = client.post("/auth/register?useCookies=true", json=REGISTRATION, headers=OURS)
    assert answer.status_code == 201, answer.text
    return client


def host_app(auth: Gatewright) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.post("/orders")
    @app.get("/orders")
    async def orders(user: CurrentUser) -> str:
        return user.id

    @app.post("/comments")
    async def comments(user: OptionalUser) -> str:
        return user.id if user else "nobody"

    @app.delete("/all", dependencies=[Depends(require_role("USER"))])
    async def delete_all() -> str:
        return "deleted"

    @app.websocket("/live")
    async def live(socket: WebSocket, user: CurrentUser) -> None:
        await socket.accept()
        await socket.send_text(user.id)
        await socket.close()

    return app


def cookies_set(answer: httpx2.Response) -> dict[str, tuple[str, set[str]]]:
    """The cookies that an answer sets: value and attributes of each."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        found[name] = (value, set(attributes))
    return found


def token_in_body(client: TestClient) -> dict[str, Any]:
    """A second session of the account, whose tokens come in the body; the client's cookies stay as they are."""
    body: dict[str, Any] = without_cookies(client).post("/auth/login", json=CREDENTIALS).json()
    return body


def without_cookies(client: TestClient) -> TestClient:
    """Another client of the running app, in its event loop."""
    other = TestClient(client.app)
    other.portal = client.portal
    return other


def scope_with(*headers: tuple[str, str], method: str = "POST") -> dict[str, Any]:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http", "method": method, "headers": raw}


@pytest.mark.parametrize(
    ("public_url", "prefix", "is_secure"),
    [
        ("https://example.com", "__Host-", True),
        ("https://localhost", "__Host-", True),
        ("http://example.com", "__Host-", True),
        ("http://192.168.1.20:3000", "__Host-", True),
        ("http://localhost.example.com", "__Host-", True),
        ("http://localhost:3000", "", False),
        ("http://app.localhost:3000", "", False),
        ("http://127.0.0.1:3000/app", "", False),
        ("http://[::1]:3000", "", False),
    ],
)
def test_only_on_the_loopback_cookies_go_without_https(public_url: str, prefix: str, is_secure: bool) -> None:
    """`__Host-` and `Secure` are left out by what the settings say, whatever a request looks like."""
    cookies = Cookies(public_url, [])
    assert {cookies.access, cookies.refresh, cookies.device} == {
        f"{prefix}gatewright_{name}" for name in ("access", "refresh", "device")
    }
    lines = [*cookies.clearing(), cookies.of_device("x", 1)]
    assert all(("; Secure" in line) is is_secure for line in lines)
    assert all("; Path=/;" in line and "; HttpOnly;" in line and "; SameSite=Lax" in line for line in lines)
    assert not any("domain" in line.lower() for line in lines)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("__Host-gatewright_access=abc", "abc"),
        ("a=b; __Host-gatewright_access=abc; c=d", "abc"),
        ("a=b;__Host-gatewright_access=a=c", "a=c"),
        ('__Host-gatewright_access="abc"', '"abc"'),
        ("__Host-gatewright_access=", ""),
        # Twice: somebody else may have planted either.
        ("__Host-gatewright_access=abc; __Host-gatewright_access=def", ""),
        ("__Host-gatewright_access=abc; __Host-gatewright_access=abc", ""),
        # What a browser takes for a cookie of another name, without the rules for `__Host-`.
        ("gatewright_access=abc", None),
        ("__host-gatewright_access=abc", None),
        ("\xa0__Host-gatewright_access=abc", None),
        ("\x85__Host-gatewright_access=abc", None),
        ("=__Host-gatewright_access=abc", None),
        ("a=b, __Host-gatewright_access=abc", None),
        ('a="b; __Host-gatewright_access=abc"', 'abc"'),
        ("__Host-gatewright_access", ""),
        ("", None),
    ],
)
def test_a_cookie_is_read_as_the_browser_wrote_it(header: str, found: str | None) -> None:
    """By its exact name, once; otherwise the protection of `__Host-` could be talked around."""
    cookies = Cookies("https://example.com", [])
    assert cookies.read(scope_with(("cookie", header)), cookies.access) == found


def test_cookies_in_several_headers_count_together() -> None:
    """HTTP/2 may split them (RFC 9113 section 8.2.3)."""
    cookies = Cookies("https://example.com", [])
    split = scope_with(("cookie", "a=b"), ("cookie", f"{cookies.access}=abc"))
    assert cookies.read(split, cookies.access) == "abc"
    twice = scope_with(("cookie", f"{cookies.access}=abc"), ("cookie", f"{cookies.access}=def"))
    assert cookies.read(twice, cookies.access) == ""


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ([("sec-fetch-site", "same-origin")], True),
        ([("origin", "https://example.com")], True),
        ([("origin", LISTED)], True),
        ([("origin", LISTED), ("sec-fetch-site", "same-site")], True),
        ([("origin", LISTED), ("sec-fetch-site", "cross-site")], True),
        ([], False),
        ([("sec-fetch-site", "same-site")], False),
        ([("sec-fetch-site", "none")], False),
        ([("sec-fetch-site", "cross-site")], False),
        ([("origin", "null")], False),
        ([("origin", "")], False),
        ([("origin", "http://example.com")], False),
        ([("origin", "https://example.com:8443")], False),
        ([("origin", "https://example.com.evil.example")], False),
        ([("origin", "https://sub.example.com")], False),
        ([("origin", "https://EXAMPLE.com")], False),
        ([("origin", "*")], False),
        ([("origin", LISTED), ("origin", "https://evil.example")], False),
        ([("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], False),
        ([("referer", "https://example.com/"), ("host", "example.com")], False),
    ],
)
def test_a_call_is_known_by_its_origin(headers: list[tuple[str, str]], passes: bool) -> None:
    """`Sec-Fetch-Site: same-origin`, or one of the listed origins to the letter; nothing else."""
    cookies = Cookies("https://example.com/app", [LISTED, "*"])
    if passes:
        cookies.check_site(scope_with(*headers))
        return
    with pytest.raises(CrossSiteRequest):
        cookies.check_site(scope_with(*headers))


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("capacitor://localhost", True),
        ("app://.", True),
        ("capacitor://localhost:8100", False),
        ("capacitor://localhost/", False),
        ("Capacitor://localhost", False),
        ("capacitor://localhost.evil.example", False),
        ("capacitor://", False),
        ("ionic://localhost", False),
        ("app://", False),
        ("null", False),
    ],
)
def test_an_app_is_known_by_its_origin_too(origin: str, passes: bool) -> None:
    """To the letter, as a site is."""
    cookies = Cookies("https://example.com", origins("Capacitor://localhost/, app://."))
    scope = scope_with(("origin", origin), ("sec-fetch-site", "cross-site"))
    if passes:
        cookies.check_site(scope)
        return
    with pytest.raises(CrossSiteRequest):
        cookies.check_site(scope)


def test_a_login_sets_cookies_and_shows_no_token(client: TestClient) -> None:
    """The body keeps the user; each cookie lives as long as what is in it, and no script can read it."""
    client.post("/auth/register", json=REGISTRATION)
    answer = client.post("/auth/login?useCookies=true", json=CREDENTIALS, headers=OURS)
    assert answer.status_code == 200
    assert set(answer.json()) == {"user", "expiresIn"}
    assert answer.headers["cache-control"] == "no-store"
    cookies = cookies_set(answer)
    assert {name: attributes - ATTRIBUTES for name, (_, attributes) in cookies.items()} == {
        "gatewright_access": {"Max-Age=900"},
        "gatewright_refresh": {"Max-Age=604800"},
        "gatewright_device": {"Max-Age=31536000"},
    }
    assert all(attributes >= ATTRIBUTES for _, attributes in cookies.values())
    assert all(value and value not in answer.text for value, _ in cookies.values())
    assert client.get("/users/profile").json()["email"] == "user@example.com"


def test_without_being_asked_for_no_cookie_is_set(client: TestClient) -> None:
    """Neither by default, nor with `useCookies=false`, nor when a login fails."""
    answers = [
        client.post("/auth/register?useCookies=false", json=REGISTRATION),
        client.post("/auth/login", json=CREDENTIALS),
        client.post("/auth/login?useCookies=true", json={**CREDENTIALS, "password": "wrong"}, headers=OURS),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 401]
    assert not any(cookies_set(answer) for answer in answers)


@pytest.mark.parametrize("path", ["/auth/login", "/auth/register", "/auth/refresh"])
@pytest.mark.parametrize("value", ["1", "yes", "True", ""])
def test_use_cookies_says_yes_or_no(client: TestClient, path: str, value: str) -> None:
    """Anything but `true` and `false` is refused, on a hot route as well."""
    bodies = {"/auth/login": CREDENTIALS, "/auth/register": REGISTRATION, "/auth/refresh": {"refreshToken": "x"}}
    answer = client.post(f"{path}?useCookies={value}", json=bodies[path], headers=OURS)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert (problem["field"], problem["code"]) == ("/useCookies", "invalid_choice")


@pytest.mark.parametrize("query", ["", "?useCookies=false", "?useCookies=true"])
def test_a_refresh_by_cookie_sets_both_again(signed_in: TestClient, query: str) -> None:
    """It needs no body, and whatever the query says it never shows a script the tokens."""
    old = dict(signed_in.cookies)
    answer = signed_in.post(f"/auth/refresh{query}", headers=OURS)
    assert (answer.status_code, answer.json()) == (200, {"expiresIn": 900})
    assert set(cookies_set(answer)) == {"gatewright_access", "gatewright_refresh"}
    assert signed_in.cookies["gatewright_refresh"] != old["gatewright_refresh"]
    assert signed_in.cookies["gatewright_device"] == old["gatewright_device"]
    assert signed_in.get("/users/profile").status_code == 200


def test_a_token_in_the_body_wins_over_the_cookie(signed_in: TestClient) -> None:
    """The answer then has the tokens in its body, and the cookies stay; with `useCookies` it moves into cookies."""
    old, tokens = dict(signed_in.cookies), token_in_body(signed_in)
    first = signed_in.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}, headers=OURS)
    assert set(first.json()) == {"accessToken", "refreshToken", "tokenType", "expiresIn"}
    assert not cookies_set(first)
    assert dict(signed_in.cookies) == old
    body = {"refreshToken": first.json()["refreshToken"]}
    moved = signed_in.post("/auth/refresh?useCookies=true", json=body, headers=OURS)
    assert moved.json() == {"expiresIn": 900}
    assert set(cookies_set(moved)) == {"gatewright_access", "gatewright_refresh"}


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
@pytest.mark.parametrize("json", [None, {}])
def test_without_body_and_cookie_there_is_nothing_to_do(client: TestClient, path: str, json: Any) -> None:
    """422, naming the field; an empty text is a token that is worth nothing."""
    answer = client.post(path, json=json)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert (problem["field"], problem["code"]) == ("/refreshToken", "required")
    assert client.post(path, json={"refreshToken": ""}).status_code == (401 if path == "/auth/refresh" else 200)
    assert client.post(path, json={"refreshToken": None}).status_code == 422


def test_a_logout_needs_no_body_and_leaves_the_device(signed_in: TestClient) -> None:
    """It ends the session, and the browser forgets both of its tokens."""
    access, refresh = signed_in.cookies["gatewright_access"], signed_in.cookies["gatewright_refresh"]
    answer = signed_in.post("/auth/logout", headers=OURS)
    assert (answer.status_code, answer.json()) == (200, {"message": "Logged out successfully"})
    assert {name: value for name, (value, _) in cookies_set(answer).items()} == {
        "gatewright_access": "",
        "gatewright_refresh": "",
    }
    assert all(attributes == {"Max-Age=0"} | ATTRIBUTES for _, attributes in cookies_set(answer).values())
    assert set(signed_in.cookies) == {"gatewright_device"}
    assert signed_in.post("/auth/refresh", json={"refreshToken": refresh}, headers=OURS).status_code == 401
    again = signed_in.get("/users/profile", headers={"Authorization": f"Bearer {access}"})
    assert again.status_code == 401


def test_a_logout_ends_what_the_body_and_the_cookie_name(signed_in: TestClient) -> None:
    """Whoever logs out with two tokens is logged out of both."""
    tokens = token_in_body(signed_in)
    access = signed_in.cookies["gatewright_access"]
    signed_in.post("/auth/logout", json={"refreshToken": tokens["refreshToken"]}, headers=OURS)
    for token in (access, tokens["accessToken"]):
        assert signed_in.get("/users/profile", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_logging_out_everywhere_clears_the_cookies(signed_in: TestClient) -> None:
    """By cookie; by a bearer token alone there is nothing to clear, and no cookie is touched."""
    tokens = token_in_body(signed_in)
    other = without_cookies(signed_in)
    alone = other.post("/auth/logout-all", headers={"Authorization": f"Bearer {tokens['accessToken']}"})
    assert alone.status_code == 200
    assert not cookies_set(alone)
    login = signed_in.post("/auth/login?useCookies=true", json=CREDENTIALS, headers=OURS)
    assert login.status_code == 200
    answer = signed_in.post("/auth/logout-all", headers=OURS)
    assert answer.json()["revoked"] == 1
    assert set(cookies_set(answer)) == {"gatewright_access", "gatewright_refresh"}


def test_a_bearer_token_wins_over_a_cookie(signed_in: TestClient, auth: Gatewright) -> None:
    """Also when it does not count: nobody is signed in as somebody whom they did not name."""
    other = {**REGISTRATION, "email": "other@example.com"}
    token = without_cookies(signed_in).post("/auth/register", json=other).json()["accessToken"]
    answer = signed_in.get("/users/profile", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["email"] == "other@example.com"
    for bad in ("Bearer nonsense", "Bearer ", "bearer"):
        assert signed_in.get("/users/profile", headers={"Authorization": bad}).status_code == 401
    basic = signed_in.get("/users/profile", headers={"Authorization": "Basic dTpw"})
    assert basic.json()["email"] == "user@example.com"


def test_two_cookies_of_one_name_are_no_credentials(signed_in: TestClient) -> None:
    """Somebody else may have planted one: 401, where nobody has to sign in, too, and no second session is ended."""
    access, refresh = signed_in.cookies["gatewright_access"], signed_in.cookies["gatewright_refresh"]
    signed_in.cookies.clear()
    tossed = {**OURS, "Cookie": f"gatewright_access={access}; gatewright_access=other"}
    assert signed_in.get("/users/profile", headers=tossed).json()["code"] == "invalid_token"
    assert signed_in.post("/comments", headers=tossed).json()["code"] == "invalid_token"
    both = {**OURS, "Cookie": f"gatewright_refresh={refresh}; gatewright_refresh={refresh}"}
    assert signed_in.post("/auth/refresh", headers=both).json()["code"] == "invalid_refresh_token"
    assert signed_in.post("/auth/logout", headers=both).status_code == 200
    assert signed_in.post("/auth/refresh", json={"refreshToken": refresh}).status_code == 200


def test_the_hosts_own_routes_are_defended_too(signed_in: TestClient) -> None:
    """Whatever asks who makes the request: reading is open to every page, changing only to those that may."""
    assert signed_in.get("/orders", headers=FOREIGN).status_code == 200
    for method, path in (("POST", "/orders"), ("POST", "/comments"), ("DELETE", "/all")):
        for headers in ({}, FOREIGN, {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:4000"}):
            answer = signed_in.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
        for headers in (OURS, {"Origin": LISTED}, {"Sec-Fetch-Site": "same-origin"}):
            assert signed_in.request(method, path, headers=headers).status_code == 200
    access = signed_in.cookies["gatewright_access"]
    assert signed_in.post("/orders", headers={**FOREIGN, "Authorization": f"Bearer {access}"}).status_code == 200


def test_a_websocket_opens_for_pages_that_may(signed_in: TestClient) -> None:
    """No same-origin policy holds for websockets: the handshake's `Origin` is all that tells whose page it is."""
    for headers in (OURS, {"Origin": LISTED}):
        with signed_in.websocket_connect("/live", headers=headers) as socket:
            assert socket.receive_text()
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "http://localhost:4000"}):
        with (
            pytest.raises(WebSocketDenialResponse) as refusal,
            signed_in.websocket_connect("/live", headers=headers),
        ):
            pass
        assert refusal.value.json()["code"] == "cross_site_request"


def test_the_middleware_is_defended_too(auth: Gatewright) -> None:
    """Any ASGI app behind `GatewrightMiddleware` gets its users from cookies, and only from its own pages."""

    async def whoami(request: Request) -> JSONResponse:
        return JSONResponse(request.scope["user"].id if request.scope["user"] else None)

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(socket.scope["user"].id)
        await socket.close()

    routes = [Route("/whoami", whoami, methods=["GET", "POST"]), WebSocketRoute("/talk", talk)]
    with TestClient(GatewrightMiddleware(Starlette(routes=routes), auth)) as client:
        assert client.post("/whoami").json() is None
        registered = client.post("/auth/register?useCookies=true", json=REGISTRATION, headers=OURS)
        user_id = registered.json()["user"]["id"]
        assert client.get("/whoami", headers=FOREIGN).json() == user_id
        assert client.post("/whoami", headers=OURS).json() == user_id
        assert client.post("/whoami", headers=FOREIGN).json()["code"] == "cross_site_request"
        with client.websocket_connect("/talk", headers=OURS) as socket:
            assert socket.receive_text() == user_id
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/talk", headers=FOREIGN):
            pass


def test_with_https_the_names_have_their_prefix(sqlite_template_copy: Path) -> None:
    """Whatever the request looks like; a cookie without the prefix counts for nothing."""
    settings = make_settings(f"sqlite:///{sqlite_template_copy}", public_url="https://example.com")
    with TestClient(Gatewright(settings).create_app()) as client:
        ours = {"Origin": "https://example.com"}
        answer = client.post("/auth/register?useCookies=true", json=REGISTRATION, headers=ours)
        cookies = cookies_set(answer)
        assert set(cookies) == {f"__Host-gatewright_{name}" for name in ("access", "refresh", "device")}
        assert all("Secure" in attributes for _, attributes in cookies.values())
        access = cookies["__Host-gatewright_access"][0]
        plain = client.get("/users/profile", headers={"Cookie": f"gatewright_access={access}"})
        assert plain.json()["code"] == "not_authenticated"
        prefixed = client.get("/users/profile", headers={"Cookie": f"__Host-gatewright_access={access}"})
        assert prefixed.status_code == 200


def test_the_document_says_where_cookies_count(auth: Gatewright) -> None:
    """A second way to sign in wherever a token counts, the refresh cookie, what is answered, and the refusal."""
    document = host_app(auth).openapi()
    schemes = document["components"]["securitySchemes"]
    assert schemes["gatewrightCookie"].items() >= {"in": "cookie", "name": "gatewright_access"}.items()
    assert schemes["gatewrightRefreshCookie"].items() >= {"in": "cookie", "name": "gatewright_refresh"}.items()
    for path, method in (("/orders", "post"), ("/users/profile", "get"), ("/auth/logout-all", "post")):
        assert document["paths"][path][method]["security"] == [{"gatewright": []}, {"gatewrightCookie": []}]
    login = document["paths"]["/auth/login"]["post"]
    assert "cross_site_request" in login["responses"]["403"]["description"]
    shapes = login["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
    assert [shape["$ref"].rpartition("/")[2] for shape in shapes] == ["AuthResponse", "CookieAuthResponse"]
    assert "403" not in document["paths"]["/users/profile"]["get"]["responses"]


async def test_the_refresh_cookie_ends_with_its_session(context: Context) -> None:
    """Its life is what is left of the session: a week without use, and never beyond the thirty days in all."""
    clock = context.clock
    assert isinstance(clock, FakeClock)
    account = await add_account(context)
    tokens = (await sessions.start(context, user_id=account.id, role="USER", amr=["pwd"])).tokens
    assert tokens.refresh_expires_in == _seconds(days=7)
    for _ in range(4):
        clock.advance(timedelta(days=6))
        tokens = await sessions.refresh(context, tokens.refresh_token)
    # A token knows its session's start in whole seconds.
    assert tokens.refresh_expires_in in (_seconds(days=6), _seconds(days=6) - 1)
    spent = tokens.refresh_token
    clock.advance(timedelta(days=5))
    first = await sessions.refresh(context, spent)
    clock.advance(timedelta(seconds=5))
    late = await sessions.refresh(context, spent)
    assert first.refresh_expires_in in (_seconds(days=1), _seconds(days=1) - 1)
    assert late.refresh_expires_in == first.refresh_expires_in - 5


def _seconds(**duration: int) -> int:
    return int(timedelta(**duration).total_seconds())


@pytest.mark.parametrize(
    ("public_url", "is_kept"),
    [
        ("https://example.com", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1:3000", True),
        ("http://[::1]:3000", True),
        ("http://app.localhost", True),
        ("http://192.168.1.5:3000", False),
        ("http://example.com", False),
        ("http://devbox:3000", False),
    ],
)
def test_cookies_that_a_browser_drops_are_told(
    public_url: str, is_kept: bool, caplog: pytest.LogCaptureFixture, sqlite_template_copy: Path
) -> None:
    """By http, only the machine itself keeps them: a warning at the start, and one at the first such answer."""
    database = f"sqlite:///{sqlite_template_copy}"
    auth = Gatewright(make_settings(database, public_url=public_url))
    with TestClient(host_app(auth)) as client:
        at_start = caplog.text.count("Cookies do not work")
        for number in range(2):
            body = {**REGISTRATION, "email": f"user{number}@example.com"}
            answer = client.post("/auth/register?useCookies=true", json=body, headers={"Origin": public_url})
            assert answer.status_code == 201
    at_answers = caplog.text.count("The browser rejects the cookies of this response")
    assert (at_start, at_answers) == ((0, 0) if is_kept else (1, 1))
    assert is_kept or f"GATEWRIGHT_PUBLIC_URL is {public_url}" in caplog.text
