"""Published keys, forged tokens, and mailed tokens that a GET would redeem."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gatewright.cli.probes.site import Answer, Result, Site, shortened
from gatewright.clock import SystemClock
from gatewright.core import base64url

JWKS_PATH = "/.well-known/jwks.json"

_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e")
_ALGORITHMS = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"), "RS256": ("RSA", None)}
_RSA_BITS_AT_LEAST = 2048
# A server has a few keys; one that publishes more does not make us work through them.
_MOST_KEYS = 20
_MOST_FORGED_KEYS = 3
_LONGEST_MAX_AGE = 300
_MAX_AGE = re.compile(r"max-age=\"?(\d{1,9})")
_NONES = ("none", "None", "NONE", "nOnE")
_GUESSED_SECRETS = ("secret", "changeme", "your-256-bit-secret", "your-secret-key", "supersecret")
_QUERY_NAMES = ("access_token", "accessToken", "token", "jwt")
_REDEEMING_CALLS = (
    "/auth/verify-email",
    "/auth/password/reset",
    "/auth/email/change/confirm",
    "/auth/email/change/undo",
    "/auth/refresh",
    "/auth/logout",
)
_REDEEMING_PAGES = ("verify-email", "not-me", "change-email", "undo-email-change", "reset-password", "invitation")
_OVERRIDE = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"}


async def keys(site: Site) -> Result:
    """Whether the published keys (RFC 7517) are public and strong, and copies of them do not outlast a rotation."""
    answer = await site.get(JWKS_PATH)
    published = _published(answer)
    if published is None:
        return [f"{JWKS_PATH} is no set of keys (status {answer.status}). Let the proxy pass it on."]
    problems = [problem for key in published for problem in _faults(key)]
    names = [str(key.get("kid")) for key in published]
    if len(set(names)) < len(names):
        problems.append("Two published keys have the same name (kid).")
    problems += _cache_faults(answer)
    return problems or (f"{len(published)} published" if published else "none published, as with HS256")


def _published(answer: Answer) -> list[dict[str, Any]] | None:
    """The keys in a JWK set; None where it is none."""
    body = answer.json
    found = body.get("keys") if isinstance(body, dict) else None
    if answer.status != 200 or not isinstance(found, list):
        return None
    return [key for key in found if isinstance(key, dict)][:_MOST_KEYS]


def _faults(key: Mapping[str, Any]) -> Iterator[str]:
    kid = str(key.get("kid", "without kid"))[:60]
    if _PRIVATE_MEMBERS & key.keys():
        # Its members are not shown: readers of this output need not have the key as well.
        advice = "anyone can sign tokens. Run: gatewright keys rotate --now"
        yield f"The key {kid} is published with its private half: {advice}"
    expected = _ALGORITHMS.get(str(key.get("alg")))
    if expected is None or expected[0] != key.get("kty") or expected[1] not in (None, key.get("crv")):
        algorithm = str(key.get("alg"))[:20]
        yield f"The key {kid} is for none of Gatewright's algorithms ({algorithm}): verifiers could mistake it."
    bits = _bits(key.get("n"))
    if key.get("kty") == "RSA" and bits < _RSA_BITS_AT_LEAST:
        yield f"The key {kid} has {bits} bits, and RSA needs {_RSA_BITS_AT_LEAST}."
    if not isinstance(key.get("kid"), str):
        yield "A key has no name (kid), so that it cannot be replaced."


def _bits(modulus: object) -> int:
    return len(modulus) * 6 // 8 * 8 if isinstance(modulus, str) else 0


def _cache_faults(answer: Answer) -> Iterator[str]:
    found = _MAX_AGE.search(answer.headers.get("cache-control", "").lower())
    if found is None:
        yield f"{JWKS_PATH} does not say for how long a copy may be used. Let the proxy pass Cache-Control on."
    elif int(found[1]) > _LONGEST_MAX_AGE:
        yield (
            f"Copies of {JWKS_PATH} may be used for {found[1]} s: after a rotation, verifiers would lack the new key. "
            f"Let the proxy pass Cache-Control on, which says {_LONGEST_MAX_AGE} s."
        )


async def tokens(site: Site) -> Result:
    """Whether forged tokens are accepted, or tokens in the query, where logs keep them (RFC 8725, RFC 9700).

    The forged ones name an account that does not exist.
    """
    path = site.call("/users/profile")
    problems = []
    for name, token in _forged(site, _published(await site.get(JWKS_PATH)) or []):
        answer = await site.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
        if answer.status not in (401, 429, 503):
            problems.append(f"A token {name} is accepted (status {answer.status}). Check what verifies tokens there.")
    without = await site.get(path)
    read = [name for name in _QUERY_NAMES if _differs(await site.ask("GET", f"{path}?{name}=none.none.none"), without)]
    if read:
        problems.append(f"Tokens in the query ({shortened(read)}) are read: they end in logs and histories.")
    return problems or "forged ones are refused, and the query is not read"


def _differs(answer: Answer, without: Answer) -> bool:
    return (answer.status, answer.code) != (without.status, without.code) and answer.status not in (429, 503)


def _forged(site: Site, published: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    kid = next((key["kid"] for key in published if isinstance(key.get("kid"), str)), "none")
    for algorithm in _NONES:
        yield f"without a signature (alg {algorithm})", _signed(site, algorithm, kid, None)
    for key in published[:_MOST_FORGED_KEYS]:
        yield "signed with the public key (alg HS256)", _signed(site, "HS256", kid, pem_of(key))
    for guess in _GUESSED_SECRETS:
        yield f"signed with the secret {guess!r}", _signed(site, "HS256", kid, guess.encode())


def _signed(site: Site, algorithm: str, kid: str, secret: bytes | None) -> str:
    now = int(SystemClock().timestamp())
    claims = {
        "iss": site.url,
        "aud": site.url,
        "sub": f"doctor{secrets.token_hex(8)}",
        "client_id": "gatewright",
        "sid": secrets.token_hex(12),
        "jti": secrets.token_hex(12),
        "iat": now,
        "exp": now + 60,
        "auth_time": now,
        "amr": ["pwd"],
        "role": "USER",
    }
    signed = f"{_part({'alg': algorithm, 'typ': 'at+jwt', 'kid': kid})}.{_part(claims)}"
    signature = b"" if secret is None else hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64url.encode(signature)}"


def _part(members: dict[str, Any]) -> str:
    return base64url.encode(json.dumps(members).encode())


def pem_of(key: dict[str, Any]) -> bytes:
    """A public key as its file would be, which a confused verifier takes for a secret."""
    try:
        imported = import_key({name: key[name] for name in _PUBLIC_MEMBERS if name in key})
        return imported.as_pem(private=False) if isinstance(imported, ECKey | OKPKey | RSAKey) else b"none"
    except (JoseError, ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return b"none"


async def redeeming(site: Site) -> Result:
    """Whether a GET redeems a token that was never mailed: mail filters and previews open links by themselves."""
    problems = []
    for path in _REDEEMING_CALLS:
        for headers in ({}, _OVERRIDE):
            answer = await site.ask("GET", f"{site.call(path)}?{_invented_tokens()}", headers=headers)
            if answer.status not in (404, 405):
                way = " with X-HTTP-Method-Override" if headers else ""
                problems.append(f"{answer.asked}{way} is accepted (status {answer.status}). Only POST may be.")
    for name in _REDEEMING_PAGES:
        answer = await _open_page(site, f"{site.call('/auth/pages/')}{name}")
        asks_first = answer.status == 200 and 'method="post"' in answer.text.lower()
        if answer.status != 404 and not asks_first:
            problems.append(f"{answer.asked} looks at the token before the user has clicked (status {answer.status}).")
    return problems or "no GET does; pages ask for a click first"


async def _open_page(site: Site, path: str) -> Answer:
    """The page behind a mailed link, opened as a browser would: it leads to itself, with the token in a cookie."""
    answer = await site.ask("GET", f"{path}?{_invented_tokens()}")
    location = urlsplit(answer.headers.get("location", ""))
    if answer.status != 303 or location.path != path or "token" in location.query:
        return answer
    pairs = "; ".join(value.partition(";")[0] for value in answer.headers.get_list("set-cookie"))
    return await site.ask("GET", location.geturl(), headers={"Cookie": pairs} if pairs else {})


def _invented_tokens() -> str:
    token = secrets.token_urlsafe(32)
    return f"token={token}&refreshToken={token}&password={secrets.token_urlsafe(16)}"
