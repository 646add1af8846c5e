"""This year's advisories about reading tokens, replayed: each test names the one that it comes from.

Everybody reads here who reads access tokens at all: the server's own guards, introspection, and another service with
`Verifier`. The others are in `test_advisories`.
"""

from __future__ import annotations

import ast
import asyncio
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

import gatewright
from gatewright import Gatewright, InvalidToken, Settings, SetupError, Verifier
from gatewright.core import base64url
from gatewright.core.keys.public_keys import read_jwks
from gatewright.core.keys.ring import Algorithm, SigningKey
from gatewright.testing.clients import AsUser
from gatewright.testing.mails import CapturedMails
from tests.attacks.mailed import not_me_token
from tests.attacks.test_advisories import OWNERS, STRANGER, VICTIM, code, register
from tests.attacks.test_token_confusion import SIGNED_BY_THE_SERVER, WITHOUT_A_KEY, Forger, opened, segment
from tests.conftest import example_app, make_settings

CLIENT = ("reports", "the secret of reports: 0123456789 abcdefgh")
JWKS = "/.well-known/jwks.json"


@pytest.fixture
def settings(sqlite_template_copy: Path) -> Settings:
    """The network and the database have no part in any of this."""
    clients = {CLIENT[0]: {"secret": CLIENT[1]}}
    return make_settings(f"sqlite:///{sqlite_template_copy}", clients=clients)


@dataclass(frozen=True)
class Readers:
    """Everybody who reads access tokens."""

    client: TestClient
    auth: Gatewright

    def who_believe(self, token: str) -> set[str]:
        """Those who take *token* for somebody's."""
        believers = {path for path in ("/reports", "/me", "/users/profile", "/maybe") if self._lets_in(path, token)}
        if self.client.post("/auth/introspect", data={"token": token}, auth=CLIENT).json()["active"]:
            believers.add("introspection")
        return believers | ({"verifier"} if asyncio.run(self._is_verified(token)) else set())

    def _lets_in(self, path: str, token: str) -> bool:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {token}"})
        return answer.status_code == 200 and answer.json()["id"] is not None

    async def _is_verified(self, token: str) -> bool:
        answer = httpx2.MockTransport(lambda _: httpx2.Response(200, json=self.jwks()))
        async with httpx2.AsyncClient(transport=answer) as client:
            issuer = self.auth.kernel.access_tokens.issuer
            checks = Verifier(f"{issuer}{JWKS}", issuer=issuer, client=client, clock=self.auth.clock)
            try:
                await checks.verify(token)
            except InvalidToken:
                return False
        return True

    def jwks(self) -> dict[str, Any]:
        """What the server publishes."""
        published: dict[str, Any] = self.client.get(JWKS).json()
        return published


@pytest.fixture
def readers(auth_client: TestClient, auth_gatewright: Gatewright) -> Readers:
    return Readers(auth_client, auth_gatewright)


@pytest.fixture
def forger(as_user: AsUser, auth_gatewright: Gatewright) -> Forger:
    """Has the victim's token, and for the worst of cases the server's own key."""
    return Forger(as_user(email=VICTIM).tokens["accessToken"], auth_gatewright.kernel.access_tokens.keyring.signing)


def test_every_reader_believes_a_real_token(readers: Readers, forger: Forger) -> None:
    """Also one that the forger has put together: the others fail for what was changed in them."""
    users = {"/reports", "/me", "/users/profile", "/maybe", "introspection", "verifier"}
    assert readers.who_believe(forger.token) == readers.who_believe(forger.forge()) == users


def test_cve_2026_102946_a_token_in_json_is_none(readers: Readers, forger: Forger) -> None:
    """In joserfc before 1.7.4 nothing was wrong with the general form when its list of signatures was empty."""
    header, payload, signature = forger.token.split(".")
    signed = {"protected": header, "signature": signature}
    unsigned = {"protected": header, "signature": ""}
    forms: list[dict[str, Any]] = [
        {"payload": payload, "signatures": []},
        {"payload": payload, "signatures": [{}]},
        {"payload": payload, "signatures": [unsigned]},
        {"payload": payload, "signatures": [signed, unsigned]},
        {"payload": payload, "signatures": [signed]},
        {"payload": payload, **signed},
        {"payload": payload, **unsigned},
        {"payload": payload},
    ]
    for form in forms:
        text = json.dumps(form, separators=(",", ":"))
        for token in (text, segment(form), f"{text}..", f"{segment(form)}.."):
            assert readers.who_believe(token) == set(), token


def test_cve_2026_102946_no_reader_of_the_library_is_used() -> None:
    """Only its arithmetic is: which form a token has is decided by a split at two dots, in this package."""
    used = set()
    for path in Path(gatewright.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("joserfc"):
                used |= {f"{node.module}.{name.name}" for name in node.names}
            elif isinstance(node, ast.Import):
                assert not any(name.name.startswith("joserfc") for name in node.names)
    assert {name for name in used if ".jwk." not in name} == {"joserfc.errors.JoseError", "joserfc.jws.JWSRegistry"}


def test_cve_2026_102946_the_library_is_one_that_was_mended() -> None:
    """As the project asks for, and as it is installed here and locked."""
    root = Path(__file__).parents[2]
    (asked,) = (
        each
        for each in tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
        if each.startswith("joserfc")
    )
    locked = re.findall(r"^joserfc==(\S+)", (root / "requirements" / "runtime.txt").read_text("utf-8"), re.MULTILINE)
    for version in (asked.removeprefix("joserfc>=").split(",")[0], *locked):
        assert tuple(int(part) for part in version.split(".")[:2]) >= (1, 8)


@pytest.mark.parametrize("claim", ["iss", "aud"])
def test_cve_2026_75509_an_issuer_is_one_text(readers: Readers, forger: Forger, claim: str) -> None:
    """Where `in` compares, a list that holds the issuer is one, and so is any text around it."""
    ours = opened(forger.token)[1][claim]
    evil = "https://evil.example"
    others: list[Any] = [[ours], [ours, evil], [evil, ours], [[ours]], {ours: True}, f"{ours}/", f"{evil} {ours}"]
    for value in [*others, ours[:-1], "", [], None, True, 0, ours.upper(), f"{ours}\x00", f"{evil}#{ours}"]:
        assert readers.who_believe(forger.forge(claims={claim: value})) == set(), value


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_cve_2026_48526_a_public_key_is_no_secret(sqlite_template_copy: Path, algorithm: Algorithm) -> None:
    """PyJWT before 2.13 refused PEM as an HMAC key, and not a JWK. What is published makes no token, and signs none."""
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", signing_algorithm=algorithm))
    with TestClient(example_app(auth)) as client:
        early = register(client, VICTIM).json()
        key = auth.kernel.access_tokens.keyring.signing
        forger = Forger(early["accessToken"], key)
        for secret in _ways_to_write(client.get(JWKS).content):
            confused = SigningKey.from_json(json.dumps(_hmac_jwk(secret)).encode())
            for alg in ("HS256", algorithm):
                token = forger.forge({"alg": alg}, sign=confused.sign)
                bearer = {"Authorization": f"Bearer {token}"}
                assert client.get("/users/profile", headers=bearer).status_code == 401
                published = read_jwks(client.get(JWKS).content)[key.kid]
                message, _, signature = token.rpartition(".")
                assert not published.verify(message.encode(), base64url.decode(signature))
    public = key.public_jwk() or {}
    for alg in ("HS256", algorithm):
        with pytest.raises(SetupError):
            SigningKey.from_json(json.dumps({**public, "alg": alg}).encode())
    assert read_jwks(json.dumps({"keys": [{**public, "alg": "HS256"}, _hmac_jwk(b"x" * 32)]}).encode()) == {}


def _ways_to_write(jwks: bytes) -> list[bytes]:
    (jwk,) = json.loads(jwks)["keys"]
    dumped = [json.dumps(each, **how) for each in (jwk, {"keys": [jwk]}) for how in _LAYOUTS]
    return [jwks, *(text.encode() for text in dumped)]


_LAYOUTS: tuple[dict[str, Any], ...] = ({}, {"separators": (",", ":")}, {"sort_keys": True}, {"indent": 2})


def _hmac_jwk(secret: bytes) -> dict[str, str]:
    return {"kty": "oct", "k": base64url.encode(secret), "kid": "x", "alg": "HS256"}


def test_cve_2026_28802_a_token_without_a_signature_is_none(readers: Readers, forger: Forger) -> None:
    """Authlib took `alg: none` with an empty signature for a token that is signed."""
    for alg in ("none", "None", "NONE", "nOnE", "", None, "ES256"):
        for claims in ({}, {"role": "ADMIN"}):
            for end in (b"", opened(forger.token)[2] if claims else b""):
                token = forger.forge({"alg": alg}, claims, sign=lambda _, end=end: end)  # type: ignore[misc]
                assert readers.who_believe(token) == set(), token
    names = [name for name in WITHOUT_A_KEY if "none" in name.lower() or "signature" in name]
    assert len(names) > 5
    assert [name for name in names if readers.who_believe(WITHOUT_A_KEY[name](forger))] == []


@pytest.mark.parametrize("parameter", ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"])
def test_cve_2026_27962_no_key_comes_from_a_token(readers: Readers, forger: Forger, parameter: str) -> None:
    """Authlib verified with the key in the header where it was given none. Signed by it or by the server: refused."""
    own = SigningKey.generate("ES256")
    brought: Any = {"jwk": own.public_jwk(), "x5c": ["AAAA"], "x5t": "AAAA", "x5t#S256": "AAAA"}.get(
        parameter, "https://evil.example/keys"
    )
    for kid in (own.kid, forger.server_key.kid):
        assert readers.who_believe(forger.forge({parameter: brought, "kid": kid}, sign=own.sign)) == set()
    assert readers.who_believe(forger.forge({parameter: brought})) == set()
    if parameter in SIGNED_BY_THE_SERVER:
        assert readers.who_believe(SIGNED_BY_THE_SERVER[parameter](forger)) == set()


def test_cve_2026_121802_what_is_made_for_one_thing_counts_for_no_other(
    auth_client: TestClient, auth_mails: CapturedMails, readers: Readers
) -> None:
    """None of our tokens stands in for another kind, so that nobody has one made that they need elsewhere."""
    made = register(auth_client, VICTIM).json()
    (mail,) = auth_mails.to(VICTIM)
    tokens = [made["refreshToken"], made["deviceToken"], mail.token, not_me_token(mail)]
    assert [readers.who_believe(token) for token in tokens] == [set()] * 4
    for token in (mail.token, not_me_token(mail), made["deviceToken"], made["accessToken"]):
        assert auth_client.post("/auth/refresh", json={"refreshToken": token}).status_code == 401
        body = {"token": token, "password": OWNERS}
        assert auth_client.post("/auth/password/reset", json=body).status_code == 400
        assert auth_client.post("/auth/email/change/confirm", json={"token": token}).status_code == 400
        assert code(register(auth_client, STRANGER, inviteToken=token)) == (400, "invalid_or_expired_token")
