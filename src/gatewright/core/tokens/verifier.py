"""Checking access tokens in another service, which has the public keys and no database."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from gatewright.clock import Clock, SystemClock
from gatewright.core import base64url
from gatewright.core.http_reading import UNCOMPRESSED, read_at_most
from gatewright.core.keys.public_keys import PublicKey, read_jwks
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.core.tokens.reading import LONGEST_TOKEN, AccessClaims, TokenHeader, read_claims, read_header
from gatewright.errors import SetupError, Unavailable

if TYPE_CHECKING:
    from httpx2 import AsyncClient

FETCH_SECONDS = 5.0
"""How long a fetch of the keys may take."""

PAUSE_SECONDS = 10.0
"""How far apart fetches are at least: neither tokens of unknown keys nor a server that is down cause more."""

STALE_SECONDS = 900.0
"""For how long keys count on that should have been fetched again, while the server does not answer."""

LONGEST_ANSWER = 256 * 1024
"""Bytes of a JWK set."""

_DEFAULT_MAX_AGE = 300.0
_LONGEST_MAX_AGE = 86_400.0
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})")

_log = logging.getLogger("gatewright.verifier")

_Reason = Literal["expired", "unknown key"]


@dataclass(frozen=True, slots=True)
class VerifiedUser:
    """The user behind an access token that a `Verifier` has accepted.

    Attributes:
        id: The user's identifier.
        role: The user's role when the token was issued.
        session_id: The session that the token belongs to.
        auth_time: When the user last proved who they are (UTC, whole seconds).
        amr: How they did (RFC 8176).
        expires_at: From when on the token does not count.
        token_id: The token's own identifier.
    """

    id: str
    role: str
    session_id: str
    auth_time: datetime
    amr: tuple[str, ...]
    expires_at: datetime
    token_id: str


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A JWK set, and until when it is fresh, in seconds that never go back."""

    keys: Mapping[str, PublicKey]
    fresh_until: float


class Verifier:
    """Checks access tokens offline: signature, type, issuer, audience and expiry, with the server's public keys.

    Keys are fetched when the first token comes, and kept as long as the server says. One fetch serves all who wait.
    A token's algorithm is that of its key. **What has been revoked is not seen**: a session that has ended, or a role
    that has changed, shows when the token expires, after 15 minutes at most by default. `POST /auth/introspect` sees
    it at once.

    Args:
        jwks_url: Where the keys are: the server's address and `/.well-known/jwks.json`.
        issuer: The server's `ISSUER`, or its `PUBLIC_URL`.
        audience: The server's `AUDIENCE`; *issuer* when left out, as there.
        clock_skew: By how much this machine's clock and the server's may differ.
        client: An HTTP client of your own, such as one with a proxy; you close it.
        clock: What tells the time; the system's when left out.
        monotonic: Seconds that never go back.

    Raises:
        SetupError: The HTTP client is not installed: `gatewright[verifier]`.
    """

    def __init__(
        self,
        jwks_url: str,
        *,
        issuer: str,
        audience: str | None = None,
        clock_skew: timedelta = timedelta(seconds=60),
        client: AsyncClient | None = None,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if find_spec("httpx2") is None:
            raise SetupError("Verifier needs an HTTP client: pip install 'gatewright[verifier]'.")
        self._url = jwks_url
        self._expected = {"iss": issuer, "aud": issuer if audience is None else audience}
        self._skew = clock_skew.total_seconds()
        self._client = client
        self._clock = clock or SystemClock()
        self._monotonic = monotonic
        self._fetched: _Fetched | None = None
        # One budget for each reason to fetch: garbage must not use up what an expired copy needs.
        self._last_tried: dict[_Reason, float] = {"expired": float("-inf"), "unknown key": float("-inf")}
        self._one_at_a_time = asyncio.Lock()

    async def verify(self, token: str) -> VerifiedUser:
        """Whose token it is, if it counts.

        Raises:
            InvalidToken: It is no access token of that issuer for this audience, or it has expired.
            Unavailable: The keys are needed, and the server does not give them.
        """
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise InvalidToken
        try:
            head, payload, signature = token.split(".")
            header = read_header(head)
            key = await self._key_of(header)
            if not key.verify(f"{head}.{payload}".encode(), base64url.decode(signature)):
                raise ValueError("wrong signature")
            now = self._clock.timestamp()
            claims = read_claims(payload, self._expected, now=now, skew=self._skew)
            if claims.expires_at + self._skew <= now:
                raise ValueError("expired")
        except (ValueError, RecursionError):
            raise InvalidToken from None
        return _user(claims)

    async def _key_of(self, header: TokenHeader) -> PublicKey:
        fetched = self._fetched
        if fetched is None or (self._is_expired(fetched) and not self._is_being_fetched_in_the_place_of(fetched)):
            fetched = await self._fetch("expired", instead_of=fetched)
        if header.kid not in fetched.keys:
            # A key that is newer than the copy, or none at all.
            fetched = await self._fetch("unknown key", instead_of=fetched)
        key = fetched.keys.get(header.kid)
        if key is None or key.algorithm != header.algorithm:
            raise ValueError("not a key of that server")
        return key

    async def _fetch(self, reason: _Reason, *, instead_of: _Fetched | None) -> _Fetched:
        """The keys, fetched again, or those that another caller has fetched meanwhile in the place of *instead_of*."""
        async with self._one_at_a_time:
            known = self._fetched
            if known is not None and known is not instead_of:
                return known
            if self._monotonic() - self._last_tried[reason] >= PAUSE_SECONDS:
                self._last_tried[reason] = self._monotonic()
                known = self._fetched = await self._ask() or known
            if known is None or not self._may_be_used(known):
                raise Unavailable("The keys that verify access tokens are not available at the moment.")
            return known

    def _is_expired(self, fetched: _Fetched) -> bool:
        return fetched.fresh_until <= self._monotonic()

    def _may_be_used(self, fetched: _Fetched) -> bool:
        return fetched.fresh_until + STALE_SECONDS > self._monotonic()

    def _is_being_fetched_in_the_place_of(self, fetched: _Fetched) -> bool:
        # One caller waits for a server that may be slow or down; the others go on with what there is.
        return self._one_at_a_time.locked() and self._may_be_used(fetched)

    async def _ask(self) -> _Fetched | None:
        from httpx2 import HTTPError

        began = self._monotonic()
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                body, headers = await self._read()
                return _Fetched(read_jwks(body), began + _fresh_seconds(headers))
        except (HTTPError, OSError, TimeoutError, ValueError, RecursionError) as error:
            _log.warning("the keys at %s cannot be fetched: %s", self._url, str(error) or type(error).__name__)
            return None

    async def _read(self) -> tuple[bytes, Mapping[str, str]]:
        async with (
            self._opened() as client,
            client.stream("GET", self._url, headers=UNCOMPRESSED, follow_redirects=False) as answer,
        ):
            if answer.status_code != 200:
                raise ValueError(f"status {answer.status_code}")
            body, is_whole = await read_at_most(answer, LONGEST_ANSWER)
            if not is_whole:
                raise ValueError("too long")
            return body, answer.headers

    def _opened(self) -> AbstractAsyncContextManager[AsyncClient]:
        if self._client is not None:
            return nullcontext(self._client)
        from httpx2 import AsyncClient

        return AsyncClient(timeout=FETCH_SECONDS)


def _fresh_seconds(headers: Mapping[str, str]) -> float:
    """For how long an answer may be used (RFC 9111 section 4.2), without what a cache on the way has used up of it."""
    found = _MAX_AGE.search(headers.get("cache-control", "").lower())
    seconds = min(float(found[1]), _LONGEST_MAX_AGE) if found else _DEFAULT_MAX_AGE
    age = headers.get("age", "")
    return max(seconds - (float(age) if age.isdecimal() and len(age) < 10 else 0.0), PAUSE_SECONDS)


def _user(claims: AccessClaims) -> VerifiedUser:
    return VerifiedUser(
        id=claims.user_id,
        role=claims.role,
        session_id=claims.session_id,
        auth_time=datetime.fromtimestamp(claims.auth_time, UTC),
        amr=claims.amr,
        expires_at=datetime.fromtimestamp(claims.expires_at, UTC),
        token_id=claims.token_id,
    )
