"""Signing keys that the settings bring: those that do are used, and those that do not are named and never quoted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gatewright.core.keys.configured_keys import key_ring_of
from gatewright.core.keys.public_keys import read_jwks
from gatewright.core.keys.ring import Algorithm, SigningKey
from gatewright.errors import SetupError
from gatewright.settings.sections import SigningSettings

ES256 = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHERS: dict[Algorithm, Any] = {"ES256": ES256, "EdDSA": Ed25519PrivateKey.generate(), "RS256": RSA}

PKCS8, TRADITIONAL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL


def pem(key: Any, form: serialization.PrivateFormat = PKCS8, passphrase: bytes | None = None) -> str:
    sealed = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, form, sealed).decode())


def public_pem(key: Any) -> str:
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, info).decode())


def jwk(key: Any, **members: Any) -> dict[str, Any]:
    made = {**key.as_dict(private=True), **members}
    return {name: value for name, value in made.items() if value is not None}


def given(value: Any) -> list[str]:
    """As the settings read it."""
    return [key.get_secret_value() for key in SigningSettings(keys=value).keys]


def refused(value: Any, algorithm: Algorithm = "ES256") -> str:
    with pytest.raises(SetupError) as caught:
        key_ring_of(given(value), algorithm)
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_key_in_pem_signs_and_is_published(algorithm: Algorithm) -> None:
    """Under its thumbprint, as others would call it; what it signs, others verify."""
    ring = key_ring_of(given(pem(OTHERS[algorithm])), algorithm)
    published = read_jwks(json.dumps(ring.jwks()).encode())
    assert list(published) == [ring.signing.kid]
    assert published[ring.signing.kid].verify(b"message", ring.signing.sign(b"message"))
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(ring.jwks()["keys"][0])


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256", "HS256"])
def test_what_we_write_as_a_jwk_is_a_key(algorithm: Algorithm) -> None:
    """With its name, under every algorithm; alone, in a set, in a list, and as TOML has it."""
    key = SigningKey.generate(algorithm)
    text = key.to_json().decode()
    for value in (text, f'{{"keys": [{text}]}}', f"[{text}]", [text], [json.loads(text)], {"keys": [json.loads(text)]}):
        ring = key_ring_of(given(value), algorithm)
        assert ring.signing.kid == key.kid
        assert key.verify(b"message", ring.signing.sign(b"message"))
        assert ring.others == []


def test_the_first_signs_and_all_verify() -> None:
    """In their order, in whichever form each is."""
    first, second = pem(ES256), json.dumps(jwk(ECKey.generate_key("P-256"), kid="second"))
    for value in ([first, second], f"{json.dumps([first, second])}"):
        ring = key_ring_of(given(value), "ES256")
        assert [key.kid for key in ring.others] == ["second"]
        assert [each["kid"] for each in ring.jwks()["keys"]] == [ring.signing.kid, "second"]
    third = pem(ec.generate_private_key(ec.SECP256R1()))
    assert len(key_ring_of(given(first + "\n" + third), "ES256").others) == 1


def test_keys_of_the_usual_tools_are_taken() -> None:
    r"""`openssl ecparam` writes parameters first, older versions a form of their own; `\n` stands for a line break."""
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    kid = key_ring_of(given(pem(ES256)), "ES256").signing.kid
    for text in (
        parameters + pem(ES256, TRADITIONAL),
        pem(ES256).replace("\n", "\\n"),
        pem(ES256).replace("\n", "\r\n"),
        "  " + pem(ES256) + "\n\n",
    ):
        assert key_ring_of(given(text), "ES256").signing.kid == kid
    assert key_ring_of(given(pem(RSA, TRADITIONAL)), "RS256").signing.algorithm == "RS256"


UNFIT: dict[str, tuple[Callable[[], Any], Algorithm, str]] = {
    "another algorithm in PEM": (lambda: pem(RSA), "ES256", "is not for ES256"),
    "another curve in PEM": (lambda: pem(ec.generate_private_key(ec.SECP384R1())), "ES256", "ES256"),
    "a DSA key": (lambda: pem(dsa.generate_private_key(2048)), "RS256", "is not for RS256"),
    "X25519, which signs nothing": (lambda: pem(x25519.X25519PrivateKey.generate()), "EdDSA", "EdDSA"),
    "a short RSA key": (lambda: pem(rsa.generate_private_key(65537, 1024)), "RS256", "RS256"),  # noqa: S505
    "PEM for HS256": (lambda: pem(ES256), "HS256", "is in PEM, and a key for HS256 is a JWK"),
    "a public key in PEM": (lambda: public_pem(ES256), "ES256", "is not a private key"),
    "an encrypted key": (lambda: pem(ES256, passphrase=b"hushed"), "ES256", "is encrypted"),
    "a damaged key": (lambda: pem(ES256).replace("MIG", "AAA"), "ES256", "is not a private key"),
    "another kind of JWK": (lambda: jwk(OKPKey.generate_key("Ed25519")), "ES256", "is not for ES256"),
    "another curve": (lambda: jwk(ECKey.generate_key("P-384")), "ES256", "ES256"),
    "another curve of Edwards": (lambda: jwk(OKPKey.generate_key("Ed448")), "EdDSA", "EdDSA"),
    "another alg": (lambda: jwk(RSAKey.generate_key(2048), alg="PS256"), "RS256", "is not for RS256"),
    "a public JWK": (lambda: jwk(ECKey.generate_key("P-256"), d=None), "ES256", "is a public key, and cannot sign"),
    "a public RSA JWK for HS256": (lambda: jwk(RSAKey.generate_key(2048), kid="a"), "HS256", "is not for HS256"),
    "for encryption": (lambda: jwk(ECKey.generate_key("P-256"), use="enc"), "ES256", "is not for signing"),
    "for verifying": (lambda: jwk(ECKey.generate_key("P-256"), key_ops=["verify"]), "ES256", "is not for signing"),
    "another public half": (
        lambda: jwk(OKPKey.generate_key("Ed25519"), x=OKPKey.generate_key("Ed25519").as_dict()["x"]),
        "EdDSA",
        "EdDSA|public half",
    ),
    "a mixed pair": (
        lambda: jwk(ECKey.generate_key("P-256"), **{n: ECKey.generate_key("P-256").as_dict()[n] for n in "xy"}),
        "ES256",
        "ES256|public half",
    ),
    "HS256 without kid": (lambda: jwk(OctKey.generate_key(256), kid=None), "HS256", "needs a kid"),
    "a short secret": (lambda: jwk(OctKey.generate_key(128), kid="a"), "HS256", "HS256"),
    "an empty kid": (lambda: jwk(ECKey.generate_key("P-256"), kid=""), "ES256", "has a kid that is not"),
    "a kid of two lines": (lambda: jwk(ECKey.generate_key("P-256"), kid="a\nb"), "ES256", "has a kid that is not"),
    "a long kid": (lambda: jwk(ECKey.generate_key("P-256"), kid="a" * 129), "ES256", "has a kid that is not"),
    "a kid that is no text": (lambda: jwk(ECKey.generate_key("P-256"), kid=["a"]), "ES256", "is not a private key"),
    "nothing of a key": (lambda: {"kty": "EC", "d": "attacked"}, "ES256", "is not a private key"),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_key_is_refused_without_being_quoted(name: str) -> None:
    """One line that names the setting and says what is wrong, and holds nothing of the key."""
    make, algorithm, reason = UNFIT[name]
    value = make()
    message = refused(value if isinstance(value, str) else [value], algorithm)
    assert message.startswith("GATEWRIGHT_SIGNING__KEYS ")
    assert any(each in message for each in reason.split("|")), message
    parts = value.splitlines()[1:-1] if isinstance(value, str) else [str(value[n]) for n in ("d", "k") if n in value]
    for part in parts:
        assert part not in message


def test_the_refusal_says_which_key_it_is() -> None:
    """Where there are several."""
    kids = [json.dumps(jwk(ECKey.generate_key("P-256"), kid="a")) for _ in range(2)]
    assert refused(kids) == "GATEWRIGHT_SIGNING__KEYS, key 2 of 2, has the kid of another one."
    assert refused([pem(ES256), pem(ES256)]) == "GATEWRIGHT_SIGNING__KEYS, key 2 of 2, has the kid of another one."


@pytest.mark.parametrize(
    "value", ["hushed", "{hushed", '{"keys": "hushed"}', '["hushed"]', '{"keys": ["hushed"]}', "[]x", "[1]", [7], ""]
)
def test_what_is_no_key_at_all_is_refused_by_the_settings(value: Any) -> None:
    """Without its text, in the words of every other setting."""
    with pytest.raises(ValueError, match=r"should be (private keys|a list)") as caught:
        SigningSettings(keys=value)
    assert "hushed" not in str(caught.value)


def test_configured_keys_show_themselves_nowhere() -> None:
    """Neither the settings nor the ring."""
    settings = SigningSettings(keys=[pem(ES256)])
    shown = repr(settings) + str(settings) + repr(key_ring_of(given(pem(ES256)), "ES256").signing)
    assert "BEGIN" not in shown
    assert pem(ES256).splitlines()[1] not in shown
