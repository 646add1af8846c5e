"""Access tokens: signed JWTs of type `at+jwt` (RFC 9068), issued and verified.

Only what this module itself writes is accepted (RFC 8725): the compact form, three header parameters, one type, the
one configured algorithm with a key of our own ring, and claims of exactly the right JSON types. Nothing in a token
chooses how it is verified, and every refusal is the same `InvalidToken`.
"""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any

from gatewright.clock import Clock
from gatewright.core import base64url
from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.core.tokens.reading import LONGEST_TOKEN, AccessClaims, read_claims, read_header
from gatewright.errors import GatewrightError, SetupError

CLIENT_ID = "gatewright"
"""The `client_id` of users who sign in directly, not through another application."""

_LONGEST_KID = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidToken(GatewrightError):
    """The bearer token is not an access token of ours that counts now.

    One error for every cause on purpose: which check failed is not revealed.
    """

    code = "invalid_token"
    status = 401
    title = "The access token is invalid or has expired."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})  # RFC 6750 section 3


class AccessTokens:
    """Issues access tokens, and verifies them, each signature once.

    Args:
        keyring: The keys; `replace_keys` changes them.
        algorithm: The only algorithm that is signed with and accepted.
        issuer: `iss` of every token.
        audience: `aud` of every token.
        ttl: How long a token counts, in whole seconds.
        clock: What tells the time.
        remember: How many verified tokens are kept in memory at most.

    Raises:
        SetupError: The ring's signing key is for another algorithm.
    """

    __slots__ = ("_active", "_algorithm", "_clock", "_fixed_claims", "_remember", "_ttl_seconds")

    def __init__(
        self,
        keyring: KeyRing,
        *,
        algorithm: Algorithm,
        issuer: str,
        audience: str,
        ttl: timedelta,
        clock: Clock,
        remember: int = 10_000,
    ) -> None:
        self._algorithm = algorithm
        self.move_to(issuer=issuer, audience=audience)
        self._ttl_seconds = ttl // timedelta(seconds=1)
        self._clock = clock
        self._remember = remember
        self.replace_keys(keyring)

    @property
    def issuer(self) -> str:
        """`iss` of every token."""
        return self._fixed_claims["iss"]

    @property
    def audience(self) -> str:
        """`aud` of every token."""
        return self._fixed_claims["aud"]

    @property
    def algorithm(self) -> Algorithm:
        """The only algorithm that is signed with and accepted."""
        return self._algorithm

    @property
    def keyring(self) -> KeyRing:
        """The keys in use."""
        return self._active.keyring

    def move_to(self, *, issuer: str, audience: str) -> None:
        """Issue and accept tokens of this issuer and audience from now on. No token may have been issued before."""
        self._fixed_claims = {"iss": issuer, "aud": audience, "client_id": CLIENT_ID}

    def replace_keys(self, keyring: KeyRing) -> None:
        """Use *keyring* from now on; tokens of keys that are not in it stop counting at once.

        Raises:
            SetupError: Its signing key is for another algorithm. The old keys stay in use.
        """
        if keyring.signing.algorithm != self._algorithm:
            raise SetupError(
                f"SIGNING_ALGORITHM is {self._algorithm}, but the signing key is for {keyring.signing.algorithm}. "
                "Change the setting, or give a key for it."
            )
        # Ring and memory change together, so that a verification under way cannot carry an old key's token over.
        self._active = _Active(keyring, self._remember)

    def issue(self, *, user_id: str, session_id: str, role: str, auth_time: datetime | int, amr: Sequence[str]) -> str:
        """A new token with the claims of the contract, good from now on for the configured time.

        Args:
            user_id: Whose token it is.
            session_id: The session that it belongs to, and ends with.
            role: The user's present role.
            auth_time: When the user last proved who they are: an aware date, or seconds since the epoch.
            amr: How they did, such as `["pwd"]` (RFC 8176).
        """
        active = self._active
        now = int(self._clock.timestamp())
        claims = {
            **self._fixed_claims,
            "sub": user_id,
            "sid": session_id,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + self._ttl_seconds,
            "auth_time": auth_time if isinstance(auth_time, int) else (auth_time - _EPOCH) // timedelta(seconds=1),
            "amr": list(amr),
            "role": role,
        }
        message = f"{active.header}.{_segment(claims)}"
        return f"{message}.{base64url.encode(active.keyring.signing.sign(message.encode()))}"

    def verify(self, token: str) -> AccessClaims:
        """The claims of *token*, if it is one of ours and counts now.

        The signature is checked the first time only, the expiry every time. Whether the session has been ended,
        or the role changed, since the token was issued is not in the token, and has to be looked up besides.

        Raises:
            InvalidToken: It is not, for any reason.
        """
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise InvalidToken
        active = self._active
        digest = sha256(token.encode()).digest()
        remembered = active.claims_by_digest.get(digest)
        claims = remembered or self._examine(token, active.keyring)
        now = self._clock.timestamp()
        if claims.expires_at <= now:
            raise InvalidToken
        if remembered is None:
            active.keep(digest, claims, now)
        return claims

    def unknown_key(self, token: str) -> str | None:
        """The name of the key that *token* claims, if that could be one of ours which is not in use here yet."""
        try:
            header = read_header(token[:LONGEST_TOKEN].partition(".")[0])
        except (ValueError, RecursionError):
            return None
        is_ours = header.algorithm == self._algorithm and len(header.kid) <= _LONGEST_KID
        return header.kid if is_ours and self.keyring.by_kid(header.kid) is None else None

    def _examine(self, token: str, keyring: KeyRing) -> AccessClaims:
        try:
            header, payload, signature = token.split(".")
            key = self._key_for(header, keyring)
            if not key.verify(f"{header}.{payload}".encode(), base64url.decode(signature)):
                raise ValueError("wrong signature")
            return read_claims(payload, self._fixed_claims, now=self._clock.timestamp())
        except (ValueError, RecursionError):
            raise InvalidToken from None

    def _key_for(self, header_segment: str, keyring: KeyRing) -> SigningKey:
        header = read_header(header_segment)
        key = keyring.by_kid(header.kid)
        if header.algorithm != self._algorithm or key is None or key.algorithm != self._algorithm:
            raise ValueError("not a key of ours")
        return key


class _Active:
    """A key ring, the header of tokens signed with it, and the tokens that were verified with it.

    Tokens are kept by digest, so that a dump of the memory holds none that could be used.
    """

    __slots__ = ("_limit", "_lock", "claims_by_digest", "header", "keyring")

    def __init__(self, keyring: KeyRing, limit: int) -> None:
        signing = keyring.signing
        self.keyring = keyring
        self.header = _segment({"alg": signing.algorithm, "typ": "at+jwt", "kid": signing.kid})
        self.claims_by_digest: OrderedDict[bytes, AccessClaims] = OrderedDict()
        self._limit = limit
        self._lock = Lock()

    def keep(self, digest: bytes, claims: AccessClaims, now: float) -> None:
        """Remember one token more; the oldest go when they have expired or there are too many."""
        known = self.claims_by_digest
        with self._lock:
            known[digest] = claims
            while len(known) > self._limit or (known and known[next(iter(known))].expires_at <= now):
                known.popitem(last=False)


def _segment(value: dict[str, Any]) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":")).encode())
