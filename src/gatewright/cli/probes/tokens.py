"""Whether a token that nobody signed is taken, or one that stands where logs see it (RFC 8725, RFC 9700)."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes import keys
from gatewright.cli.probes.site import Answer, Site, first_of
from gatewright.clock import SystemClock
from gatewright.core import base64url

CHECK = "tokens"

_NONES = ("none", "None", "NONE", "nOnE")
_GUESSES = ("secret", "changeme", "your-256-bit-secret", "your-secret-key", "supersecret")
_MOST_KEYS = 3
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")
_QUERIES = ("access_token", "accessToken", "token", "jwt")


async def probe(site: Site) -> list[Finding]:
    """Forged tokens for an account that does not exist, and garbage in the query."""
    path = site.call("/users/profile")
    problems = []
    for name, token in _forged(site, keys.published(await site.get(keys.PATH)) or []):
        answer = await site.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
        if _was_taken(answer):
            problems.append(f"a token {name} is taken for a real one (status {answer.status}): what verifies here?")
    without = await site.get(path)
    queries = [name for name in _QUERIES if _differs(await site.ask("GET", f"{path}?{name}=none.none.none"), without)]
    if queries:
        problems.append(f"tokens in the query ({first_of(queries)}) are read: they end in logs and histories.")
    return judged(CHECK, problems, otherwise="forged ones are refused, and the query is not read")


def _was_taken(answer: Answer) -> bool:
    return answer.status not in (401, 429, 503)


def _differs(answer: Answer, without: Answer) -> bool:
    return (answer.status, answer.code) != (without.status, without.code) and answer.status not in (429, 503)


def _forged(site: Site, published: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    kid = next((key["kid"] for key in published if isinstance(key.get("kid"), str)), "none")
    for algorithm in _NONES:
        yield f"without a signature (alg {algorithm})", _signed(site, algorithm, kid, None)
    for key in published[:_MOST_KEYS]:
        yield "signed with the public key (alg HS256)", _signed(site, "HS256", kid, pem_of(key))
    for guess in _GUESSES:
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
        imported = import_key({name: key[name] for name in _PUBLIC if name in key})
        return imported.as_pem(private=False) if isinstance(imported, ECKey | OKPKey | RSAKey) else b"none"
    except (JoseError, ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return b"none"
