"""What every answer carries, and what no request can put into it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.attacks.conftest import migrated_copy, running_server
from tests.attacks.test_paths_and_methods import SECURITY_HEADERS, request, send_raw
from tests.live import PASSWORD, LiveServer, bearer, register

MADE_HERE = re.compile(r"[0-9a-f]{32}")

WELL_FORMED = ["abcdefgh", "a" * 128, "4bf92f3577b34da6a3ce929d0e0e4736", "A-Z_0.9~+/=", "01HZX3V6K8-edge/7"]
HOSTILE = [
    "short",
    "a" * 129,
    "a" * 8_000,
    "with a space",
    "with\ttab-12",
    "semi;colon",
    'quote"quote',
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "%0d%0aX-Evil:1",
    "\u00fcmlaut-\u00fcmlaut",
    "a,b,c,d,e,f",
    "",
]


@pytest.fixture
def behind_proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """A server that takes this machine for its proxy."""
    with migrated_copy(request, "sqlite", tmp_path) as url:
        server = LiveServer(url, tmp_path, workers=1, TRUSTED_PROXIES="127.0.0.1")
        with running_server(server):
            yield server


@pytest.fixture
def answers(client: httpx2.Client, email: str) -> list[httpx2.Response]:
    """One answer of every kind: with a token or a profile in it, refusals, and faults of the request."""
    tokens = register(client, email)
    own = bearer(tokens)
    is_json = {"Content-Type": "application/json"}
    return [
        client.post(
            "/auth/register", json={"email": f"a{email}", "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}
        ),
        client.post("/auth/register", json={"email": email, "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}),
        client.post("/auth/login", json={"email": email, "password": PASSWORD}),
        client.post("/auth/login", json={"email": email, "password": "attacked"}),
        client.post("/auth/login", content=b"{", headers=is_json),
        client.post("/auth/login", content=b"x" * 70_000, headers=is_json),
        client.post("/auth/login", content=b"x"),
        client.post("/auth/token", data={"grant_type": "password", "username": email, "password": PASSWORD}),
        client.post("/auth/token", data={"grant_type": "password", "username": email, "password": "attacked"}),
        client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}),
        client.post("/auth/refresh", json={"refreshToken": "attacked"}),
        client.post("/auth/refresh", json={}),
        client.get("/users/profile", headers=own),
        client.get("/users/profile"),
        client.patch("/users/profile", json={"firstName": "Al"}, headers=own),
        client.get("/users/admin", headers=own),
        client.get("/auth/sessions", headers=own),
        client.delete("/auth/sessions/nobody", headers=own),
        client.put("/users/profile"),
        client.get("/nowhere"),
        client.post("/auth/logout", json={"refreshToken": "attacked"}),
        client.post("/auth/logout-all", headers=own),
    ]


def test_every_answer_carries_the_security_headers(answers: list[httpx2.Response]) -> None:
    """Whatever the status; nothing is to be stored, and none says what the server is made of."""
    for answer in answers:
        lacking = {name: value for name, value in SECURITY_HEADERS.items() if answer.headers.get(name) != value}
        assert lacking == {}, answer.request.url
        assert not {"server", "x-powered-by", "via"} & set(answer.headers)
        assert MADE_HERE.fullmatch(answer.headers["X-Request-Id"])
        for name, _ in answer.headers.multi_items():
            assert len(answer.headers.get_list(name)) == 1, (name, answer.request.url)


def test_every_refusal_is_a_problem_document(answers: list[httpx2.Response]) -> None:
    """RFC 9457, with the request's id in it; `/auth/token` speaks as RFC 6749 has it."""
    for answer in answers:
        if answer.is_success or answer.request.url.path == "/auth/token":
            continue
        body = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code", "requestId"}
        assert (body["status"], body["requestId"]) == (answer.status_code, answer.headers["X-Request-Id"])


def test_no_answer_says_more_than_it_should(answers: list[httpx2.Response]) -> None:
    """No password, no hash, no hidden column, no address of somebody who was only guessed at."""
    for answer in answers:
        for word in ("attacked", "argon2", "emailKey", "disabledAt", "Traceback", "SELECT", "sqlite", "postgres"):
            assert word not in answer.text


@pytest.mark.parametrize("path", ["/users/profile", "/auth/sessions", "/users/admin", "/nowhere"])
def test_nobody_chooses_the_id_of_a_request(client: httpx2.Client, path: str) -> None:
    """No proxy is trusted here: whoever took another's id would mix their requests into that one's in the log."""
    for given in WELL_FORMED:
        answer = client.get(path, headers={"X-Request-Id": given, "X-Forwarded-For": "127.0.0.1"})
        assert MADE_HERE.fullmatch(answer.headers["X-Request-Id"])
        assert answer.headers["X-Request-Id"] == answer.json()["requestId"] != given


def test_a_trusted_proxys_request_id_is_taken_over_when_it_is_well_formed(behind_proxy: LiveServer) -> None:
    """So that one request has one name in all logs; what could forge a line, or be a page, never comes back."""
    with behind_proxy.client() as client:
        for given in WELL_FORMED:
            answer = client.get("/users/profile", headers={"X-Request-Id": given})
            assert (answer.headers["X-Request-Id"], answer.json()["requestId"]) == (given, given)
    for given in HOSTILE:
        raw = send_raw(behind_proxy, request("GET /users/profile HTTP/1.1", f"X-Request-Id: {given}"))
        assert raw is not None
        assert MADE_HERE.fullmatch(raw.headers["x-request-id"]), given
        assert given == "" or given.encode("latin-1") not in raw.body
    two = request("GET /users/profile HTTP/1.1", "X-Request-Id: aaaaaaaa", "X-Request-Id: bbbbbbbb")
    joined = send_raw(behind_proxy, two)
    assert joined is not None
    assert re.fullmatch(r"aaaaaaaa|bbbbbbbb|[0-9a-f]{32}", joined.headers["x-request-id"])


def test_forwarded_headers_are_not_believed(client: httpx2.Client, email: str) -> None:
    """Nobody writes another address, host or scheme into their session, unless a trusted proxy says so."""
    headers = {
        "X-Forwarded-For": "203.0.113.66",
        "Forwarded": "for=203.0.113.66;host=attacker.example",
        "X-Real-Ip": "203.0.113.66",
        "X-Forwarded-Host": "attacker.example",
        "X-Forwarded-Proto": "https",
        "Host": "attacker.example",
    }
    body = {"email": email, "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}
    answer = client.post("/auth/register", json=body, headers=headers)
    assert answer.status_code == 201
    listed = client.get("/auth/sessions", headers={**headers, **bearer(answer.json())})
    (session,) = listed.json()["data"]
    assert session["ipAddress"] in ("127.0.0.1", "::1")
    assert "attacker" not in listed.text + str(listed.headers) + answer.text


def test_a_user_agent_is_kept_as_harmless_text(client: httpx2.Client, email: str) -> None:
    """Cut at 512 characters, without controls; it comes back as JSON only."""
    agent = b"<script>attack</script>\x9b[2J\xff" + b"x" * 5_000
    body = {"email": email, "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}
    tokens = client.post("/auth/register", json=body, headers=[(b"User-Agent", agent)]).json()
    listed = client.get("/auth/sessions", headers=bearer(tokens))
    (session,) = listed.json()["data"]
    assert len(session["userAgent"]) == 512
    assert session["userAgent"].isprintable()
    assert listed.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"attacked\r\n\r\n", 400, "malformed_request"),
        (b"GET /users/profile HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 70_000, 431, "headers_too_large"),
    ],
)
def test_what_is_no_request_is_refused_like_any_other(live: LiveServer, sent: bytes, status: int, code: str) -> None:
    """A problem document with all the headers, and nothing of what was sent; then the connection ends."""
    answer = send_raw(live, sent)
    assert answer is not None
    lacking = {name: value for name, value in SECURITY_HEADERS.items() if answer.headers.get(name) != value}
    assert lacking == {}
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert json.loads(answer.body)["code"] == code
    assert json.loads(answer.body)["requestId"] == answer.headers["x-request-id"]
    assert "server" not in answer.headers
