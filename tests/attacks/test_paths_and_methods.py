"""Wrong methods, odd paths and requests that are hardly HTTP: each gets a refusal at once, and none a fault."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass

import httpx2
import pytest

from gatewright.http.head import with_head
from tests.live import LiveServer, bearer, code, register

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

METHODS_OF = {
    "/auth/register": {"POST"},
    "/auth/login": {"POST"},
    "/auth/token": {"POST"},
    "/auth/refresh": {"POST"},
    "/auth/logout": {"POST"},
    "/auth/logout-all": {"POST"},
    "/auth/sessions": {"GET"},
    "/auth/sessions/aaaaaaaaaaaaaaaaaaaaaaaa": {"DELETE"},
    "/auth/verify-email": {"POST"},
    "/auth/verify-email/resend": {"POST"},
    "/auth/not-me": {"POST"},
    "/auth/email/change": {"POST"},
    "/auth/email/change/confirm": {"POST"},
    "/auth/password/forgot": {"POST"},
    "/auth/password/reset": {"POST"},
    "/auth/password/change": {"POST"},
    "/auth/password/set": {"POST"},
    "/auth/reauthenticate": {"POST"},
    "/auth/introspect": {"POST"},
    "/auth/pages/verify-email": {"GET", "POST"},
    "/auth/pages/reset-password": {"GET", "POST"},
    "/auth/inbox": {"GET"},
    "/users/profile": {"GET", "PATCH", "DELETE"},
    "/users/profile/export": {"GET"},
    "/users/admin": {"GET"},
    "/.well-known/jwks.json": {"GET"},
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK", "PURGE", "MKCOL"]


@dataclass(frozen=True)
class Raw:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def send_raw(live: LiveServer, request: bytes) -> Raw | None:
    """Send bytes as they are; None when the server closes without an answer. Waits for five seconds at most."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as connection:
        connection.sendall(request)
        received = b""
        try:
            while not _is_whole(received) and (piece := connection.recv(65_536)):
                received += piece
        except ConnectionResetError:
            pass
    return _parsed(received) if received else None


def _is_whole(received: bytes) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    answer = _parsed(received) if separator else None
    return answer is not None and len(body) >= int(answer.headers.get("content-length", 1 << 30)) and bool(head)


def _parsed(received: bytes) -> Raw:
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Raw(int(status.split()[1]), headers, body)


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    head = "\r\n".join([line, "Host: localhost", "Connection: close", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def test_a_wrong_method_names_the_right_ones(client: httpx2.Client) -> None:
    """405 with `Allow` (RFC 9110 section 15.5.6), before credentials or a body are looked at."""
    wrong = []
    for path, right in METHODS_OF.items():
        for method in METHODS:
            if method in with_head(right):
                continue
            answer = client.request(method, path)
            allowed = set(answer.headers.get("Allow", "").split(", "))
            if (answer.status_code, answer.json()["code"], allowed) != (405, "method_not_allowed", with_head(right)):
                wrong.append((method, path, answer.text))
    assert wrong == []


def test_a_head_request_gets_no_body(client: httpx2.Client) -> None:
    """Whatever is answered to HEAD, it has no body and is no fault."""
    for path in METHODS_OF:
        answer = client.head(path)
        assert (answer.status_code < 500, answer.content) == (True, b"")


UNKNOWN_PATHS = [
    "//auth/login",
    "/auth//login",
    "/auth/login/",
    "/auth/login//",
    "/users/profile/",
    "/./auth/login",
    "/auth/../auth/login",
    "/auth/%2e%2e/users/profile",
    "/auth/..%2fusers/profile",
    "/auth\\login",
    "/AUTH/LOGIN",
    "/auth/login;a=b",
    "/auth/login%00",
    "/auth/login%0a",
    "/auth/login%20",
    "/auth/login%ff",
    "/users/profile%0a",
    "/users/profile%00.json",
    "/users/profile.json",
    "/auth/sessions/a/b",
    "/auth/sessions/a%2fb",
    "/auth/sessions/",
    "/%00",
    "/%",
    "/%zz",
    "/" + "a" * 16_000,
    "/" + "../" * 2_000 + "etc/passwd",
    "/.env",
    "/openapi.json/..",
    "/api/auth/login",
]


@pytest.mark.both_databases
def test_odd_paths_are_not_found(live: LiveServer) -> None:
    """No spelling leads to a route but its own; nothing is redirected to where the Host header says."""
    wrong = {}
    for method in ("GET", "POST"):
        for path in UNKNOWN_PATHS:
            answer = send_raw(live, request(f"{method} {path} HTTP/1.1", "Content-Length: 0"))
            assert answer is not None, path
            is_problem = answer.headers.get("content-type") == "application/problem+json"
            if answer.status != 404 or not is_problem or json.loads(answer.body)["code"] != "not_found":
                wrong[path[:60]] = (answer.status, answer.body[:80])
    assert wrong == {}


def test_an_unknown_path_has_the_headers_of_every_answer(live: LiveServer) -> None:
    """A refusal of the server's own carries them, too."""
    answer = send_raw(live, request("GET /nowhere HTTP/1.1"))
    assert answer is not None
    assert SECURITY_HEADERS.items() <= answer.headers.items()


ODD_IDS = [
    "%00",
    "a%00b",
    "%ff",
    "%F0%9F%98%80",
    "'%20OR%201=1--",
    "..",
    "%2e%2e",
    "a" * 15_000,
    "%0d%0aX-Evil:1",
    "*",
    "-1",
]


@pytest.mark.both_databases
def test_odd_identifiers_are_not_found(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """An identifier that no database can hold is one that is not there."""
    token = bearer(register(client, email))["Authorization"]
    wrong = {}
    for odd in ODD_IDS:
        answer = send_raw(live, request(f"DELETE /auth/sessions/{odd} HTTP/1.1", f"Authorization: {token}"))
        assert answer is not None, odd
        if (answer.status, json.loads(answer.body)["code"]) != (404, "not_found") or "x-evil" in answer.headers:
            wrong[odd[:40]] = (answer.status, answer.body[:80])
    assert wrong == {}


LOGIN = b'{"email":"x@example.com","password":"attacked"}'
HARDLY_HTTP = {
    "no HTTP": b"attacked\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "unknown method": request("ATTACK /auth/login HTTP/1.1"),
    "small letters": request("post /auth/login HTTP/1.1"),
    "a later version": request("GET /users/profile HTTP/9.9"),
    "NUL in the path": request("GET /users/\x00profile HTTP/1.1"),
    "NUL in a header": request("GET /users/profile HTTP/1.1", "X-Request-Id: aaaa\x00aaaa"),
    "a bare line feed in a header": request("GET /users/profile HTTP/1.1", "X-Request-Id: aaaaaaaa\nX-Evil: 1"),
    "a folded header": request("GET /users/profile HTTP/1.1", "X-A: b\r\n c"),
    "a space before the colon": request("GET /users/profile HTTP/1.1", "Authorization : x"),
    "a negative length": request("POST /auth/login HTTP/1.1", "Content-Length: -1"),
    "a length in words": request("POST /auth/login HTTP/1.1", "Content-Length: many"),
    "a length of another script": request("POST /auth/login HTTP/1.1", "Content-Length: \xb2"),
    "an endless length": request("POST /auth/login HTTP/1.1", "Content-Length: " + "9" * 100),
    "two lengths": request("POST /auth/login HTTP/1.1", "Content-Length: 47", "Content-Length: 48", body=LOGIN),
    "length and chunks": request(
        "POST /auth/login HTTP/1.1", "Content-Length: 47", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "an unknown encoding": request("POST /auth/login HTTP/1.1", "Transfer-Encoding: attacked", body=LOGIN),
    "chunks in disguise": request(
        "POST /auth/login HTTP/1.1", "Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"
    ),
    "a chunk of no number": request("POST /auth/login HTTP/1.1", "Transfer-Encoding: chunked", body=b"zz\r\n\r\n"),
}


@pytest.mark.parametrize("name", HARDLY_HTTP)
def test_what_is_hardly_http_is_refused(live: LiveServer, name: str) -> None:
    """The server answers 4xx or closes; it neither hangs nor takes it for something else."""
    answer = send_raw(live, HARDLY_HTTP[name])
    assert answer is None or 400 <= answer.status < 500
    assert answer is None or "x-evil" not in answer.headers


def test_a_body_shorter_than_its_length_is_no_request(live: LiveServer, client: httpx2.Client) -> None:
    """Who hangs up in the middle of a body is not answered, and the server goes on."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as connection:
        head = request("POST /auth/login HTTP/1.1", "Content-Type: application/json", "Content-Length: 1000")
        connection.sendall(head + LOGIN)
    assert client.get("/.well-known/jwks.json").status_code == 200


def test_many_and_large_headers_are_survived(live: LiveServer, client: httpx2.Client) -> None:
    """Sixty thousand bytes in one header, and ten thousand headers: an answer below 500, or none."""
    huge = "A" * 60_000
    for headers in ([f"X-A: {huge}"], [f"Authorization: Bearer {huge}"], [f"X-{n}: {n}" for n in range(10_000)]):
        answer = send_raw(live, request("GET /users/profile HTTP/1.1", *headers))
        assert answer is None or answer.status in (400, 401, 431)
    assert client.get("/.well-known/jwks.json").status_code == 200


def test_credentials_that_come_twice_count_for_nobody(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """Of two Authorization headers none is believed, not even when both are the same."""
    token = bearer(register(client, email))["Authorization"]
    once = send_raw(live, request("GET /users/profile HTTP/1.1", f"Authorization: {token}"))
    assert once is not None
    assert once.status == 200
    for other in (token, "Bearer attacked", "Basic YTpi", ""):
        twice = [f"Authorization: {token}", f"Authorization: {other}"]
        for headers in (twice, twice[::-1]):
            answer = send_raw(live, request("GET /users/profile HTTP/1.1", *headers))
            assert answer is not None
            assert (answer.status, json.loads(answer.body)["code"]) == (401, "invalid_token")


ODD_CREDENTIALS = {
    "Bearer": "invalid_token",
    "Bearer ": "invalid_token",
    "Bearer attacked attacked": "invalid_token",
    "Bearer \xff": "invalid_token",
    "BEARER attacked": "invalid_token",
    "Basic YTpi": "not_authenticated",
    "attacked": "not_authenticated",
    "": "not_authenticated",
    "Bearerattacked": "not_authenticated",
    "Token attacked": "not_authenticated",
}


def test_odd_credentials_are_refused(live: LiveServer) -> None:
    """No access token: 401 without an error attribute; a wrong one: 401 with it (RFC 6750 section 3.1)."""
    for value, expected in ODD_CREDENTIALS.items():
        answer = send_raw(live, request("GET /users/profile HTTP/1.1", f"Authorization: {value}"))
        assert answer is not None
        assert (answer.status, json.loads(answer.body)["code"]) == (401, expected), value
        assert answer.headers["www-authenticate"] == (
            'Bearer error="invalid_token"' if expected == "invalid_token" else "Bearer"
        )


def test_a_token_in_the_query_or_a_cookie_is_not_looked_at(client: httpx2.Client, email: str) -> None:
    """Access tokens come in the header only: addresses end up in logs (RFC 9700 section 4.3.2)."""
    token = register(client, email)["accessToken"]
    for headers in ({"Cookie": f"access_token={token}"}, {"X-Access-Token": token}):
        answer = client.get("/users/profile", params={"access_token": token}, headers=headers)
        assert code(answer) == (401, "not_authenticated")
