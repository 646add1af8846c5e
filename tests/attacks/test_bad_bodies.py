"""Bodies that are wrong in every way: each gets the one right refusal, at once, and is repeated nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from gatewright import Gatewright
from gatewright.http.edge import Edge
from tests.live import PASSWORD, bearer, code, register

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIMIT = 64 * 1024


@dataclass(frozen=True)
class Call:
    """A call that takes a JSON body, and a body that it takes."""

    method: str
    path: str
    body: dict[str, str]


CALLS = [
    Call(
        "POST", "/auth/register", {"email": "x@example.com", "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}
    ),
    Call("POST", "/auth/login", {"email": "x@example.com", "password": PASSWORD}),
    Call("POST", "/auth/refresh", {"refreshToken": "gwr_attacked"}),
    Call("POST", "/auth/logout", {"refreshToken": "gwr_attacked"}),
    Call("PATCH", "/users/profile", {"firstName": "Al", "lastName": "Bo"}),
]

MALFORMED = {
    "no JSON": b"email=x",
    "cut off": b'{"email":"x@exa',
    "two values": b"{}{}",
    "a comma too many": b'{"email":"x@example.com",}',
    "single quotes": b"{'email':'x@example.com'}",
    "a comment": b"{} // attacked",
    "NaN": b'{"email":NaN}',
    "Infinity": b'{"email":-Infinity}',
    "spaces": b"   ",
    "NUL": b"\x00",
    "not UTF-8": b'{"email":"\xff\xfe"}',
    "UTF-16": json.dumps({"email": "x@example.com"}).encode("utf-16"),
    "UTF-16 without a mark": json.dumps({"email": "x@example.com"}).encode("utf-16-le"),
    "UTF-32": json.dumps({"email": "x@example.com"}).encode("utf-32"),
    "an overlong encoding": b'{"email":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"email":"\xed\xa0\x80"}',
    "a lone surrogate": b'{"email":"\\ud800"}',
    "a lone surrogate for a name": b'{"\\udc00":"x"}',
    "a raw line break": b'{"email":"x\n@example.com"}',
    "deep arrays": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep and open": b"[" * 60_000,
    "a number of sixty thousand digits": b'{"email":' + b"9" * 60_000 + b"}",
}

NOT_AN_OBJECT: list[Any] = [None, [], [{}], "attacked", 1, 1.5, True, 10**400, -(10**30)]

NOT_A_TEXT: list[Any] = [None, 1, 1.5, True, [], ["attacked"], {}, {"attacked": 1}, 10**400, 1e308]

MEDIA_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/jsonx",
    "application/json-patch+json",
    "application/ld+json",
    "json",
    "",
    "application/json, text/plain",
    "*/*",
]


@pytest.fixture(params=CALLS, ids=lambda call: f"{call.method} {call.path}")
def call(request: pytest.FixtureRequest) -> Call:
    found: Call = request.param
    return found


@pytest.fixture
def signed_in(client: httpx2.Client, email: str) -> httpx2.Client:
    """The client, with a live access token."""
    client.headers.update(bearer(register(client, email)))
    return client


def send(client: httpx2.Client, call: Call, body: bytes, headers: dict[str, str] | None = None) -> httpx2.Response:
    answer = client.request(call.method, call.path, content=body, headers=headers or JSON)
    assert_nothing_revealed(answer)
    return answer


def assert_nothing_revealed(answer: httpx2.Response) -> None:
    """A refusal repeats nothing of a body, and shows nothing of what is behind the server."""
    problem = {**answer.json(), "errors": [error["message"] for error in answer.json().get("errors", [])]}
    shown = json.dumps(problem).lower()
    for word in (
        "attacked",
        "traceback",
        'file "',
        "select ",
        "insert ",
        "sqlalchemy",
        "asyncpg",
        "pydantic",
        "python",
    ):
        assert word not in shown


def items(answer: httpx2.Response) -> set[tuple[str, str]]:
    assert code(answer) == (422, "validation_failed")
    return {(error["field"], error["code"]) for error in answer.json()["errors"]}


def lacking(call: Call) -> set[tuple[str, str]]:
    """What is said where there is no body: a refresh token might have come in a cookie instead."""
    is_optional = call.path in ("/auth/refresh", "/auth/logout")
    return {("/refreshToken" if is_optional else "", "required")}


def test_what_is_not_json_in_utf_8_is_malformed(signed_in: httpx2.Client, call: Call) -> None:
    """One answer for all of it, on every call."""
    answers = {name: code(send(signed_in, call, body)) for name, body in MALFORMED.items()}
    assert {name: answer for name, answer in answers.items() if answer != (400, "malformed_json")} == {}


def test_a_body_that_is_no_object_is_refused(signed_in: httpx2.Client, call: Call) -> None:
    """The item points to the whole body."""
    for value in NOT_AN_OBJECT:
        found = items(send(signed_in, call, json.dumps(value).encode()))
        assert found == {("", "invalid_type")} or (value is None and found == lacking(call)), value


def test_a_missing_body_is_refused(signed_in: httpx2.Client, call: Call) -> None:
    """Without a body, with or without a content type."""
    for headers in (JSON, {"Content-Length": "0"}):
        assert items(send(signed_in, call, b"", headers)) == lacking(call)


def test_missing_fields_are_named(signed_in: httpx2.Client, call: Call) -> None:
    """An empty object lacks every field; a profile needs none."""
    if call.method == "PATCH":
        assert signed_in.patch(call.path, json={}).status_code == 200
        return
    assert items(send(signed_in, call, b"{}")) == {(f"/{name}", "required") for name in call.body}


def test_a_field_of_another_type_is_refused(signed_in: httpx2.Client, call: Call) -> None:
    """Nothing is converted to a text."""
    for name in call.body:
        for value in NOT_A_TEXT:
            body = json.dumps({**call.body, name: value}).encode()
            assert items(send(signed_in, call, body)) == {(f"/{name}", "invalid_type")}, (name, value)


@pytest.mark.both_databases
def test_nul_and_other_controls_are_never_stored(signed_in: httpx2.Client, call: Call) -> None:
    """A NUL in a text is refused where it would be stored, and simply wrong where it is only compared."""
    expected = {
        "/auth/register": (422, "validation_failed"),
        "/auth/login": (401, "invalid_credentials"),
        "/auth/refresh": (401, "invalid_refresh_token"),
        "/users/profile": (422, "validation_failed"),
    }
    for name in call.body:
        for control in ("\x00", "\x1b", "\x7f", "\x85"):
            body = json.dumps({**call.body, name: f"attacked{control}attacked"}).encode()
            answer = signed_in.request(call.method, call.path, content=body, headers=JSON)
            if call.path == "/auth/logout":
                assert answer.status_code == 200
            else:
                assert code(answer) == expected[call.path], (name, control)
                assert_nothing_revealed(answer)


def test_other_media_types_are_refused(signed_in: httpx2.Client, call: Call) -> None:
    """A body is JSON and says so: what a foreign page's form can send is never read."""
    body = json.dumps(call.body).encode()
    for media_type in MEDIA_TYPES:
        answer = send(signed_in, call, body, {"Content-Type": media_type})
        assert code(answer) == (415, "unsupported_media_type"), media_type


def test_a_json_media_type_may_have_parameters(signed_in: httpx2.Client) -> None:
    """Case and parameters do not matter (RFC 9110 section 8.3.1)."""
    for media_type in ("application/json; charset=utf-8", "Application/JSON", "application/json ;charset=UTF-16"):
        answer = signed_in.patch("/users/profile", content=b"{}", headers={"Content-Type": media_type})
        assert answer.status_code == 200, media_type


def test_a_body_over_the_limit_is_refused(signed_in: httpx2.Client, call: Call) -> None:
    """One byte over 64 KiB, and ten megabytes, with and without a declared length."""
    for size in (LIMIT + 1, 10_000_000):
        assert code(send(signed_in, call, b'{"a":"' + b"x" * (size - 6))) == (413, "payload_too_large")
        answer = signed_in.request(call.method, call.path, content=_in_chunks(size), headers=JSON)
        assert code(answer) == (413, "payload_too_large")


def test_a_body_at_the_limit_is_read(signed_in: httpx2.Client) -> None:
    """64 KiB are taken; spaces count."""
    body = b'{"firstName":"Al"' + b" " * (LIMIT - 18) + b"}"
    assert len(body) == LIMIT
    for content in (body, iter([body[:1000], body[1000:]])):
        assert signed_in.patch("/users/profile", content=content, headers=JSON).status_code == 200


def _in_chunks(size: int) -> Iterator[bytes]:
    yield b'{"a":"'
    for _ in range(0, size, 65_536):
        yield b"x" * 65_536


OF_THE_FORM = {
    "JSON": (JSON, b'{"grant_type":"password"}'),
    "no media type": ({"Content-Type": ""}, b"grant_type=password"),
    "no body": (FORM, b""),
    "no grant type": (FORM, b"username=x&password=attacked"),
    "no username": (FORM, b"grant_type=password&password=attacked"),
    "an empty password": (FORM, b"grant_type=password&username=x&password="),
    "a field twice": (FORM, b"grant_type=password&username=x&username=y&password=attacked"),
    "not UTF-8": (FORM, b"grant_type=password&username=\xff&password=attacked"),
    "not UTF-8, escaped": (FORM, b"grant_type=password&username=%ff&password=attacked"),
    "a lone surrogate": (FORM, b"grant_type=password&username=%ed%a0%80&password=attacked"),
    "too many fields": (FORM, b"grant_type=password&" + b"&".join(b"a%d=1" % number for number in range(1000))),
}


@pytest.mark.parametrize("name", OF_THE_FORM)
def test_a_form_that_cannot_be_read_is_refused_in_the_words_of_oauth(client: httpx2.Client, name: str) -> None:
    """RFC 6749 section 5.2: 400 with `error`, and nothing of the form in it."""
    headers, body = OF_THE_FORM[name]
    answer = client.post("/auth/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "attacked" not in answer.text


@pytest.mark.parametrize("grant_type", ["client_credentials", "authorization_code", "PASSWORD", "\x00", "password "])
def test_other_grants_are_refused(client: httpx2.Client, grant_type: str) -> None:
    """Only the two grants that the contract names are there."""
    form = {"grant_type": grant_type, "username": "x@example.com", "password": PASSWORD}
    answer = client.post("/auth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_form_over_the_limit_is_refused(client: httpx2.Client) -> None:
    """Before it is read."""
    answer = client.post("/auth/token", content=b"a=" + b"x" * LIMIT, headers=FORM)
    assert code(answer) == (413, "payload_too_large")


@pytest.mark.both_databases
def test_fields_of_all_lengths_are_answered(client: httpx2.Client) -> None:
    """Very long values are refused by their length, not by what they cost."""
    long: dict[str, Any] = {
        "email": "a" * 50_000 + "@example.com",
        "password": PASSWORD,
        "firstName": "Al",
        "lastName": "Bo",
    }
    assert items(client.post("/auth/register", json=long)) == {("/email", "invalid_email")}
    long = {"email": "x@example.com", "password": "attacked" * 7_000, "firstName": "Al", "lastName": "Bo"}
    assert items(client.post("/auth/register", json=long)) == {("/password", "too_long")}
    for credentials in (
        {"email": "a" * 60_000, "password": "x"},
        {"email": "x@example.com", "password": "\u0345" * 10_000},
    ):
        assert code(client.post("/auth/login", json=credentials)) == (401, "invalid_credentials")


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"\xb2")], [(b"content-length", b"10")]])
async def test_a_body_is_limited_whatever_its_headers_say(
    running: Gatewright, headers: list[tuple[bytes, bytes]]
) -> None:
    """Under HTTP/2 a body needs neither a length nor chunks; behind another server, a length may be a lie."""
    pieces = iter([b"x" * 10_000] * 10)
    sent: list[Message] = []

    async def receive() -> Message:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Message) -> None:
        sent.append(message)

    async def read_all(_: Scope, receive: Receive, __: Send) -> None:
        while (await receive())["more_body"]:
            pass

    scope = {"type": "http", "http_version": "2", "method": "POST", "path": "/auth/login", "headers": headers}
    await Edge(read_all, running, https=False)(scope, receive, send)
    assert sent[0]["status"] == 413
