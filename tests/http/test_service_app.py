"""An app that is Gatewright's from edge to edge: every answer keeps to the contract, whoever wrote the route."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

import gatewright
from gatewright import Gatewright, SetupError
from gatewright.core.revocation import Revocations
from gatewright.errors import Conflict, Unavailable
from gatewright.http.page_policy import page_policy
from gatewright.server import create
from gatewright.testing.clients import AsUser
from tests.conftest import make_settings

HEADERS = {
    "x-request-id",
    "x-content-type-options",
    "referrer-policy",
    "content-security-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
}
APP, STRANGER = "https://app.example.com", "https://evil.example.com"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}

MakeAuth = Callable[..., Gatewright]


@pytest.fixture
def make_auth(sqlite_template_copy: Path) -> MakeAuth:
    return lambda **changes: Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", **changes))


@pytest.fixture
def client(make_auth: MakeAuth) -> Iterator[TestClient]:
    """The stand-alone server, with routes of somebody's own that go wrong in several ways."""
    app = create(make_auth(cors_origins=[APP]))
    add_routes(app)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def add_routes(app: FastAPI) -> None:
    @app.get("/things/{number}")
    async def read(number: int) -> int:
        if number == 409:
            raise Conflict
        if number == 418:
            raise HTTPException(418, "A teapot.", headers={"X-Pot": "tea"})
        if number == 500:
            raise RuntimeError("the secret ingredient")
        return number

    @app.put("/things/{number}")
    async def replace(number: int) -> int:
        return number


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/things/one", 422, "validation_failed"),
        ("GET", "/things/409", 409, "conflict"),
        ("GET", "/things/418", 418, "http_error"),
        ("GET", "/things/500", 500, "internal_error"),
        ("DELETE", "/things/1", 405, "method_not_allowed"),
        ("HEAD", "/auth/login", 405, "method_not_allowed"),
        ("HEAD", "/nowhere", 404, "not_found"),
        ("GET", "/users/admin", 401, "not_authenticated"),
        ("GET", "/health/live/", 404, "not_found"),
        ("GET", "/auth/login/", 404, "not_found"),
        ("GET", "/docs/0123456789abcdef/swagger-ui.css", 404, "not_found"),
    ],
)
def test_every_error_is_a_problem_document(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    """Also those of routes that others wrote, and none tells of the inside."""
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.headers) >= HEADERS
    assert "ingredient" not in answer.text
    if method != "HEAD":
        problem = answer.json()
        assert problem["code"] == code
        assert problem["requestId"] == answer.headers["x-request-id"]


def test_an_own_exception_keeps_its_headers(client: TestClient) -> None:
    """What a route's `HTTPException` asks for is sent."""
    assert client.get("/things/418").headers["x-pot"] == "tea"


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/things/1", "GET, HEAD, PUT"),
        ("/health/live", "GET, HEAD"),
        ("/users/admin", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
    ],
)
def test_a_refused_method_is_told_all_that_the_path_takes(client: TestClient, path: str, allow: str) -> None:
    """`Allow` lists the methods of every route with that path (RFC 9110 section 10.2.1)."""
    assert client.delete(path).headers["allow"] == allow


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    """Errors are tried above; here are answers, Gatewright's own and others'."""
    for path in ("/things/1", "/health/live", "/.well-known/jwks.json", "/openapi.json", "/docs"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert set(answer.headers) >= HEADERS, path


def test_the_size_limit_holds_for_routes_of_others(client: TestClient) -> None:
    """A body that is too large is refused before a route sees it: above 1 MiB, and above 64 KiB in Gatewright's own."""
    assert client.put("/things/1", content=b"x" * 70_000).status_code != 413
    for answer in (
        client.put("/things/1", content=b"x" * 1_100_000),
        client.post("/auth/login", content=b"x" * 70_000, headers={"Content-Type": "application/json"}),
        client.post("/auth/refresh", content=b"x" * 70_000, headers={"Content-Type": "application/json"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_listed_page_may_call_with_credentials(client: TestClient) -> None:
    """The preflight allows what it asks for, and the answer may be read; so may refusals of the edge."""
    preflight = client.options("/auth/login", headers={"Origin": APP, **PREFLIGHT})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == APP
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert set(preflight.headers) >= HEADERS

    for answer in (
        client.get("/health/live", headers={"Origin": APP}),
        client.get("/things/500", headers={"Origin": APP}),
        client.put("/things/1", content=b"x" * 1_100_000, headers={"Origin": APP}),
    ):
        assert answer.headers["access-control-allow-origin"] == APP
        assert "Origin" in answer.headers["vary"]


def test_an_app_that_is_listed_may_call_with_credentials(make_auth: MakeAuth) -> None:
    """Its web view asks first, and reads the answer; one of another scheme does neither."""
    with TestClient(create(make_auth(cors_origins=["capacitor://localhost/"]))) as client:
        for origin, status in (("capacitor://localhost", 200), ("ionic://localhost", 403), ("null", 403)):
            preflight = client.options("/auth/login", headers={"Origin": origin, **PREFLIGHT})
            assert (origin, preflight.status_code) == (origin, status)
        answer = client.get("/health/live", headers={"Origin": "capacitor://localhost"})
        assert answer.headers["access-control-allow-origin"] == "capacitor://localhost"
        assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_page_that_is_not_listed_may_not(client: TestClient) -> None:
    """Its preflight is refused, and its browser gets no leave to show it an answer."""
    preflight = client.options("/auth/login", headers={"Origin": STRANGER, **PREFLIGHT})
    assert (preflight.status_code, preflight.json()["code"]) == (403, "cross_site_request")
    assert set(preflight.headers) >= HEADERS

    for answer in (preflight, client.get("/health/live", headers={"Origin": STRANGER})):
        assert "access-control-allow-origin" not in answer.headers
        assert "Origin" in answer.headers["vary"]


def test_a_wildcard_goes_without_credentials(make_auth: MakeAuth) -> None:
    """Any page may ask then, and never in a user's name."""
    with TestClient(create(make_auth(cors_origins=["*"]))) as client:
        for answer in (
            client.options("/auth/login", headers={"Origin": STRANGER, **PREFLIGHT}),
            client.get("/health/live", headers={"Origin": STRANGER, "Cookie": "a=b"}),
        ):
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers


def test_without_a_list_nobody_elsewhere_may_call(make_auth: MakeAuth) -> None:
    """A preflight is a method that the path does not take."""
    with TestClient(create(make_auth())) as client:
        answer = client.options("/auth/login", headers={"Origin": APP, **PREFLIGHT})
        assert answer.status_code == 405
        assert "access-control-allow-origin" not in answer.headers


def test_ready_names_the_database_when_it_is_gone(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once polls have stopped, the database is asked, and it is the one to name."""

    async def gone(*_: Any) -> None:
        raise Unavailable

    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr("gatewright.storage.dialects.sqlite.SqliteDatabase.read", gone)
    monkeypatch.setattr(Revocations, "is_fresh", False)

    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["detail"] == "Not ready: the database does not answer."
    assert answer.headers["retry-after"]
    assert client.get("/health/live").status_code == 200


def test_ready_names_the_poll_when_it_is_late(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not hear of revocations is not ready, although its database answers."""
    monkeypatch.setattr(Revocations, "is_fresh", False)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Not ready: the last poll for revocations is too old."


@pytest.mark.usefixtures("without_background")
def test_ready_writes_once_however_often_it_is_asked(make_auth: MakeAuth) -> None:
    """Orchestrators ask often; within five seconds that costs one write, and no other statement."""
    auth = make_auth()
    with TestClient(create(auth)) as client:
        statements: list[str] = []
        auth.database.observers.append(statements.append)
        for _ in range(20):
            assert client.get("/health/ready").status_code == 200
        assert [statement.split()[0] for statement in statements] == ["INSERT"]


def test_ready_fails_while_nothing_can_be_written(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads and polls go on, so only a write shows it."""

    async def refuse(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr("gatewright.storage.dialects.sqlite.SqliteDatabase.write", refuse)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["detail"] == "Not ready: the database refuses writes. The log has the reason."


def test_the_admin_route_goes_by_the_role(make_auth: MakeAuth) -> None:
    """The tutorial's call: its words for an administrator, 403 for others; under the prefix like all."""
    auth = make_auth(api_prefix="/api")
    with TestClient(create(auth)) as client:
        as_user = AsUser(client, auth)
        answer = as_user(role="ADMIN").get("/api/users/admin")
        assert (answer.status_code, answer.json()) == (200, {"message": "This is admin-only data"})

        refused = as_user().get("/api/users/admin")
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_role")
        assert client.get("/users/admin").status_code == 404


def test_the_document_describes_what_is_served(client: TestClient) -> None:
    """Named, versioned, and complete: errors are problems, also those of others' routes."""
    document = client.get("/openapi.json").json()

    assert document["info"] == {"title": "Gatewright", "version": gatewright.__version__}
    assert {"/health/live", "/health/ready", "/users/admin", "/auth/login"} <= set(document["paths"])
    assert not {"/docs", "/openapi.json"} & set(document["paths"])
    assert {"200", "401", "403"} <= set(document["paths"]["/users/admin"]["get"]["responses"])
    assert "HTTPValidationError" not in str(document)
    described = {tag["name"] for tag in document["tags"]}
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {tag for operation in operations for tag in operation.get("tags", [])} == described


def test_the_docs_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    """Its files come from this server, at addresses that change with them, and are kept for good."""
    page = client.get("/docs")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert len(loaded) == 4
    for address in loaded:
        assert not re.match(r"[a-z]+:|/", address)
        answer = client.get("/" + address)
        assert answer.status_code == 200
        if address != "openapi.json":
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_docs_page_runs_only_its_own_scripts(client: TestClient) -> None:
    """A nonce that is new each time, and no leave for anything inline beside it."""
    pages = [client.get("/docs") for _ in range(2)]
    policies = [page.headers["content-security-policy"] for page in pages]

    nonces = [re.findall(r"script-src 'nonce-([\w-]{20,})';", policy) for policy in policies]
    assert nonces[0] != nonces[1]
    for page, policy, (nonce,) in zip(pages, policies, nonces, strict=True):
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert re.findall(r"<script[^>]*>", page.text) == re.findall(rf'<script[^>]*nonce="{nonce}">', page.text)


def test_a_title_cannot_break_out_of_the_docs_page(make_auth: MakeAuth) -> None:
    """It is text, whatever it holds."""
    with TestClient(make_auth().create_app(title="</title><script>alert(1)</script>")) as client:
        assert "<script>alert" not in client.get("/docs").text


def test_the_docs_are_off_unless_asked_for_in_production(make_auth: MakeAuth) -> None:
    """Neither the page nor the document nor its files are there."""
    production: dict[str, Any] = {
        "environment": "production",
        "public_url": "https://auth.example.com",
        "mail_url": "smtp://mail.example.com",
        "secret": secrets.token_urlsafe(48),
        "argon2": {},
    }
    with TestClient(create(make_auth(**production))) as client:
        assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [404, 404]
        assert client.get("/health/live").headers["strict-transport-security"]
    with TestClient(create(make_auth(**production, docs={"enabled": True}))) as client:
        assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [200, 200]


def test_an_own_lifespan_runs_inside_gatewrights(make_auth: MakeAuth) -> None:
    """It may use what Gatewright has started, from its first line to its last."""
    auth = make_auth()
    seen: list[object] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        seen.append(auth.kernel)
        yield
        seen.append(auth.kernel)

    with TestClient(auth.create_app(lifespan=lifespan)):
        pass
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("default-src 'self'", "default-src 'self'; base-uri 'none'; form-action 'self'"),
        ("DEFAULT-SRC 'none';; script-src 'self'; default-src *;", "default-src 'none'; script-src 'self'; base-uri"),
        (
            "script-src 'self'; frame-ancestors 'self'; base-uri 'self'",
            "script-src 'self'; frame-ancestors 'self'; base",
        ),
        (
            "default-src 'self'; style-src 'self' 'unsafe-inline'",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; ",
        ),
    ],
)
def test_a_policy_for_pages_is_completed(given: str, sent: str) -> None:
    """What it does not name gets a safe value; what it names stays."""
    policy = page_policy(given).decode()
    assert policy.startswith(sent)
    names = [part.split()[0] for part in policy.split("; ")]
    assert len(names) == len(set(names))
    assert {"base-uri", "form-action", "frame-ancestors", "object-src"} <= set(names)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "default-src 'self'\r\nSet-Cookie: a=b",
        "default-src 'self', script-src *",
        "style-src 'self'",
        "default-src 'self' 'unsafe-inline'",
        "default-src 'self'; script-src 'self' 'UNSAFE-EVAL'",
        "default-src 'self'; script-src-attr 'unsafe-inline'",
    ],
)
def test_a_policy_that_lets_injected_scripts_run_is_refused(make_auth: MakeAuth, given: str) -> None:
    """When the app is made, in one sentence that says what to write."""
    with pytest.raises(SetupError, match="page_policy: "):
        make_auth().create_app(page_policy=given)


@pytest.mark.parametrize("policy", [None, "default-src 'self'"])
def test_a_page_that_has_not_changed_keeps_its_policy(make_auth: MakeAuth, tmp_path: Path, policy: str | None) -> None:
    """A 304 has none: browsers put its headers over those of the stored page (RFC 9111 section 4.3.4)."""
    (tmp_path / "page.html").write_text("<!doctype html><title>Page</title>")
    app = make_auth().create_app(page_policy=policy)
    app.mount("/", StaticFiles(directory=tmp_path))
    with TestClient(app) as client:
        page = client.get("/page.html")
        assert page.headers["content-security-policy"].startswith(policy or "default-src 'none'")
        same = client.get("/page.html", headers={"If-None-Match": page.headers["etag"]})
        assert same.status_code == 304
        assert "content-security-policy" not in same.headers
        assert same.headers["x-content-type-options"] == "nosniff"
