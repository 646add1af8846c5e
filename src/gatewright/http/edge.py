"""The outermost layer of Gatewright's own routes: request ids, headers, the size limit, and the last resort."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.core.context import Kernel
from gatewright.errors import GatewrightError
from gatewright.http.client_address import AddressWarning, is_from_proxy
from gatewright.http.context import CURRENT_REQUEST_ID, KERNEL, REQUEST_ID, header, request_id_of
from gatewright.http.cookies import COOKIES, Cookies
from gatewright.http.errors import InternalError, PayloadTooLarge
from gatewright.http.head import sends_for
from gatewright.http.problems import problem_response, refusal_response
from gatewright.ids import request_id
from gatewright.storage.time_limit import TIME_LIMIT, TimeLimit

BODY_LIMIT = 64 * 1024
"""The largest body that Gatewright's own calls take, in bytes."""

MODULES_BODY_LIMIT = 1024 * 1024
"""The largest body that generated modules, and an app's own routes beside them, take, in bytes."""

_EDGE = "gatewright.edge"
_REQUEST_ID_HEADER = b"x-request-id"
_POLICY = b"content-security-policy"
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._~+/=-]{8,128}")

# With one of these, the answer is for one user.
_CREDENTIALS = frozenset({b"authorization", b"cookie"})
_NOT_STORED = (b"cache-control", b"no-store")

_log = logging.getLogger("gatewright.http")


class Running(Protocol):
    """An object that has a kernel once it runs: `gatewright.Gatewright`."""

    cookies: Cookies
    address_warning: AddressWarning
    awaits_port: bool

    @property
    def kernel(self) -> Kernel:
        """The running parts."""
        ...

    def learn_port(self, scope: Scope) -> None:
        """Take the port of the public URL from a request."""
        ...


def security_headers(*, https: bool) -> list[tuple[bytes, bytes]]:
    """The headers of every answer that is not a page with needs of its own."""
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (
            b"content-security-policy",
            b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if https:
        headers.append((b"strict-transport-security", b"max-age=63072000; includeSubDomains"))
    return headers


def bare_answer(error: GatewrightError, *, https: bool = False) -> bytes:
    """An answer as it goes over the wire, for a connection that no app gets to see; it ends the connection."""
    identifier = request_id()
    response = problem_response(error, identifier)
    added = [*security_headers(https=https), (_REQUEST_ID_HEADER, identifier.encode()), (b"connection", b"close")]
    lines = [b"%s: %s" % pair for pair in _joined(response.raw_headers, added)]
    status = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}".encode()
    return b"\r\n".join([status, *lines, b"", bytes(response.body)])


class ScopeMiddleware:
    """Gives every request of an app its id and Gatewright's kernel; the answer carries the id, and nothing else.

    An error of Gatewright's that the app does not answer itself becomes a problem document.
    """

    def __init__(self, app: ASGIApp, auth: Running) -> None:
        self._app = app
        self._auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in ("http", "websocket") or KERNEL in scope:
            await self._app(scope, receive, send)
            return
        _enter(scope, self._auth)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        identifier = (_REQUEST_ID_HEADER, scope[REQUEST_ID].encode())
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if _EDGE not in scope:
                    message["headers"] = [*message.get("headers", ()), identifier]
                    _lift_time_limit()
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except GatewrightError as error:
            if started:
                raise
            await refusal_response(error, scope)(scope, receive, send_with_id)


class Edge:
    """The rules for every one of Gatewright's own answers, no matter which code writes it.

    Args:
        app: What answers.
        auth: Whose kernel it works with.
        https: Whether clients have to use https from then on.
        body_limit: The largest body, in bytes.
        page_policy: The policy of HTML that comes without one; that of every other answer when left out.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: Running,
        *,
        https: bool,
        body_limit: int = BODY_LIMIT,
        page_policy: bytes | None = None,
    ) -> None:
        self._app = app
        self._auth = auth
        self._headers = security_headers(https=https)
        self._body_limit = body_limit
        self._page_policy = page_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; a fault becomes a 500 that reveals only the request id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _EDGE in scope:
            # Inside another edge, which handles everything but the limit of this edge.
            await self._app(scope, self._limited(scope, receive), send)
            return
        send = sends_for(scope, send)
        if KERNEL not in scope:
            _enter(scope, self._auth)
        scope[_EDGE] = True
        headers = [*self._headers, (_REQUEST_ID_HEADER, scope[REQUEST_ID].encode())]
        if any(name in _CREDENTIALS for name, _ in scope["headers"]):
            # Whatever an app's own route says to them, no cache gives it to the next one (RFC 9111 section 5.2.2.5).
            headers.append(_NOT_STORED)
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _joined(self._with_page_policy(message), _added_to(message, headers))
                _lift_time_limit()
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), send_with_headers)
        except PayloadTooLarge as error:
            await refusal_response(error, scope)(scope, receive, send_with_headers)
        except Exception:
            if started:
                raise
            _log.exception("request %s failed", request_id_of(scope))
            await refusal_response(InternalError(), scope)(scope, receive, send_with_headers)

    def _with_page_policy(self, message: Message) -> Iterable[tuple[bytes, bytes]]:
        own = _own_headers(message)
        if self._page_policy is None:
            return own
        kept = list(own)
        is_page = any(name == b"content-type" and value.lower().startswith(b"text/html") for name, value in kept)
        if is_page and all(name != _POLICY for name, _ in kept):
            kept.append((_POLICY, self._page_policy))
        return kept

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        declared = header(scope, b"content-length")
        # Without either header there is no body (RFC 9112 section 6.3); HTTP/2 and 3 need neither for one.
        if declared is None and header(scope, b"transfer-encoding") is None and scope["http_version"] in ("1.0", "1.1"):
            return receive
        if declared is not None and declared.isdecimal() and int(declared) > self._body_limit:
            raise PayloadTooLarge
        left = self._body_limit

        async def receive_limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise PayloadTooLarge
            return message

        return receive_limited


def _enter(scope: Scope, auth: Running) -> None:
    scope[REQUEST_ID] = _proxys_id(scope, auth) or request_id()
    # Not taken back in the end: what the server says of a request that failed comes after it.
    CURRENT_REQUEST_ID.set(scope[REQUEST_ID])
    scope[KERNEL] = auth.kernel
    scope[COOKIES] = auth.cookies
    auth.address_warning.look_at(scope)
    if auth.awaits_port:
        auth.learn_port(scope)
    # A websocket has no time limit.
    TIME_LIMIT.set(TimeLimit() if scope["type"] == "http" else None)


def _lift_time_limit() -> None:
    """An answer that is written piece by piece may take its time."""
    if (limit := TIME_LIMIT.get()) is not None:
        limit.lift()


def _proxys_id(scope: Scope, auth: Running) -> str | None:
    """The well-formed id that a trusted proxy gave the request. A client could choose one that the log has already."""
    given = header(scope, _REQUEST_ID_HEADER)
    if not given or not _WELL_FORMED_ID.fullmatch(given):
        return None
    return given if is_from_proxy(scope, auth.kernel.settings.trusted_proxies) else None


def _own_headers(message: Message) -> Iterable[tuple[bytes, bytes]]:
    own: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
    # Without content there is nothing that could have a type (RFC 9110 section 15.3.5).
    return own if message["status"] != 204 else [pair for pair in own if pair[0] != b"content-type"]


def _added_to(message: Message, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # A browser puts the headers of a 304 over those that it has stored (RFC 9111 section 4.3.4): a policy here would
    # replace that of the page.
    return headers if message["status"] != 304 else [pair for pair in headers if pair[0] != _POLICY]


def _joined(own: Iterable[tuple[bytes, bytes]], added: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # A page that needs another policy has set it itself.
    kept = list(own)
    names = {name for name, _ in kept}
    return [*kept, *(pair for pair in added if pair[0] not in names)]
