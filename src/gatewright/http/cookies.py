"""Tokens as cookies, for pages in a browser, and the defence that cookies need.

A browser sends a cookie with every call to this server, no matter which page makes the call. So a call that changes
something counts only when it comes from a page that may make it: one of the server's own, or one of `CORS_ORIGINS`.
`SameSite=Lax` alone would let in the pages of every other subdomain, and of every other port.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator, Sequence
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from fastapi import Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.errors import CrossSiteRequest

COOKIES = "gatewright.cookies"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""

USE_COOKIES = "useCookies"
"""What the query says for tokens in cookies."""

_QUERY_MEANING = "Set the tokens as cookies instead of returning them in the body."
_CHOICES = {"true": True, "false": False}


_NOT_KEPT = (
    "GATEWRIGHT_PUBLIC_URL is {}, but browsers keep these cookies only over https, or over http on localhost. Serve it "
    "over https, or set it to http://localhost with its port."
)

_log = logging.getLogger("gatewright.http")


class TokenPair(Protocol):
    """The tokens of a session."""

    @property
    def access_token(self) -> str:
        """The access token."""
        ...

    @property
    def expires_in(self) -> int:
        """How long it counts, in seconds."""
        ...

    @property
    def refresh_token(self) -> str:
        """The refresh token."""
        ...

    @property
    def refresh_expires_in(self) -> int:
        """How long it counts, in seconds."""
        ...


class Cookies:
    """The cookies of one server: their names, how they are set and read, and whose pages may use them.

    `__Host-` in a name has the browser refuse the cookie from another subdomain or from a connection that is not
    secure (RFC 6265bis section 4.1.3.2). A developer's own machine has no https, so there they go without it.

    Args:
        public_url: Where the server is reached.
        origins: `CORS_ORIGINS`.

    Attributes:
        access: The name of the cookie with the access token.
        refresh: The name of the one with the refresh token.
        device: The name of the one that says that this browser has signed in before.
        challenge: The name of the one with the token of a sign-in that waits for a second factor.
        link: What the names of those begin with that hold the token of a mailed link.
        problem: Why browsers drop these cookies, and what to change; None where they keep them.
    """

    def __init__(self, public_url: str, origins: Sequence[str]) -> None:
        parts = urlsplit(public_url)
        in_development = parts.scheme == "http" and _is_loopback(parts.hostname or "")
        prefix = "gatewright_" if in_development else "__Host-gatewright_"
        names = [prefix + name for name in ("access", "refresh", "device", "mfa")]
        self.access, self.refresh, self.device, self.challenge = names
        self.link = prefix + "link"
        self._names = frozenset(name.encode() for name in names)
        self._attributes = "Path=/; HttpOnly; SameSite=Lax" + ("" if in_development else "; Secure")
        # Pages of any origin whatever may ask where the list holds `*`, but without credentials.
        self._others = frozenset(origin.encode() for origin in origins if origin != "*")
        self.move_to(public_url)
        is_kept = in_development or parts.scheme != "http"
        self.problem = None if is_kept else _NOT_KEPT.format(f"{parts.scheme}://{parts.netloc}")
        self._is_logged = False

    def move_to(self, public_url: str) -> None:
        """Take *public_url*, which differs from the former one in its port, for the server's own origin."""
        parts = urlsplit(public_url)
        self._origins = self._others | {f"{parts.scheme}://{parts.netloc}".encode()}

    def read(self, scope: Scope, name: str) -> str | None:
        """The value of a cookie; None without it.

        Of two cookies with one name, another site may have planted either. They read as an empty text, which is
        worth nothing as a token.
        """
        wanted = name.encode()
        values = [value for key, value in _pairs(scope) if key == wanted]
        if not values:
            return None
        return values[0].decode("latin-1") if len(values) == 1 else ""

    def credential(self, scope: Scope) -> str | None:
        """The access token that a browser sends by itself; None without one.

        Raises:
            CrossSiteRequest: The call changes something, or opens a websocket, and no page that may has made it.
        """
        token = self.read(scope, self.access)
        # A websocket's handshake is a GET, which any page may make, and whose answer it reads.
        if token is not None and (scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS):
            self.check_site(scope)
        return token

    def check_carried(self, scope: Scope, *, has_own_proof: bool = False) -> None:
        """Refuse a call that would change something by the cookies of a browser, made by a page that may not.

        Args:
            scope: The request.
            has_own_proof: Whether the call does nothing without a mailed token in its body, as the pages' forms. A
                browser that does not send `Sec-Fetch-Site` gives their origin as `null`, because of their
                `Referrer-Policy: no-referrer` (Fetch standard, "append a request Origin header").

        Raises:
            CrossSiteRequest: It is one.
        """
        if scope["method"] in SAFE_METHODS or not self.are_carried(scope):
            return
        if not (has_own_proof and _hides_origin(scope)):
            self.check_site(scope)

    def are_carried(self, scope: Scope) -> bool:
        """Whether the call comes with one of these cookies."""
        return any(name in self._names for name, _ in _pairs(scope))

    def check_site(self, scope: Scope) -> None:
        """Let a call pass that a page of this server's own, or of `CORS_ORIGINS`, has made.

        No page can write these two headers itself (Fetch standard, forbidden request-headers). `same-site` is not
        enough: it would let in every subdomain and port.

        Raises:
            CrossSiteRequest: Neither header says so.
        """
        sites = [value for name, value in scope["headers"] if name == b"sec-fetch-site"]
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if sites == [b"same-origin"] or (len(origins) == 1 and origins[0] in self._origins):
            return
        raise CrossSiteRequest

    def log_problem(self, app: object) -> None:
        """Warn at the start of an *app* whose cookies browsers drop; a command starts without one."""
        if self.problem is not None and app is not None:
            _log.warning("Cookies do not work. %s", self.problem)

    def of_session(self, tokens: TokenPair) -> list[str]:
        """What sets the cookies of a session: values of `Set-Cookie`."""
        return [
            self.of_access(tokens.access_token, tokens.expires_in),
            self._set(self.refresh, tokens.refresh_token, tokens.refresh_expires_in),
        ]

    def of_access(self, token: str, seconds: int) -> str:
        """What sets the cookie of an access token: the value of a `Set-Cookie`."""
        return self._set(self.access, token, seconds)

    def of_device(self, token: str, seconds: int) -> str:
        """What sets the cookie of a device: the value of a `Set-Cookie`."""
        return self._set(self.device, token, seconds)

    def of_challenge(self, token: str, seconds: int) -> str:
        """What sets the cookie of a challenge: the value of a `Set-Cookie`."""
        return self._set(self.challenge, token, seconds)

    def of_link(self, name: str, token: str, seconds: int) -> str:
        """What sets the cookie of a mailed link, whose name begins with `link`: the value of a `Set-Cookie`."""
        return self._set(name, token, seconds)

    def names(self, scope: Scope) -> list[str]:
        """The names of all cookies that a call comes with, each once."""
        return list(dict.fromkeys(name.decode("latin-1") for name, _ in _pairs(scope)))

    def clearing(self) -> list[str]:
        """What removes the cookies of a session, and leaves that of the device."""
        return [self._set(name, "", 0) for name in (self.access, self.refresh)]

    def _set(self, name: str, value: str, seconds: int) -> str:
        if self.problem is not None and not self._is_logged:
            self._is_logged = True
            _log.warning("The browser rejects the cookies of this response. %s", self.problem)
        return f"{name}={value}; Max-Age={seconds}; {self._attributes}"


def cookies_of(scope: Scope) -> Cookies:
    """The cookies of the server behind *scope*.

    Raises:
        RuntimeError: Gatewright was not installed into the app.
    """
    cookies = scope.get(COOKIES)
    if not isinstance(cookies, Cookies):
        raise RuntimeError("Gatewright is not installed in this app: call auth.install(app).")
    return cookies


def wants_cookies(scope: Scope, use_cookies: bool) -> bool:
    """Whether the answer's tokens go into cookies, by what the query says.

    Raises:
        CrossSiteRequest: They would, and no page that may has made the call: it would sign a user in unasked.
    """
    if use_cookies:
        cookies_of(scope).check_site(scope)
    return use_cookies


def asks_for_cookies(scope: Scope) -> bool:
    """What `useCookies` says, for routes that FastAPI does not read the query of.

    Raises:
        ValidationFailed: Neither `true` nor `false`.
    """
    if not scope["query_string"]:
        return False
    try:
        return _read_choice(HTTPConnection(scope).query_params.get(USE_COOKIES, "false"))
    except PydanticCustomError as error:
        raise ValidationFailed(errors=[FieldProblem(f"/{USE_COOKIES}", error.type, error.message())]) from None


async def clear_cookies(connection: HTTPConnection, response: Response) -> None:
    """A dependency of routes that end one's session: where they succeed, the browser forgets its cookies."""
    cookies = cookies_of(connection.scope)
    # Only what came can be cleared: else a page elsewhere could sign a user out by a call without cookies.
    if cookies.are_carried(connection.scope):
        for value in cookies.clearing():
            response.headers.append("Set-Cookie", value)


def _read_choice(value: object) -> bool:
    if isinstance(value, bool):
        return value
    found = _CHOICES.get(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("invalid_choice", "Must be true or false.")
    return found


UseCookies = Annotated[
    bool,
    BeforeValidator(_read_choice),
    Query(alias=USE_COOKIES, description=_QUERY_MEANING),
]
"""The query's `useCookies`; it decides through `wants_cookies`."""

USE_COOKIES_PARAMETER = {
    "name": USE_COOKIES,
    "in": "query",
    "required": False,
    "description": _QUERY_MEANING,
    "schema": {"type": "boolean", "default": False},
}
"""The same, in the words of OpenAPI."""


def _hides_origin(scope: Scope) -> bool:
    sent = [(name, value) for name, value in scope["headers"] if name in (b"origin", b"sec-fetch-site")]
    return sent == [(b"origin", b"null")]


def _pairs(scope: Scope) -> Iterator[tuple[bytes, bytes]]:
    """The cookies that a call comes with, as the browser wrote them (RFC 6265 section 4.2.1).

    On the bytes, with nothing unquoted, and with no other white space taken off than the blank between two: where a
    server sees `__Host-x` in what a browser takes for another name, the prefix protects nothing.
    """
    for header, value in scope["headers"]:
        if header == b"cookie":
            for part in value.split(b";"):
                name, _, content = part.strip(b" \t").partition(b"=")
                yield name, content


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
