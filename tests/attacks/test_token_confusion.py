"""Access tokens made of what an attacker has, and with the real key, of what only a careless verifier would take."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey

from gatewright.core.context import Context
from gatewright.core.keys.ring import SigningKey
from tests.live import LiveServer, bearer, code, refresh, register

LEFT_OUT = object()
_HALF_OF_A_SIGNATURE = 32


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Header, claims and signature of a token."""
    parts = [base64.urlsafe_b64decode(part + "==") for part in token.split(".")]
    return json.loads(parts[0]), json.loads(parts[1]), parts[2]


@dataclass(frozen=True)
class Forger:
    """Has a live token, what the server publishes, and, for the worst of cases, the server's own signing key."""

    token: str
    server_key: SigningKey

    def forge(
        self,
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        sign: Callable[[bytes], bytes] | None = None,
    ) -> str:
        """The live token with changes, signed anew: by the server's own key when not told otherwise."""
        known_header, known_claims, _ = opened(self.token)
        message = f"{segment(_changed(known_header, header))}.{segment(_changed(known_claims, claims))}"
        return f"{message}.{segment((sign or self.server_key.sign)(message.encode()))}"

    @property
    def public_key(self) -> ECKey:
        """What /.well-known/jwks.json shows to everybody."""
        return ECKey.import_key({**(self.server_key.public_jwk() or {})})


def _changed(known: dict[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {**known, **(changes or {})}.items() if value is not LEFT_OUT}


def _hmac_with(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.digest(secret, message, "sha256")


def _point(key: ECKey) -> bytes:
    return key.public_key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _own_key_brought_along(forger: Forger, *, kid: str | None = None) -> str:
    """A token that carries the attacker's public key, and is signed with it."""
    key = SigningKey.generate("ES256")
    return forger.forge({"jwk": key.public_jwk(), "kid": kid or key.kid}, sign=key.sign)


def _by_a_foreign_key(forger: Forger, key: SigningKey) -> str:
    return forger.forge({"kid": key.kid}, sign=key.sign)


def _in_json(forger: Forger, *, flattened: bool) -> str:
    """The same token in one of the JSON serializations (RFC 7515 section 7.2)."""
    header, payload, signature = forger.token.split(".")
    signed = {"protected": header, "signature": signature}
    whole = {"payload": payload, **signed} if flattened else {"payload": payload, "signatures": [signed]}
    return json.dumps(whole, separators=(",", ":"))


def _with_der_signature(forger: Forger) -> str:
    def sign(message: bytes) -> bytes:
        raw = forger.server_key.sign(message)
        numbers = raw[:_HALF_OF_A_SIGNATURE], raw[_HALF_OF_A_SIGNATURE:]
        return encode_dss_signature(*(int.from_bytes(number, "big") for number in numbers))

    return forger.forge(sign=sign)


def _with_alg_twice(forger: Forger) -> str:
    kid = forger.server_key.kid
    header = segment(f'{{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"{kid}"}}'.encode())
    message = f"{header}.{forger.token.split('.')[1]}"
    return f"{message}.{segment(forger.server_key.sign(message.encode()))}"


Forgery = Callable[[Forger], str]

WITHOUT_A_KEY: dict[str, Forgery] = {
    "alg none": lambda f: f.forge({"alg": "none"}, sign=lambda _: b""),
    "alg None": lambda f: f.forge({"alg": "None"}, sign=lambda _: b""),
    "alg nOnE, old signature": lambda f: f.forge({"alg": "nOnE"}, sign=lambda _: opened(f.token)[2]),
    "alg none, no kid": lambda f: f.forge({"alg": "none", "kid": LEFT_OUT}, sign=lambda _: b""),
    "alg none, two parts": lambda f: f.forge({"alg": "none"}, sign=lambda _: b"").removesuffix("."),
    "signature left out": lambda f: f.token.rpartition(".")[0] + ".",
    "signature of zeros": lambda f: f.forge(sign=lambda _: bytes(64)),
    "HS256 with the public PEM": lambda f: f.forge(
        {"alg": "HS256"}, sign=_hmac_with(f.public_key.as_pem(private=False))
    ),
    "HS256 with the public DER": lambda f: f.forge(
        {"alg": "HS256"}, sign=_hmac_with(f.public_key.as_der(private=False))
    ),
    "HS256 with the public JWK": lambda f: f.forge(
        {"alg": "HS256"}, sign=_hmac_with(json.dumps(f.server_key.public_jwk()).encode())
    ),
    "HS256 with the public point": lambda f: f.forge({"alg": "HS256"}, sign=_hmac_with(_point(f.public_key))),
    "HS256 with nothing": lambda f: f.forge({"alg": "HS256"}, sign=_hmac_with(b"")),
    "a foreign key": lambda f: _by_a_foreign_key(f, SigningKey.generate("ES256")),
    "a foreign key under our kid": lambda f: f.forge(sign=SigningKey.generate("ES256").sign),
    "jwk with its own kid": _own_key_brought_along,
    "jwk under our kid": lambda f: _own_key_brought_along(f, kid=f.server_key.kid),
    "claims changed": lambda f: f.forge(claims={"role": "ADMIN"}, sign=lambda _: opened(f.token)[2]),
    "a character more": lambda f: f.token + "A",
    "padding": lambda f: f.token + "=",
    "a part more": lambda f: f.token + ".",
    "five parts, as a JWE has": lambda f: f.token + ".AAAA.AAAA",
    "general JSON": lambda f: _in_json(f, flattened=False),
    "flattened JSON": lambda f: _in_json(f, flattened=True),
    "twice": lambda f: f"{f.token} {f.token}",
    "in quotes": lambda f: f'"{f.token}"',
}

SIGNED_BY_THE_SERVER: dict[str, Forgery] = {
    "jku": lambda f: f.forge({"jku": "https://attacker.example/jwks.json"}),
    "x5u": lambda f: f.forge({"x5u": "https://attacker.example/cert.pem"}),
    "x5c": lambda f: f.forge({"x5c": ["AAAA"]}),
    "jwk": lambda f: f.forge({"jwk": f.server_key.public_jwk()}),
    "crit": lambda f: f.forge({"crit": ["exp"]}),
    "b64": lambda f: f.forge({"b64": False, "crit": ["b64"]}),
    "zip": lambda f: f.forge({"zip": "DEF"}),
    "alg twice": _with_alg_twice,
    "alg missing": lambda f: f.forge({"alg": LEFT_OUT}),
    "alg a list": lambda f: f.forge({"alg": ["ES256"]}),
    "alg in small letters": lambda f: f.forge({"alg": "es256"}),
    "alg ES384": lambda f: f.forge({"alg": "ES384"}),
    "kid missing": lambda f: f.forge({"kid": LEFT_OUT}),
    "kid empty": lambda f: f.forge({"kid": ""}),
    "kid null": lambda f: f.forge({"kid": None}),
    "kid a list": lambda f: f.forge({"kid": [f.server_key.kid]}),
    "kid a path": lambda f: f.forge({"kid": "../../../../dev/null"}),
    "kid a statement": lambda f: f.forge({"kid": "' OR 1=1 --"}),
    "typ JWT": lambda f: f.forge({"typ": "JWT"}),
    "typ of another kind of token": lambda f: f.forge({"typ": "mfa+jwt"}),
    "typ missing": lambda f: f.forge({"typ": LEFT_OUT}),
    "a DER signature": _with_der_signature,
    "another issuer": lambda f: f.forge(claims={"iss": "https://attacker.example"}),
    "our issuer with a slash": lambda f: f.forge(claims={"iss": opened(f.token)[1]["iss"] + "/"}),
    "our issuer in a list": lambda f: f.forge(claims={"iss": [opened(f.token)[1]["iss"]]}),
    "another audience": lambda f: f.forge(claims={"aud": "https://attacker.example"}),
    "our audience in a list": lambda f: f.forge(claims={"aud": [opened(f.token)[1]["aud"]]}),
    "our audience among others": lambda f: f.forge(
        claims={"aud": [opened(f.token)[1]["aud"], "https://attacker.example"]}
    ),
    "another client": lambda f: f.forge(claims={"client_id": "somebody-else"}),
    "expired": lambda f: f.forge(claims={"exp": int(time.time()) - 1}),
    "exp as text": lambda f: f.forge(claims={"exp": str(int(time.time()) + 900)}),
    "exp a fraction": lambda f: f.forge(claims={"exp": time.time() + 900.5}),
    "exp true": lambda f: f.forge(claims={"exp": True}),
    "exp null": lambda f: f.forge(claims={"exp": None}),
    "exp beyond all calendars": lambda f: f.forge(claims={"exp": 10**30}),
    "from the future": lambda f: f.forge(claims={"iat": int(time.time()) + 3600}),
    "not valid yet": lambda f: f.forge(claims={"nbf": int(time.time()) + 3600}),
    "a session that never was": lambda f: f.forge(claims={"sid": ""}),
    **{
        f"{name} missing": lambda f, name=name: f.forge(claims={name: LEFT_OUT})  # type: ignore[misc]
        for name in ("iss", "aud", "sub", "client_id", "sid", "jti", "iat", "exp", "auth_time", "amr", "role")
    },
}


@pytest.fixture
async def forger(live: LiveServer, client: httpx2.Client, email: str) -> Forger:
    tokens = register(client, email)
    async with live.beside() as context:
        return Forger(tokens["accessToken"], context.access_tokens.keyring.signing)


@pytest.mark.parametrize("forgeries", [WITHOUT_A_KEY, SIGNED_BY_THE_SERVER], ids=["without_a_key", "signed"])
async def test_forged_tokens_are_refused(
    client: httpx2.Client, forger: Forger, forgeries: Mapping[str, Forgery]
) -> None:
    """Every forgery gets the one refusal, which tells nobody why; also on the route that reads no row."""
    counted = []
    for name, forgery in forgeries.items():
        header = {"Authorization": f"Bearer {forgery(forger)}"}
        answers = [client.get(path, headers=header) for path in ("/users/profile", "/users/admin")]
        counted += [name for answer in answers if not _is_the_refusal(answer)]
    assert counted == []


def _is_the_refusal(answer: httpx2.Response) -> bool:
    body = {**answer.json(), "requestId": ""}
    return (
        answer.status_code == 401
        and answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        and body
        == {
            "type": "about:blank",
            "title": "The access token is invalid or has expired.",
            "status": 401,
            "detail": "The access token is invalid or has expired.",
            "code": "invalid_token",
            "requestId": "",
        }
    )


async def test_the_forger_could_make_a_token_that_counts(client: httpx2.Client, forger: Forger) -> None:
    """With the server's own key and nothing changed the token counts: the forgeries fail for what was changed."""
    same = client.get("/users/profile", headers=bearer({"accessToken": forger.forge()}))
    assert same.status_code == 200


def test_a_refresh_token_is_no_bearer(client: httpx2.Client, email: str) -> None:
    """A refresh token in the place of an access token is refused, and stays good for what it is for."""
    tokens = register(client, email)
    answer = client.get("/users/profile", headers={"Authorization": f"Bearer {tokens['refreshToken']}"})
    assert code(answer) == (401, "invalid_token")
    refresh(client, tokens)


def test_an_access_token_is_no_refresh_token(client: httpx2.Client, email: str) -> None:
    """An access token neither refreshes a session nor ends one."""
    tokens = register(client, email)
    body = {"refreshToken": tokens["accessToken"]}
    assert code(client.post("/auth/refresh", json=body)) == (401, "invalid_refresh_token")
    assert client.post("/auth/logout", json=body).status_code == 200
    assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256", "HS256"])
async def test_a_token_of_a_key_for_another_algorithm_is_refused(
    live: LiveServer, client: httpx2.Client, email: str, algorithm: str
) -> None:
    """A key of our own database that signs with another algorithm counts only where that algorithm is configured."""
    tokens = register(client, email)
    _, claims, _ = opened(tokens["accessToken"])
    async with live.beside(signing_algorithm=algorithm) as context:
        token = _issued_in(context, claims)
    assert code(client.get("/users/profile", headers=bearer({"accessToken": token}))) == (401, "invalid_token")


async def test_tokens_of_another_deployment_are_refused(
    live: LiveServer, client: httpx2.Client, email: str, sqlite_template: Path
) -> None:
    """The same secret, issuer and audience, but another database: its keys and sessions are not ours."""
    tokens = register(client, email)
    _, claims, _ = opened(tokens["accessToken"])
    async with _elsewhere(live, sqlite_template) as context:
        token = _issued_in(context, claims)
        refresh_token = context.refresh_tokens.issue("a" * 24, context.clock.now()).text
    assert code(client.get("/users/profile", headers=bearer({"accessToken": token}))) == (401, "invalid_token")
    answer = client.post("/auth/refresh", json={"refreshToken": refresh_token})
    assert code(answer) == (401, "invalid_refresh_token")


def _elsewhere(live: LiveServer, database: Path) -> AbstractAsyncContextManager[Context]:
    copy = Path("elsewhere.db")
    copy.write_bytes(database.read_bytes())
    return live.beside(database_url=f"sqlite:///{copy.absolute()}")


def _issued_in(context: Context, claims: Mapping[str, Any]) -> str:
    """A token that says the same as one of the server's, issued by another Gatewright."""
    return context.access_tokens.issue(
        user_id=claims["sub"], session_id=claims["sid"], role="ADMIN", auth_time=claims["auth_time"], amr=["pwd"]
    )
