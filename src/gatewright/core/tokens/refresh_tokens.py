"""Refresh tokens: opaque, one live one per session, replaced at each use with a single write.

A token is `gwr_` and the base64url of

    version (1 byte) | generation (4) | session start (4) | r (32) | session id | MAC (32)

where r is random and drawn once per session, and the MAC is HMAC-SHA256 over all before it. The session's row holds a
keyed hash of r and the live generation; a refresh advances the generation on the condition that both match, so that
of many calls with one token a single one gets the row. The next token is computed, not drawn: anyone who is allowed to
compute it gets the same bytes, which is how two tabs end up with one successor.

What a thief can do with
- a copy of the database: nothing. It holds only a hash of r, under a key that it does not hold.
- a log with spent tokens: nothing but end the session. It shows r, but a token of the live generation needs a MAC,
  and presenting a spent one is taken for theft (RFC 9700 section 4.14.2), once the few seconds of grace are over.
- the secret: nothing. It makes MACs, but r is in no setting and cannot be guessed.
- the database and the secret: still nothing, as r does not follow from its hash.
- the secret and a spent token of a live session, both: sign in. So an old secret has to leave the list in the end.

A MAC under none of the secrets is detected here, before the database is asked.
"""

from __future__ import annotations

import hmac
import secrets as randomness
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gatewright.core import base64url
from gatewright.core.vault import derive_key

_PREFIX = "gwr_"
_VERSION = 1
_FIXED_PART = struct.Struct(">BII32s")
_R_LENGTH = 32
_MAC_LENGTH = 32
_LONGEST_SESSION_ID = 64
_LONGEST_TEXT = len(_PREFIX) + ((_FIXED_PART.size + _LONGEST_SESSION_ID + _MAC_LENGTH) * 4 + 2) // 3
_FIRST_GENERATION = 0
_LAST_GENERATION = 2**31 - 1  # what an integer column holds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IssuedRefreshToken:
    """The first token of a session, and what the session's row keeps of it.

    Attributes:
        text: The token, for the client only.
        row_hash: What the row holds instead.
        generation: The live generation that the row starts with.
    """

    text: str = field(repr=False)
    row_hash: str
    generation: int


@dataclass(frozen=True, slots=True)
class PresentedRefreshToken:
    """A token whose MAC is ours. Whether it is live, only the session's row knows.

    Attributes:
        session_id: The session that it belongs to.
        generation: How many refreshes came before it.
        started_at: When the session began (UTC, whole seconds), so that its greatest age needs no read.
        r: The session's random part.
    """

    session_id: str
    generation: int
    started_at: datetime
    r: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The two keys derived from one secret, so that a row's hash reveals nothing about a MAC."""

    mac: bytes = field(repr=False)
    row: bytes = field(repr=False)

    @classmethod
    def derived_from(cls, secret: bytes) -> _Keys:
        return cls(derive_key(secret, "refresh token: mac"), derive_key(secret, "refresh token: row hash"))


class RefreshTokens:
    """Makes, reads and continues refresh tokens under the entries of `SECRET`.

    Args:
        secrets: The entries in their order: the first makes, all of them verify.

    Raises:
        ValueError: There is no secret.
    """

    __slots__ = ("_keys",)

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise ValueError("refresh tokens need a secret")
        self._keys = tuple(_Keys.derived_from(secret) for secret in secrets)

    def issue(self, session_id: str, started_at: datetime) -> IssuedRefreshToken:
        """The first token of a new session.

        Args:
            session_id: The session's identifier, at most 64 bytes long.
            started_at: When the session begins; an aware date.

        Raises:
            ValueError: The identifier is empty or too long.
        """
        if not 1 <= len(session_id.encode()) <= _LONGEST_SESSION_ID:
            raise ValueError(f"a session id has 1 to {_LONGEST_SESSION_ID} bytes")
        token = PresentedRefreshToken(session_id, _FIRST_GENERATION, started_at, randomness.token_bytes(_R_LENGTH))
        return IssuedRefreshToken(_text(token, self._keys[0]), _row_hash(token, self._keys[0]), token.generation)

    def read(self, text: str) -> PresentedRefreshToken | None:
        """The token in *text*; None when no secret of ours has made it."""
        if len(text) > _LONGEST_TEXT or not text.startswith(_PREFIX):
            return None
        try:
            raw = base64url.decode(text[len(_PREFIX) :])
        except ValueError:
            return None
        payload, mac = raw[:-_MAC_LENGTH], raw[-_MAC_LENGTH:]
        if len(payload) <= _FIXED_PART.size or not self._has_made(payload, mac):
            return None
        return _token_in(payload)

    def row_hashes(self, token: PresentedRefreshToken) -> tuple[str, ...]:
        """What the session's row may hold: the hash of r under each secret, in their order.

        A row is written with the first; all of them are looked for.
        """
        return tuple(_row_hash(token, keys) for keys in self._keys)

    def matches(self, token: PresentedRefreshToken, stored_hash: str) -> bool:
        """Whether the row with *stored_hash* is the one that this token belongs to."""
        return self._keys_of(token, stored_hash) is not None

    def successor(self, token: PresentedRefreshToken, *, stored_hash: str | None = None) -> str:
        """The token after *token*: the next generation with the same r.

        A caller that advances the row writes its hash under the first secret, and leaves *stored_hash* out. One that
        finds it advanced already gives the row's hash, and so gets the winner's bytes, even where two workers
        list the secrets in different orders.

        Raises:
            ValueError: The row with *stored_hash* is not this token's.
        """
        keys = self._keys[0] if stored_hash is None else self._keys_of(token, stored_hash)
        if keys is None:
            raise ValueError("the row does not belong to this token")
        following = PresentedRefreshToken(token.session_id, token.generation + 1, token.started_at, token.r)
        return _text(following, keys)

    def _has_made(self, payload: bytes, mac: bytes) -> bool:
        made = False
        # All are tried always: the time tells neither whether nor which one fits.
        for keys in self._keys:
            made |= hmac.compare_digest(hmac.digest(keys.mac, payload, "sha256"), mac)
        return made

    def _keys_of(self, token: PresentedRefreshToken, stored_hash: str) -> _Keys | None:
        found = None
        for keys in self._keys:
            if hmac.compare_digest(_row_hash(token, keys).encode(), stored_hash.encode()):
                found = keys
        return found


def _text(token: PresentedRefreshToken, keys: _Keys) -> str:
    started = (token.started_at - _EPOCH) // timedelta(seconds=1)
    payload = _FIXED_PART.pack(_VERSION, token.generation, started, token.r) + token.session_id.encode()
    return _PREFIX + base64url.encode(payload + hmac.digest(keys.mac, payload, "sha256"))


def _token_in(payload: bytes) -> PresentedRefreshToken | None:
    version, generation, started, r = _FIXED_PART.unpack_from(payload)
    # A token without a possible successor was never made here; with a stolen secret it could be.
    if version != _VERSION or generation >= _LAST_GENERATION:
        return None
    try:
        session_id = payload[_FIXED_PART.size :].decode()
    except UnicodeDecodeError:
        return None
    return PresentedRefreshToken(session_id, generation, datetime.fromtimestamp(started, UTC), r)


def _row_hash(token: PresentedRefreshToken, keys: _Keys) -> str:
    return base64url.encode(hmac.digest(keys.row, token.r, "sha256"))
