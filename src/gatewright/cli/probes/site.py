"""Requests to a running server: one at a time, bounded in time and size, and none that changes anything."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import secrets
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from gatewright import __version__
from gatewright.cli.console import WrongUse
from gatewright.core.http_reading import UNCOMPRESSED, read_at_most

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 10.0
"""How long an answer may take, from the first packet to the last byte."""

LONGEST_ANSWER = 1024 * 1024
"""Bytes of an answer that are read; the rest is left where it is."""

_HEADERS = {"User-Agent": f"gatewright-doctor/{__version__}", **UNCOMPRESSED}
# X509_V_ERR_…: unable to get (local) issuer certificate, self-signed, self-signed in chain, unable to verify the leaf.
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})
# Not yet valid, has expired.
_OUT_OF_TIME = frozenset({9, 10})
_LOCAL_NAMES = ("localhost", ".localhost")


Result = list[str] | str
"""What a probe found: the problems, or a sentence that says what is well."""


class NoAnswer(Exception):
    """The server did not answer a request, or not in time; the message says how that went."""


class BadCertificate(NoAnswer):
    """The server's certificate is not accepted; the message says why, and what to do."""


class NoTls(NoAnswer):
    """The server does not speak TLS where it was asked by https."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        asked: Method and path, for people.
        headers: As they came, one name possibly several times.
        text: The body, as far as it was read.
        seconds: From the request to the end of the answer.
    """

    asked: str
    status: int
    headers: httpx2.Headers
    text: str = field(repr=False)
    seconds: float

    @property
    def is_redirect(self) -> bool:
        """Whether it leads to another address."""
        return 300 <= self.status < 400

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def code(self) -> str | None:
        """The code of a problem document."""
        body = self.json
        code = body.get("code") if isinstance(body, dict) else None
        return code if isinstance(code, str) else None


class Site:
    """The server.

    Args:
        url: Its address, with `API_PREFIX` at its end where that is set.
        client: Made by `open_client`.
        known: The address of an account, if there is one to compare with.

    Attributes:
        cookies: Every `Set-Cookie` that came, and what was asked.
    """

    def __init__(self, url: str, client: httpx2.AsyncClient, known: str | None = None) -> None:
        parts = urlsplit(url)
        self.url = url
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.prefix = parts.path.rstrip("/")
        self.host = parts.hostname or ""
        self.port = parts.port
        self.is_https = parts.scheme == "https"
        self.known = known
        self.cookies: list[tuple[str, str]] = []
        self._client = client
        self._kept: dict[str, Answer] = {}

    @cached_property
    def is_local(self) -> bool:
        """Whether it is on this machine, where plain http cannot be read on the way."""
        if self.host.endswith(_LOCAL_NAMES):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def call(self, path: str) -> str:
        """The path of one of Gatewright's own calls."""
        return self.prefix + path

    async def get(self, path: str) -> Answer:
        """What *path* answers; asked once for all probes."""
        if path not in self._kept:
            self._kept[path] = await self.ask("GET", path)
        return self._kept[path]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request. No redirect is followed, and no cookie is kept.

        Args:
            path: Below the origin; or a whole address.
            body: Sent as JSON.
            content: Sent as it is.

        Raises:
            NoAnswer: There was none, or not in time.
        """
        url = path if "://" in path else self.origin + path
        self._client.cookies.clear()
        request = self._client.build_request(method, url, headers=headers, json=body, content=content)
        began = time.monotonic()
        try:
            async with asyncio.timeout(SECONDS):
                status, answered, text = await self._send(request)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            raise _no_answer(error) from None
        answer = Answer(f"{method} {path.partition('?')[0]}", status, answered, text, time.monotonic() - began)
        self.cookies += [(answer.asked, cookie) for cookie in answered.get_list("set-cookie")]
        return answer

    async def _send(self, request: httpx2.Request) -> tuple[int, httpx2.Headers, str]:
        answer = await self._client.send(request, stream=True)
        try:
            read, _ = await read_at_most(answer, LONGEST_ANSWER)
        finally:
            await answer.aclose()
        return answer.status_code, answer.headers, read.decode(errors="replace")

    async def log_in(self, email: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Try a random password."""
        body = {"email": email, "password": secrets.token_urlsafe(24)}
        return await self.ask("POST", self.call("/auth/login"), headers=headers, body=body)


def open_client(ca: Path | None = None) -> httpx2.AsyncClient:
    """An HTTP client for the probes.

    Args:
        ca: Certificates in PEM that are trusted besides those that this machine trusts.

    Raises:
        WrongUse: The file holds none, or cannot be read.
    """
    trust = ssl.create_default_context()
    if ca is not None:
        _trust(trust, ca)
    return httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False, headers=_HEADERS, verify=trust)


def unused_address() -> str:
    """An address that no account has, and that no mail can be sent to (RFC 2606 section 2)."""
    return f"doctor@{secrets.token_hex(8)}.example"


def checked_url(text: str) -> str:
    """The address of a server, as it was typed.

    Raises:
        WrongUse: It is none.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise WrongUse("The argument is no address of a server. Write it as https://auth.example.com")
    if parts.username is not None or parts.query or parts.fragment:
        raise WrongUse("The address of a server has no user, no query and no fragment: https://auth.example.com")
    return text.rstrip("/")


def shortened(names: Sequence[str]) -> str:
    """At most three of *names*, and how many more there are."""
    shown = list(dict.fromkeys(names))
    more = len(shown) - 3
    return ", ".join(shown[:3]) + (f" and {more} more" if more > 0 else "")


def _trust(trust: ssl.SSLContext, ca: Path) -> None:
    try:
        trust.load_verify_locations(cafile=ca)
    except ssl.SSLError:
        raise WrongUse(f"--ca {ca}: holds no certificate. Name a file with certificates in PEM.") from None
    except OSError as error:
        raise WrongUse(f"--ca {ca}: cannot be read ({error.strerror}).") from None


def _no_answer(error: Exception) -> NoAnswer:
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return NoAnswer(f"no answer in {SECONDS:.0f} s")
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return BadCertificate(_remedy(cause))
        if isinstance(cause, ssl.SSLError):
            return NoTls(cause.reason or "TLS failed")
    return NoAnswer(" ".join(str(error).split()) or type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _remedy(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate, in OpenSSL's words, and what helps."""
    reason = error.verify_message.rstrip(".")
    if error.verify_code in _UNKNOWN_ISSUER:
        return f"{reason}. Serve it with its intermediate certificates, or name its issuer's certificate: --ca FILE"
    if error.verify_code in _OUT_OF_TIME:
        return f"{reason}. Renew it, and look at the clock of this machine."
    return f"{reason}. Serve a certificate for the name in the address."
