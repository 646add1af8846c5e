"""Signing keys that the settings bring, from a secret store for instance, instead of those sealed in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from gatewright.core.keys.public_keys import PublicKey
from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.errors import SetupError

_KINDS: Mapping[Algorithm, tuple[type[Any], str]] = {
    "ES256": (ECKey, "EC"),
    "EdDSA": (OKPKey, "OKP"),
    "RS256": (RSAKey, "RSA"),
    "HS256": (OctKey, "oct"),
}
_PRIVATE_MEMBER = {"EC": "d", "OKP": "d", "RSA": "d", "oct": "k"}
_LONGEST_KID = 128
_WRITTEN = "a private key in PEM or as a JWK"


class _Unfit(Exception):
    """A key that cannot be used; the text is the end of a sentence about it, and holds nothing of the key."""


def key_ring_of(texts: Sequence[str], algorithm: Algorithm) -> KeyRing:
    """The keys of the settings: the first signs, all verify and are published.

    Args:
        texts: A private key each, in PEM (RFC 7468) or as a JWK (RFC 7517). One without `kid` is called by its
            thumbprint (RFC 7638).
        algorithm: What all of them have to be for.

    Raises:
        SetupError: A key cannot be used. The message says which and why, and quotes none.
    """
    keys: list[SigningKey] = []
    for number, text in enumerate(texts, start=1):
        which = "" if len(texts) == 1 else f", key {number} of {len(texts)},"
        try:
            keys.append(_read(text, algorithm, others=keys))
        except _Unfit as fault:
            reason = str(fault)
        except (ValueError, TypeError, LookupError, AttributeError, UnsupportedAlgorithm, JoseError):
            # Without the cause: its text could hold a part of the key.
            reason = f"is not {_WRITTEN} that {algorithm} could sign with"
        else:
            continue
        raise SetupError(f"GATEWRIGHT_SIGNING__KEYS{which} {reason}.")
    return KeyRing(keys[0], keys[1:])


def _read(text: str, algorithm: Algorithm, *, others: Sequence[SigningKey]) -> SigningKey:
    kid, key = _of_jwk(text, algorithm) if text.startswith("{") else _of_pem(text, algorithm)
    if any(other.kid == kid for other in others):
        raise _Unfit("has the kid of another one")
    made = SigningKey(kid, algorithm, key)
    _check_published(made)
    return made


def _of_jwk(text: str, algorithm: Algorithm) -> tuple[str, Key]:
    members: dict[str, Any] = json.loads(text)
    kind, kty = _KINDS[algorithm]
    if members.get("kty") != kty or members.get("alg", algorithm) != algorithm:
        raise _Unfit(f"is not for {algorithm}, which GATEWRIGHT_SIGNING_ALGORITHM asks for")
    if members.get("use", "sig") != "sig" or "sign" not in members.get("key_ops", ["sign"]):
        raise _Unfit("is not for signing, by its use or key_ops")
    if _PRIVATE_MEMBER[kty] not in members:
        raise _Unfit("is a public key, and cannot sign")
    # Without members that only describe it and have no effect here.
    key: Key = kind.import_key({name: value for name, value in members.items() if name not in ("key_ops", "use")})
    return _kid(members, algorithm, key), key


def _kid(members: Mapping[str, Any], algorithm: Algorithm, key: Key) -> str:
    kid = members.get("kid")
    if kid is None and algorithm == "HS256":
        # Its thumbprint would let anyone test guesses of the key.
        raise _Unfit("needs a kid, since it is for HS256")
    if kid is None:
        return key.thumbprint()
    if not isinstance(kid, str) or not kid.isascii() or not kid.isprintable() or not 0 < len(kid) <= _LONGEST_KID:
        raise _Unfit(f"has a kid that is not 1 to {_LONGEST_KID} printable ASCII characters")
    return kid


def _of_pem(text: str, algorithm: Algorithm) -> tuple[str, Key]:
    if algorithm == "HS256":
        # joserfc would take the text itself as the secret.
        raise _Unfit("is in PEM, and a key for HS256 is a JWK")
    if "ENCRYPTED" in text:
        raise _Unfit("is encrypted; take the passphrase off, and keep it as you keep GATEWRIGHT_SECRET")
    if "PRIVATE KEY-----" not in text:
        raise _Unfit(f"is not {_WRITTEN}")
    kind, _ = _KINDS[algorithm]
    private: Any = load_pem_private_key(text.encode(), password=None)
    try:
        key: Key = kind.import_key(private)
    except (ValueError, TypeError, AttributeError, JoseError):
        raise _Unfit(f"is not for {algorithm}, which GATEWRIGHT_SIGNING_ALGORITHM asks for") from None
    return key.thumbprint(), key


def _check_published(key: SigningKey) -> None:
    """Others verify with the public half, which a JWK written by hand may have of another key."""
    jwk = key.public_jwk()
    if jwk is None:
        return
    public = PublicKey.from_jwk(dict(jwk))
    if public is None or not public.verify(b"gatewright", key.sign(b"gatewright")):
        raise _Unfit("has a public half that does not belong to its private one")
