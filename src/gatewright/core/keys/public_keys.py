"""Public keys, as services that only verify have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from gatewright.core import base64url

_RSA_BITS_AT_LEAST = 2048  # RFC 7518 section 3.3

# By algorithm: how its key is read, and further requirements. HS256 is missing: a secret must not be published.
_KINDS: dict[str, tuple[Callable[[dict[str, Any]], Key], dict[str, str]]] = {
    "ES256": (ECKey.import_key, {"kty": "EC", "crv": "P-256"}),
    "EdDSA": (OKPKey.import_key, {"kty": "OKP", "crv": "Ed25519"}),
    "RS256": (RSAKey.import_key, {"kty": "RSA"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class PublicKey:
    """One public key, bound to one algorithm, which no token can choose (RFC 8725 section 3.1)."""

    kid: str
    algorithm: str
    _key: Key = field(repr=False)

    @classmethod
    def from_jwk(cls, jwk: dict[str, Any]) -> PublicKey | None:
        """The key of a member of a JWK set; None when it is not one that signs access tokens."""
        kid, algorithm = jwk.get("kid"), jwk.get("alg")
        if not isinstance(kid, str) or not isinstance(algorithm, str) or algorithm not in _KINDS:
            return None
        read, needed = _KINDS[algorithm]
        if jwk.get("use", "sig") != "sig" or any(jwk.get(name) != value for name, value in needed.items()):
            return None
        try:
            if algorithm == "RS256" and len(base64url.decode(jwk["n"])) * 8 < _RSA_BITS_AT_LEAST:
                return None
            key = read(jwk)
            JWSRegistry.algorithms[algorithm].check_key(key)
        except (ValueError, TypeError, LookupError, AttributeError, JoseError):
            return None
        return None if key.is_private else cls(kid, algorithm, key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether *signature* is this key's for *message*."""
        return JWSRegistry.algorithms[self.algorithm].verify(message, signature, self._key)


def read_jwks(body: bytes) -> dict[str, PublicKey]:
    """The keys of a JWK set (RFC 7517 section 5) by `kid`; members of other kinds are left out, as it asks for.

    Raises:
        ValueError: It is no JWK set.
    """
    document = json.loads(body)
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise ValueError("not a JWK set")
    keys = (PublicKey.from_jwk(jwk) for jwk in members if isinstance(jwk, dict))
    return {key.kid: key for key in keys if key is not None}
