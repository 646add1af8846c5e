"""The parts of an access token, read strictly: JSON of exactly the right types, and nothing besides (RFC 8725).

Nothing here looks at a signature: what is read counts only once a key has verified it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from gatewright.core import base64url

LONGEST_TOKEN = 4096
"""Characters; ours have about 500."""

CLOCK_SKEW_SECONDS = 60
"""How far ahead the clock may be that a token was issued by."""

_HEADER_PARAMETERS = {"alg", "typ", "kid"}
_TYPES = {"at+jwt", "application/at+jwt"}
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last one that a datetime can hold


@dataclass(frozen=True, slots=True)
class TokenHeader:
    """The header of a token. It chooses nothing: the key decides the algorithm."""

    algorithm: str
    kid: str


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """The claims of a verified access token. Times are whole seconds since the epoch.

    Attributes:
        user_id: Whose token it is (`sub`).
        session_id: The session that it was issued in (`sid`).
        role: The user's role when it was issued.
        issued_at: When it was issued (`iat`).
        expires_at: The first second in which it does not count any more (`exp`).
        auth_time: When the user last proved who they are.
        amr: How they did (RFC 8176).
        token_id: The token's own identifier (`jti`).
    """

    user_id: str
    session_id: str
    role: str
    issued_at: int
    expires_at: int
    auth_time: int
    amr: tuple[str, ...]
    token_id: str


def read_header(segment: str) -> TokenHeader:
    """The header of an access token.

    Raises:
        ValueError: It is none, or it holds something else besides.
    """
    header = _json_object(segment)
    # Exactly ours: jku, jwk, x5u and x5c would bring a key along, crit and b64 change what is signed.
    if header.keys() != _HEADER_PARAMETERS:
        raise ValueError("not a header of ours")
    if _text(header, "typ").lower() not in _TYPES:
        raise ValueError("not an access token")
    return TokenHeader(_text(header, "alg"), _text(header, "kid"))


def read_claims(
    segment: str, expected: Mapping[str, str], *, now: float, skew: float = CLOCK_SKEW_SECONDS
) -> AccessClaims:
    """The claims of an access token. Whether it has expired is left to the caller.

    Args:
        expected: Claims that have to be just so, such as `iss`.
        now: The present second.
        skew: By how many seconds the issuer's clock may be ahead.

    Raises:
        ValueError: A claim is missing, of another type, or not as expected, or the token is from the future.
    """
    fields = _json_object(segment)
    # Plain equality with a string also refuses the list-valued iss and aud that RFC 7519 would allow.
    if any(fields.get(name) != value for name, value in expected.items()):
        raise ValueError("issued by or for another service")
    if _seconds(fields, "iat") > now + skew or ("nbf" in fields and _seconds(fields, "nbf") > now):
        raise ValueError("from the future")
    return AccessClaims(
        user_id=_text(fields, "sub"),
        session_id=_text(fields, "sid"),
        role=_text(fields, "role"),
        issued_at=_seconds(fields, "iat"),
        expires_at=_seconds(fields, "exp"),
        auth_time=_seconds(fields, "auth_time"),
        amr=_texts(fields, "amr"),
        token_id=_text(fields, "jti"),
    )


def _json_object(segment: str) -> dict[str, Any]:
    # Decoded here because json.loads would guess UTF-16 and UTF-32 too (RFC 8725 section 3.7).
    text = base64url.decode(segment).decode("utf-8")
    value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _without_duplicates(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise ValueError("a member comes twice")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is not a text")
    return value


def _texts(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    values = fields.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is not a list of texts")
    return tuple(values)


def _seconds(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    # type() rather than isinstance(): True is an int for Python, and no time.
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise ValueError(f"{name} is not a time in whole seconds")
    return value
