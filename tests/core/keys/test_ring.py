"""Signing keys stay private, keep to their algorithm, and have stable names."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.errors import SetupError

ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "EdDSA", "RS256", "HS256")
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture(scope="module")
def keys() -> dict[Algorithm, SigningKey]:
    """One key for each algorithm."""
    return {algorithm: SigningKey.generate(algorithm) for algorithm in ALGORITHMS}


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text: str) -> int:
    return int.from_bytes(raw(text), "big")


def changed(key: SigningKey, **members: Any) -> bytes:
    """The key's private JWK with some members changed, or removed where the value is None."""
    jwk = {**json.loads(key.to_json()), **members}
    return json.dumps({name: value for name, value in jwk.items() if value is not None}).encode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_comes_back_from_json(keys: dict[Algorithm, SigningKey], algorithm: Algorithm) -> None:
    """The stored form keeps name, algorithm and key: each verifies what the other signs."""
    key = keys[algorithm]
    again = SigningKey.from_json(key.to_json())

    assert (again.kid, again.algorithm, again.public_jwk()) == (key.kid, algorithm, key.public_jwk())
    assert again.verify(b"message", key.sign(b"message"))
    assert key.verify(b"message", again.sign(b"message"))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_is_for_one_message_and_one_key(keys: dict[Algorithm, SigningKey], algorithm: Algorithm) -> None:
    """A changed message, a changed or cut signature, and another key of the kind are all refused."""
    key = keys[algorithm]
    signature = key.sign(b"message")

    assert not key.verify(b"massage", signature)
    assert not key.verify(b"message", b"")
    assert not key.verify(b"message", signature[:-1])
    assert not key.verify(b"message", signature + b"\0")
    assert not key.verify(b"message", bytes(len(signature)))
    assert not key.verify(b"message", bytes([signature[0] ^ 1]) + signature[1:])
    assert not SigningKey.generate(algorithm).verify(b"message", signature)


def test_an_es256_signature_is_what_other_libraries_expect(keys: dict[Algorithm, SigningKey]) -> None:
    """With the public JWK alone, plain ECDSA over P-256 with SHA-256 accepts it (RFC 7518 section 3.4)."""
    jwk, signature = keys["ES256"].public_jwk(), keys["ES256"].sign(b"message")
    assert jwk is not None
    public = ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), ec.SECP256R1()).public_key()
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")

    public.verify(encode_dss_signature(r, s), b"message", ec.ECDSA(hashes.SHA256()))


def test_an_eddsa_signature_is_what_other_libraries_expect(keys: dict[Algorithm, SigningKey]) -> None:
    """With the public JWK alone, plain Ed25519 accepts it (RFC 8037), and a warning of joserfc stays away."""
    jwk, signature = keys["EdDSA"].public_jwk(), keys["EdDSA"].sign(b"message")
    assert jwk is not None
    assert jwk["alg"] == "EdDSA"

    Ed25519PublicKey.from_public_bytes(raw(jwk["x"])).verify(signature, b"message")


def test_an_rs256_signature_is_what_other_libraries_expect(keys: dict[Algorithm, SigningKey]) -> None:
    """With the public JWK alone, PKCS #1 v1.5 with SHA-256 accepts it; the key has 3072 bits."""
    jwk, signature = keys["RS256"].public_jwk(), keys["RS256"].sign(b"message")
    assert jwk is not None
    public = rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()

    assert public.key_size == 3072
    public.verify(signature, b"message", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"message", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_the_name_is_the_thumbprint(keys: dict[Algorithm, SigningKey], algorithm: Algorithm) -> None:
    """`kid` is the SHA-256 of the required members in order (RFC 7638 section 3)."""
    jwk = keys[algorithm].public_jwk()
    assert jwk is not None
    required = {name: jwk[name] for name in sorted({"kty", "crv", "x", "y", "n", "e"} & jwk.keys())}
    digest = hashlib.sha256(json.dumps(required, separators=(",", ":")).encode()).digest()

    assert jwk["kid"] == keys[algorithm].kid == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_the_name_of_an_hmac_key_tells_nothing_about_it(keys: dict[Algorithm, SigningKey]) -> None:
    """The same HMAC key under a thumbprint could be guessed at; its name is random and not the thumbprint."""
    jwk = json.loads(keys["HS256"].to_json())
    thumbprint = hashlib.sha256(json.dumps({"k": jwk["k"], "kty": "oct"}, separators=(",", ":")).encode()).digest()

    assert raw(keys["HS256"].kid) not in (thumbprint, raw(jwk["k"]))
    assert len(raw(jwk["k"])) == 32


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_public_jwk_is_public(keys: dict[Algorithm, SigningKey], algorithm: Algorithm) -> None:
    """Nothing private is published, and what the key is for is said."""
    jwk = keys[algorithm].public_jwk()
    assert jwk is not None

    assert not jwk.keys() & PRIVATE_MEMBERS
    assert (jwk["alg"], jwk["use"], jwk["kid"]) == (algorithm, "sig", keys[algorithm].kid)


def test_a_member_of_unknown_meaning_is_not_published(keys: dict[Algorithm, SigningKey]) -> None:
    """What a stored key has besides may be private, so only members known to be public go out."""
    key = SigningKey.from_json(changed(keys["ES256"], backup="of the private key", key_ops=["sign"]))

    assert key.public_jwk() == keys["ES256"].public_jwk()


def test_an_hmac_key_has_no_public_form(keys: dict[Algorithm, SigningKey]) -> None:
    """Under HS256 the JWK set is empty: the key that verifies also signs."""
    assert keys["HS256"].public_jwk() is None
    assert KeyRing(keys["HS256"]).jwks() == {"keys": []}


def test_a_ring_publishes_all_its_keys_and_only_the_public_ones(keys: dict[Algorithm, SigningKey]) -> None:
    """The set lists the signing key and the others once each, and leaves the HMAC key out."""
    ring = KeyRing(keys["ES256"], [keys["EdDSA"], keys["HS256"], keys["ES256"]])

    assert [jwk["kid"] for jwk in ring.jwks()["keys"]] == [keys["ES256"].kid, keys["EdDSA"].kid]
    assert not any(jwk.keys() & PRIVATE_MEMBERS for jwk in ring.jwks()["keys"])


def test_a_ring_finds_its_keys_by_name(keys: dict[Algorithm, SigningKey]) -> None:
    """Each of its keys, and nothing for a foreign name."""
    ring = KeyRing(keys["ES256"], [keys["EdDSA"]])

    assert ring.signing is keys["ES256"]
    assert ring.by_kid(keys["ES256"].kid) is keys["ES256"]
    assert ring.by_kid(keys["EdDSA"].kid) is keys["EdDSA"]
    assert ring.by_kid(keys["RS256"].kid) is None


def test_a_ring_does_not_change(keys: dict[Algorithm, SigningKey]) -> None:
    """A change to the list it was made from, or to what it returned, leaves it as it was."""
    others = [keys["EdDSA"]]
    ring = KeyRing(keys["ES256"], others)
    others.append(keys["RS256"])
    ring.jwks()["keys"].clear()

    assert ring.by_kid(keys["RS256"].kid) is None
    assert len(ring.jwks()["keys"]) == 2
    with pytest.raises(AttributeError):
        ring.signing = keys["RS256"]  # type: ignore[misc]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_repr_shows_no_key(keys: dict[Algorithm, SigningKey], algorithm: Algorithm) -> None:
    """A logged key or ring does not give the private part away."""
    key = keys[algorithm]
    private = [value for name, value in json.loads(key.to_json()).items() if name in PRIVATE_MEMBERS]

    assert private
    assert not any(value in f"{key!r} {key} {KeyRing(key)!r}" for value in private)


@pytest.mark.parametrize(("algorithm", "other"), [("ES256", "HS256"), ("ES256", "EdDSA"), ("HS256", "RS256")])
def test_a_key_keeps_to_its_algorithm(
    keys: dict[Algorithm, SigningKey], algorithm: Algorithm, other: Algorithm
) -> None:
    """A stored key whose `alg` was swapped is refused instead of used in another way."""
    with pytest.raises(SetupError, match="cannot be read"):
        SigningKey.from_json(changed(keys[algorithm], alg=other))


@pytest.mark.parametrize("alg", ["none", "ES384", "PS256", "", None, 5, ["ES256"], "es256", "Ed25519"])
def test_an_unknown_algorithm_is_refused(keys: dict[Algorithm, SigningKey], alg: Any) -> None:
    """Only the four of the contract are read."""
    with pytest.raises(SetupError, match="cannot be read"):
        SigningKey.from_json(changed(keys["ES256"], alg=alg))


@pytest.mark.parametrize("kid", [None, "", 7, ["a"]])
def test_a_key_without_a_name_is_refused(keys: dict[Algorithm, SigningKey], kid: Any) -> None:
    """A key has to have a `kid` that is a text."""
    with pytest.raises(SetupError, match="cannot be read"):
        SigningKey.from_json(changed(keys["ES256"], kid=kid))


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_weak_and_unfit_keys_are_refused() -> None:
    """Short RSA and HMAC keys, other curves, and public keys do not become signing keys."""
    unfit = [
        ({"alg": "RS256"}, RSAKey.generate_key(1024).as_dict(private=True)),
        ({"alg": "HS256"}, OctKey.generate_key(248).as_dict()),
        ({"alg": "ES256"}, ECKey.generate_key("P-384").as_dict(private=True)),
        ({"alg": "ES256"}, ECKey.generate_key("secp256k1").as_dict(private=True)),
        ({"alg": "EdDSA"}, OKPKey.generate_key("Ed448").as_dict(private=True)),
        ({"alg": "EdDSA"}, OKPKey.generate_key("X25519").as_dict(private=True)),
        ({"alg": "ES256"}, ECKey.generate_key("P-256").as_dict()),
        ({"alg": "ES256"}, ECKey.generate_key("P-256").as_dict(private=True, use="enc")),
    ]
    for parameters, jwk in unfit:
        with pytest.raises(SetupError, match="cannot be read"):
            SigningKey.from_json(json.dumps({**jwk, **parameters, "kid": "k"}).encode())


@pytest.mark.parametrize("stored", [b"", b"{}", b"[]", b"null", b"\xff", b'"x"', b"{", b'{"kid": 1}'])
def test_anything_else_is_refused_in_one_way(stored: bytes) -> None:
    """Whatever the vault or the environment holds, the message says what a key looks like."""
    with pytest.raises(SetupError, match="private JWK"):
        SigningKey.from_json(stored)


def test_a_refused_key_does_not_appear_in_the_error(keys: dict[Algorithm, SigningKey]) -> None:
    """Neither the message nor a chained exception holds a part of the key."""
    private = json.loads(keys["ES256"].to_json())["d"]
    with pytest.raises(SetupError) as caught:
        SigningKey.from_json(changed(keys["ES256"], d=private + "!"))

    assert private not in str(caught.value)
    assert caught.value.__suppress_context__
