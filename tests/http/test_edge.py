"""The headers of every answer that is Gatewright's, whoever wrote it and whatever its status."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from gatewright import Gatewright, GatewrightMiddleware
from gatewright.errors import Unavailable
from gatewright.http.edge import bare_answer
from gatewright.http.errors import HeadersTooLarge
from gatewright.server import create
from tests.conftest import make_settings

HTTPS = "https://auth.example.com"
APP, STRANGER = "https://app.example.com", "https://evil.example.com"
PERSON = {"email": "user@example.com", "password": "correct horse battery", "firstName": "John", "lastName": "Doe"}
LOGIN = {"email": PERSON["email"], "password": PERSON["password"]}
JSON = {"Content-Type": "application/json"}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}

VALUES = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
IN_EVERY_POLICY = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")
LINK = "__Host-gatewright_link_reset-password"


def settings_of(folder: Path, template: Path, **changes: Any) -> Any:
    """Those of a server in production, on a database of its own."""
    copy = shutil.copy(template, folder / "gatewright.db")
    given: dict[str, Any] = {
        "environment": "production",
        "public_url": HTTPS,
        "mail_url": "smtp://mail.example.com",
        "secret": secrets.token_urlsafe(48),
        "argon2": {},
        "docs": {"enabled": True},
        "cors_origins": [APP],
        **changes,
    }
    return make_settings(f"sqlite:///{copy}", **given)


def routes_of_others(app: FastAPI, folder: Path) -> None:
    """Routes that know nothing of headers."""
    folder.joinpath("page.html").write_text("<p>static</p>")
    app.mount("/static", StaticFiles(directory=folder))

    @app.delete("/things/{number}", status_code=204)
    async def delete_thing(number: int) -> None:
        assert number

    @app.get("/things/{number}")
    async def thing(number: int) -> int:
        if number == 418:
            raise HTTPException(418, "A teapot.")
        if number == 500:
            raise RuntimeError("a fault")
        return number


@pytest.fixture(scope="module")
def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The stand-alone server in production, with a page of somebody's own beside it."""
    folder = tmp_path_factory.mktemp("edge")
    app = create(Gatewright(settings_of(folder, sqlite_template)))
    routes_of_others(app, folder)
    with TestClient(app, base_url=HTTPS, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def personal(client: TestClient) -> dict[str, httpx2.Response]:
    """Answers with tokens or personal data in them, or to somebody in particular."""
    registered = client.post("/auth/register", json=PERSON)
    own = {"Authorization": f"Bearer {registered.json()['accessToken']}"}
    with_cookies = client.post("/auth/login?useCookies=true", json=LOGIN, headers={"Origin": HTTPS})
    client.cookies.clear()
    return {
        "login with cookies": with_cookies,
        "register": registered,
        "login": client.post("/auth/login", json=LOGIN),
        "token form": client.post("/auth/token", data={"username": LOGIN["email"], "password": LOGIN["password"]}),
        "refresh": client.post("/auth/refresh", json={"refreshToken": registered.json()["refreshToken"]}),
        "profile": client.get("/users/profile", headers=own),
        "export": client.get("/users/profile/export", headers=own),
        "sessions": client.get("/auth/sessions", headers=own),
        "refused login": client.post("/auth/login", json={**LOGIN, "password": "another one"}),
        "refused role": client.get("/users/admin", headers=own),
        "page": client.get("/auth/pages/reset-password", headers={"Cookie": f"{LINK}=gwm_token"}),
        "route of others, by token": client.get("/things/1", headers=own),
        "route of others, by cookie": client.get("/things/1", headers={"Cookie": "a=b"}),
    }


@pytest.fixture(scope="module")
def answers(client: TestClient, personal: dict[str, httpx2.Response]) -> dict[str, httpx2.Response]:
    """One answer of every kind there is."""
    docs = client.get("/docs")
    script = docs.text.partition('src="')[2].partition('"')[0]
    return {
        **personal,
        "400": client.post("/auth/login", content=b"{", headers=JSON),
        "401": client.get("/users/profile"),
        "403 across sites": client.post("/auth/login?useCookies=true", json=LOGIN, headers={"Origin": STRANGER}),
        "404": client.get("/nowhere"),
        "405": client.put("/users/profile"),
        "405 of others": client.put("/things/1"),
        "413": client.post("/auth/login", content=b"x" * 70_000, headers=JSON),
        "415": client.post("/auth/login", content=b"x"),
        "418 of others": client.get("/things/418"),
        "422": client.post("/auth/login", json={}),
        "422 of others": client.get("/things/one"),
        "500": client.get("/things/500"),
        "HEAD": client.head("/nowhere"),
        "preflight": client.options("/auth/login", headers={"Origin": APP, **PREFLIGHT}),
        "refused preflight": client.options("/auth/login", headers={"Origin": STRANGER, **PREFLIGHT}),
        "keys": client.get("/.well-known/jwks.json"),
        "health": client.get("/health/live"),
        "docs": docs,
        "script of the docs": client.get("/" + script),
        "document": client.get("/openapi.json"),
        "posted page": client.post("/auth/pages/verify-email", data={"token": "gwm_token"}, headers={"Origin": HTTPS}),
        "route of others": client.get("/things/1"),
        "static file": client.get("/static/page.html"),
    }


def test_every_kind_of_answer_is_there(answers: dict[str, httpx2.Response]) -> None:
    """What the next tests look at."""
    found = {answer.status_code for answer in answers.values()}
    assert found >= {200, 201, 400, 401, 403, 404, 405, 413, 415, 418, 422, 500}
    assert {name[:3] for name in answers if name[0].isdigit()} <= {str(status) for status in found}
    assert answers["script of the docs"].is_success
    assert answers["page"].is_success


@pytest.mark.parametrize("name", VALUES)
def test_every_answer_has_the_header(answers: dict[str, httpx2.Response], name: str) -> None:
    """Once, and with the same value everywhere."""
    found = {kind: answer.headers.get_list(name) for kind, answer in answers.items()}
    assert {kind: values for kind, values in found.items() if values != [VALUES[name]]} == {}


def test_every_answer_has_a_policy_that_lets_nothing_in(answers: dict[str, httpx2.Response]) -> None:
    """Nothing that the answer does not name, no frame around it, and nothing inline (CSP Level 3)."""
    for kind, answer in answers.items():
        (policy,) = answer.headers.get_list("content-security-policy")
        directives = policy.split("; ")
        assert set(directives) >= set(IN_EVERY_POLICY), kind
        assert any(each.startswith("form-action ") for each in directives), kind
        assert "unsafe" not in policy, kind
        assert "*" not in policy, kind
        assert "http" not in policy, kind


def test_no_answer_says_what_the_server_is_made_of(answers: dict[str, httpx2.Response]) -> None:
    """And each has the name by which the log knows its request."""
    for kind, answer in answers.items():
        assert not {"server", "x-powered-by", "via"} & set(answer.headers), kind
        assert len(answer.headers.get_list("x-request-id")) == 1, kind


def test_nothing_personal_is_stored(personal: dict[str, httpx2.Response], answers: dict[str, httpx2.Response]) -> None:
    """Not what Gatewright answers, and not what an app's own routes say to somebody in particular."""
    found = {kind: answer.headers.get_list("cache-control") for kind, answer in personal.items()}
    assert {kind: values for kind, values in found.items() if values != ["no-store"]} == {}
    assert "cache-control" not in answers["route of others"].headers
    assert "cache-control" not in answers["static file"].headers


def test_what_is_for_everybody_is_kept_for_its_time_with_credentials_too(client: TestClient) -> None:
    """An answer's own word counts."""
    for path in ("/.well-known/jwks.json", "/openapi.json"):
        answer = client.get(path, headers={"Authorization": "Bearer x"})
        assert answer.headers["cache-control"] == client.get(path).headers["cache-control"] != "no-store"


def test_answers_differ_by_origin_and_say_so(answers: dict[str, httpx2.Response]) -> None:
    """A cache that had one without leave would give it to a page that has it, or the other way round."""
    assert [kind for kind, answer in answers.items() if "Origin" not in answer.headers.get("vary", "")] == []


def test_strangers_learn_nothing_of_what_others_may(client: TestClient) -> None:
    """No header of CORS at all, in answers and in refused preflights; `null` is a stranger as well."""
    for origin in (STRANGER, "null", "https://app.example.com.evil.com", "http://app.example.com", APP + ":8443"):
        for answer in (
            client.get("/health/live", headers={"Origin": origin}),
            client.post("/auth/login", json=LOGIN, headers={"Origin": origin}),
            client.options("/auth/login", headers={"Origin": origin, **PREFLIGHT}),
        ):
            assert [name for name in answer.headers if name.startswith("access-control")] == [], origin


def test_an_answer_without_content_has_no_type(client: TestClient) -> None:
    """FastAPI gives a 204 the type of its usual answers; it has no content that could be of it."""
    person = {**PERSON, "email": "leaving@example.com"}
    own = {"Authorization": f"Bearer {client.post('/auth/register', json=person).json()['accessToken']}"}
    other = client.post("/auth/login", json={"email": person["email"], "password": person["password"]}).json()
    listed = client.get("/auth/sessions", headers={"Authorization": f"Bearer {other['accessToken']}"}).json()["data"]
    (second,) = [each["id"] for each in listed if each["current"]]
    for path in (f"/auth/sessions/{second}", "/things/1", "/users/profile"):
        answer = client.delete(path, headers=own)
        assert (answer.status_code, answer.content) == (204, b""), path
        assert "content-type" not in answer.headers, path


def test_without_https_browsers_are_not_told_to_use_it(sqlite_template: Path, tmp_path: Path) -> None:
    """All other headers are there (RFC 6797 section 7.2)."""
    changes = {"environment": "development", "public_url": "http://localhost:3000"}
    with TestClient(create(Gatewright(settings_of(tmp_path, sqlite_template, **changes)))) as client:
        for path in ("/health/live", "/users/profile", "/nowhere", "/docs"):
            headers = client.get(path).headers
            assert set(headers) & set(VALUES) == set(VALUES) - {"strict-transport-security"}


@pytest.mark.parametrize("way", ["install", "middleware"])
def test_inside_another_app_own_answers_have_them_and_others_do_not(
    sqlite_template: Path, tmp_path: Path, way: str
) -> None:
    """The host's routes get a request id and nothing else."""
    auth = Gatewright(settings_of(tmp_path, sqlite_template))
    host = FastAPI(lifespan=auth.lifespan) if way == "install" else FastAPI()
    routes_of_others(host, tmp_path)
    app: Any = host
    if way == "install":
        auth.install(host)
    else:
        app = GatewrightMiddleware(Starlette(routes=host.routes), auth)
    policies = {*VALUES, "content-security-policy"}
    with TestClient(app, base_url=HTTPS, raise_server_exceptions=False) as client:
        for own in (
            client.post("/auth/login", json={}),
            client.put("/users/profile"),
            client.get("/.well-known/jwks.json"),
        ):
            assert set(own.headers) >= policies
        for path in ("/things/1", "/things/500", "/nowhere", "/static/page.html"):
            theirs = client.get(path, headers={"Cookie": "a=b", "Origin": STRANGER})
            assert not set(theirs.headers) & {*policies, "cache-control"}
            assert [name for name in theirs.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("https", [True, False])
def test_what_no_app_gets_to_see_is_answered_alike(https: bool) -> None:
    """The bytes of a refusal before there is a request, and of `gatewright dev` while there is no app."""
    for error, line in (
        (HeadersTooLarge(), "HTTP/1.1 431 Request Header Fields Too Large"),
        (Unavailable("The app is not running."), "HTTP/1.1 503 Service Unavailable"),
    ):
        head, _, body = bare_answer(error, https=https).decode().partition("\r\n\r\n")
        status, *lines = head.split("\r\n")
        headers = dict(each.split(": ", 1) for each in lines)
        assert len(headers) == len(lines)
        assert status == line
        assert set(headers) >= {*VALUES, "content-security-policy", "cache-control"} - (
            set() if https else {"strict-transport-security"}
        )
        assert ("strict-transport-security" in headers) is https
        assert (headers["connection"], int(headers["content-length"])) == ("close", len(body))
        assert f'"requestId":"{headers["x-request-id"]}"' in body
