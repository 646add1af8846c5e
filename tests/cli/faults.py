"""Ten and more ways to deploy a server badly, each with one fault."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.cli.deployed import Fault, Headers, answering, asking, instead

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def dropping(name: bytes, *, from_status: int = 0) -> Fault:
    return answering(
        lambda scope, headers: [pair for pair in headers if scope["status"] < from_status or pair[0] != name]
    )


def replacing(name: bytes, old: bytes, new: bytes) -> Fault:
    def change(_: Scope, headers: Headers) -> Headers:
        return [(key, value.replace(old, new) if key == name else value) for key, value in headers]

    return answering(change)


def mirror(scope: Scope, headers: Headers) -> Headers:
    origin = dict(scope["headers"]).get(b"origin")
    if origin is None:
        return headers
    return [*headers, (b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]


def vouch_for_every_page(scope: Scope) -> Scope:
    return {**scope, "headers": [*with_out(scope, b"sec-fetch-site"), (b"sec-fetch-site", b"same-origin")]}


def with_out(scope: Scope, name: bytes) -> Headers:
    return [pair for pair in scope["headers"] if pair[0] != name]


def read_token_from_query(scope: Scope) -> Scope:
    token = parse_qs(scope["query_string"].decode("latin-1")).get("access_token")
    return (
        {**scope, "headers": [*scope["headers"], (b"authorization", b"Bearer " + token[0].encode())]}
        if token
        else scope
    )


async def take_unsigned(scope: Scope, receive: Receive, send: Send) -> bool:
    kind, _, token = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
    head = token.partition(b".")[0]
    is_unsigned = kind == b"Bearer" and b'"none"' in base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4))
    if is_unsigned:
        await JSONResponse({"id": "anybody"})(scope, receive, send)
    return is_unsigned


async def publish_private_keys(scope: Scope, receive: Receive, send: Send) -> bool:
    key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "one", "x": "x", "y": "y", "d": "a-private-number"}
    is_asked = bool(scope["path"] == "/.well-known/jwks.json")
    if is_asked:
        headers = {"Cache-Control": "public, max-age=300", **STRICT}
        await JSONResponse({"keys": [key]}, headers=headers)(scope, receive, send)
    return is_asked


def redeeming(path: str) -> Fault:
    """What some do to spare users a click."""
    is_page = "/pages/" in path

    def wrap(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or (scope["method"], scope["path"]) != ("GET", path):
                await app(scope, receive, send)
                return
            token = parse_qs(scope["query_string"].decode()).get("token", [""])[0]
            body = (f"token={token}" if is_page else json.dumps({"token": token})).encode()
            kind = b"application/x-www-form-urlencoded" if is_page else b"application/json"
            headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]

            async def receive_body() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            await app({**scope, "method": "POST", "headers": headers}, receive_body, send)

        return wrapped

    return wrap


def link_to_host(scope: Scope, headers: Headers) -> Headers:
    host = dict(scope["headers"]).get(b"x-forwarded-host", b"auth.example.com")
    return [*headers, (b"link", b"<https://" + host + b"/docs>; rel=help")]


async def show_traceback(scope: Scope, receive: Receive, send: Send) -> bool:
    is_shown = bool(scope["path"].startswith("/nowhere"))
    if is_shown:
        text = 'Traceback (most recent call last):\n  File "/app/main.py", line 7, in nowhere\n'
        await PlainTextResponse(text, status_code=500)(scope, receive, send)
    return is_shown


async def reveal_missing_accounts(scope: Scope, receive: Receive, send: Send) -> bool:
    is_asked = bool(scope["path"] == "/auth/password/forgot")
    if is_asked:
        await JSONResponse({"code": "user_not_found"}, status_code=404)(scope, receive, send)
    return is_asked


async def show_metrics(scope: Scope, receive: Receive, send: Send) -> bool:
    is_asked = bool(scope["path"] == "/metrics")
    if is_asked:
        await PlainTextResponse("# TYPE logins counter\nlogins 7\n")(scope, receive, send)
    return is_asked


async def take_any_body(scope: Scope, receive: Receive, send: Send) -> bool:
    length = int(dict(scope["headers"]).get(b"content-length", b"0"))
    if length > 65_536:
        await JSONResponse({"code": "validation_failed"}, status_code=422)(scope, receive, send)
    return length > 65_536


def same(app: ASGIApp) -> ASGIApp:
    return app


@dataclass(frozen=True)
class Bad:
    """A server with one fault.

    Attributes:
        check: Which probe finds it.
        says: A part of what it says.
        fault: What stands before the server.
        settings: What is set otherwise.
        app: Options of the app.
        options: uvicorn's.
    """

    check: str
    says: str
    fault: Fault = same
    settings: dict[str, Any] = field(default_factory=dict)
    app: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


POLICY = b"content-security-policy"
BAD = {
    "refusals lack nosniff": Bad(
        "headers", "X-Content-Type-Options", dropping(b"x-content-type-options", from_status=400)
    ),
    "inline scripts": Bad(
        "headers", "any script", replacing(POLICY, b"default-src", b"script-src 'unsafe-inline'; default-src")
    ),
    "frames": Bad("headers", "frame", replacing(POLICY, b"frame-ancestors 'none'", b"frame-ancestors *")),
    "uvicorn names itself": Bad("server", "uvicorn", options={"server_header": True}),
    "origins are mirrored": Bad("cors", "in the name of a user", answering(mirror)),
    "a proxy vouches for every page": Bad("sites", "another site", asking(vouch_for_every_page)),
    "scripts read cookies": Bad("cookies", "HttpOnly", replacing(b"set-cookie", b"HttpOnly; ", b"")),
    "cookies in clear": Bad("cookies", "Secure", replacing(b"set-cookie", b"; Secure", b"")),
    "cookies for other sites": Bad("cookies", "SameSite", replacing(b"set-cookie", b"=Lax", b"=None")),
    "cookies of the domain": Bad(
        "cookies", "Domain", replacing(b"set-cookie", b"Path=/", b"Path=/; Domain=example.com")
    ),
    "a private key is published": Bad("keys", "private half", instead(publish_private_keys)),
    "old keys are cached": Bad("keys", "86400 s", replacing(b"cache-control", b"max-age=300", b"max-age=86400")),
    "unsigned tokens": Bad("tokens", "without a signature (alg none)", instead(take_unsigned)),
    "tokens in the query": Bad("tokens", "query (access_token)", asking(read_token_from_query)),
    "a GET verifies": Bad("redeeming", "GET /auth/verify-email", redeeming("/auth/verify-email")),
    "a page redeems": Bad("redeeming", "/auth/pages/not-me looks at the token", redeeming("/auth/pages/not-me")),
    "links to any host": Bad("host", "X-Forwarded-Host is believed", answering(link_to_host)),
    "redirects to any host": Bad("host", "Host is believed", app={"redirect_slashes": True}),
    "open documents": Bad("docs", "/openapi.json is open", settings={"docs": {"enabled": True}}),
    "open metrics": Bad("docs", "/metrics is open", instead(show_metrics)),
    "tracebacks": Bad("errors", "Traceback", instead(show_traceback)),
    "large bodies": Bad("errors", "more than 65536 bytes", instead(take_any_body)),
    "unknown addresses": Bad("accounts", "/auth/password/forgot reveals", instead(reveal_missing_accounts)),
    "no limits": Bad("limits", "14 wrong passwords", settings={"rate_limit_enabled": False}),
    "everybody is a proxy": Bad("forwarded", "X-Forwarded-For", settings={"trusted_proxies": ["0.0.0.0/0"]}),
    "uvicorn believes everybody": Bad(
        "forwarded", "X-Forwarded-For", options={"proxy_headers": True, "forwarded_allow_ips": "*"}
    ),
}
