"""Pwned Passwords: whether a password is known from a leak, asked without telling which password.

Of the password's SHA-1, the first five hexadecimal digits leave the server; back come all leaked passwords that begin
so, about a thousand, and the answer is found here. Anyone who watches the connection learns nothing from the size of
the answer either, for it is padded.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING
from unicodedata import normalize

from gatewright.core.http_reading import UNCOMPRESSED, read_at_most
from gatewright.errors import SetupError

if TYPE_CHECKING:
    from httpx2 import AsyncClient

SECONDS = 2.0
"""How long a new password may wait for the answer, from the first packet to the last byte."""

LONGEST_ANSWER = 512 * 1024
"""Bytes; a padded answer has about 45,000."""

_PREFIX_LENGTH = 5
_LINE = re.compile(r"([0-9A-F]{35}):([0-9]{1,12})")
_ASKED = re.compile(r"/range/[0-9A-F]{5}\b")

_log = logging.getLogger("gatewright.passwords")


class _NoAnswer(Exception):
    """Something came back that is no answer."""


class PwnedPasswords:
    """Asks the range API of Pwned Passwords, over one client that is opened when it is first needed.

    Args:
        url: The API without `/range/…`.

    Raises:
        SetupError: The HTTP client is not installed.
    """

    def __init__(self, url: str) -> None:
        if find_spec("httpx2") is None:
            raise SetupError(
                "GATEWRIGHT_PASSWORD__PWNED_PASSWORDS needs an HTTP client, which is not installed: "
                "pip install 'gatewright[pwned-passwords]'."
            )
        self._url = url
        self._client: AsyncClient | None = None

    async def contains(self, password: str) -> bool:
        """Whether *password*, in NFC, is known from a leak.

        False as well when the API does not answer within `SECONDS`, or not with an answer: the failure of
        another service keeps no user from registering. A warning is logged then.
        """
        from httpx2 import HTTPError

        digest = hashlib.sha1(normalize("NFC", password).encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(SECONDS):
                leaked = _leaked(await self._ask(digest[:_PREFIX_LENGTH]))
        except (HTTPError, OSError, TimeoutError, _NoAnswer) as error:
            # Not the error's text: it may hold the URL, and with it a part of the digest.
            _log.warning("a new password was not looked up in Pwned Passwords: %s", type(error).__name__.lstrip("_"))
            return False
        return digest[_PREFIX_LENGTH:] in leaked

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, prefix: str) -> str:
        client = self._client = self._client or _open_client()
        headers = {"Add-Padding": "true", **UNCOMPRESSED}
        async with client.stream("GET", f"{self._url}/range/{prefix}", headers=headers) as answer:
            if answer.status_code != 200:
                raise _NoAnswer
            body, is_whole = await read_at_most(answer, LONGEST_ANSWER)
        if not is_whole:
            raise _NoAnswer
        return body.decode("ascii", errors="replace")


def _leaked(answer: str) -> set[str]:
    """The digests of the answer, without their first digits. Those that only pad it are counted 0 times."""
    lines = [_LINE.fullmatch(line) for line in answer.split()]
    if not lines or not all(lines):
        raise _NoAnswer
    return {line[1] for line in lines if line and int(line[2]) > 0}


def _open_client() -> AsyncClient:
    from httpx2 import AsyncClient

    # The client logs every URL that it asks for.
    logging.getLogger("httpx2").addFilter(_hides_prefixes)
    return AsyncClient(timeout=SECONDS)


def _hides_prefixes(record: logging.LogRecord) -> bool:
    return _ASKED.search(record.getMessage()) is None
