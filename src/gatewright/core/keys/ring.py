"""The keys that sign access tokens.

A key belongs to one algorithm for good and carries it along, so that no token can choose another one for it (RFC 8725
section 3.1): this is what keeps a public key from being used as an HMAC secret.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

from gatewright.errors import SetupError

Algorithm = Literal["ES256", "EdDSA", "RS256", "HS256"]
"""How access tokens are signed (RFC 7518, RFC 8037); EdDSA means Ed25519."""

# 3072 bits of RSA are as strong as the other three; keys from elsewhere may have the 2048 that RFC 7518 asks for.
_RSA_BITS = 3072
_RSA_BITS_AT_LEAST = 2048
_HMAC_BYTES = 32

_GENERATORS: dict[Algorithm, Callable[[], Key]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
    "RS256": lambda: RSAKey.generate_key(_RSA_BITS),
    "HS256": lambda: OctKey.generate_key(_HMAC_BYTES * 8),
}

# What may be published, by name: a member that a library adds to its keys one day stays inside.
_PUBLIC_MEMBERS: dict[Algorithm, tuple[str, ...]] = {
    "ES256": ("kty", "crv", "x", "y"),
    "EdDSA": ("kty", "crv", "x"),
    "RS256": ("kty", "n", "e"),
    "HS256": (),
}


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """One private key, bound to one algorithm.

    Attributes:
        kid: Its name in token headers: the RFC 7638 thumbprint, or, under HS256, where a thumbprint would let
            anyone test guesses of the key, random.
        algorithm: The only algorithm that it signs and verifies with.
    """

    kid: str
    algorithm: Algorithm
    _key: Key = field(repr=False)

    def __post_init__(self) -> None:
        JWSRegistry.algorithms[self.algorithm].check_key(self._key)
        _check_strength(self._key)

    @classmethod
    def generate(cls, algorithm: Algorithm) -> SigningKey:
        """A new key. Takes well under a millisecond, except RS256: about 0.1 to 0.5 seconds."""
        key = _GENERATORS[algorithm]()
        return cls(secrets.token_urlsafe(16) if algorithm == "HS256" else key.thumbprint(), algorithm, key)

    @classmethod
    def from_json(cls, raw: bytes) -> SigningKey:
        """The key that `to_json` wrote.

        Raises:
            SetupError: It is not a private JWK with `kid` and `alg`, of sufficient strength.
        """
        try:
            members = json.loads(raw)
            return cls(_text(members["kid"]), _algorithm(members["alg"]), import_key(members))
        except (ValueError, TypeError, LookupError, AttributeError, JoseError):
            # Without the cause: its text could hold a part of the key.
            raise SetupError(
                "A signing key cannot be read. It has to be a private JWK with kid and alg, "
                f"one of {', '.join(_GENERATORS)}. "
                f"RS256 needs at least {_RSA_BITS_AT_LEAST} bits, HS256 at least {_HMAC_BYTES * 8}."
            ) from None

    def to_json(self) -> bytes:
        """The key as a private JWK (RFC 7517). It has to be sealed before it is stored."""
        members = self._key.as_dict(private=True, kid=self.kid, alg=self.algorithm, use="sig")
        return json.dumps(members, separators=(",", ":")).encode()

    def public_jwk(self) -> dict[str, str] | None:
        """What others verify signatures with, as a public JWK; none under HS256, where only we can."""
        if self.algorithm == "HS256":
            return None
        members: dict[str, Any] = self._key.as_dict()
        public = {name: members[name] for name in _PUBLIC_MEMBERS[self.algorithm]}
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, message: bytes) -> bytes:
        """The signature of *message*, in the form of RFC 7518 section 3."""
        return JWSRegistry.algorithms[self.algorithm].sign(message, self._key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether *signature* is this key's for *message*."""
        return JWSRegistry.algorithms[self.algorithm].verify(message, signature, self._key)


class KeyRing:
    """The key that signs now, and those whose tokens still count or which will sign soon.

    It never changes; a rotation puts another one in its place.

    Args:
        signing: The key for new tokens.
        others: Keys that verify, and are published, without signing.
    """

    __slots__ = ("_by_kid", "_signing")

    def __init__(self, signing: SigningKey, others: Sequence[SigningKey] = ()) -> None:
        self._signing = signing
        self._by_kid = {key.kid: key for key in (signing, *others)}

    @property
    def signing(self) -> SigningKey:
        """The key for new tokens."""
        return self._signing

    @property
    def others(self) -> list[SigningKey]:
        """Those that verify without signing."""
        return [key for key in self._by_kid.values() if key is not self._signing]

    def by_kid(self, kid: str) -> SigningKey | None:
        """The key of that name, if it is one of ours."""
        return self._by_kid.get(kid)

    def is_same(self, other: KeyRing) -> bool:
        """Whether both sign with one key, and verify with the same keys."""
        return self._signing.kid == other._signing.kid and self._by_kid.keys() == other._by_kid.keys()

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JWK set (RFC 7517 section 5); empty under HS256."""
        public = (key.public_jwk() for key in self._by_kid.values())
        return {"keys": [jwk for jwk in public if jwk is not None]}


def _algorithm(name: object) -> Algorithm:
    for algorithm in _GENERATORS:
        if algorithm == name:
            return algorithm
    raise ValueError("unknown algorithm")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def _check_strength(key: Key) -> None:
    if not key.is_private:
        raise ValueError("a public key cannot sign")
    if isinstance(key, RSAKey) and key.raw_value.key_size < _RSA_BITS_AT_LEAST:
        raise ValueError("the RSA key is too short")  # RFC 7518 section 3.3
    if isinstance(key, OctKey) and len(key.raw_value) < _HMAC_BYTES:
        raise ValueError("the HMAC key is too short")  # RFC 7518 section 3.2
    if isinstance(key, OKPKey) and key.curve_name != "Ed25519":
        raise ValueError("EdDSA is used with Ed25519 only")
