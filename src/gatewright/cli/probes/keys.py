"""The published keys (RFC 7517), by which others verify tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "keys"
PATH = "/.well-known/jwks.json"

_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_ALGORITHMS = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"), "RS256": ("RSA", None)}
_RSA_BITS_AT_LEAST = 2048
# A server has a few; whoever publishes more does not make us work through them.
_MOST_KEYS = 20
_LONGEST_MAX_AGE = 300
_MAX_AGE = re.compile(r"max-age=\"?(\d{1,9})")


async def probe(site: Site) -> list[Finding]:
    """Public keys only, of sufficient strength, and no copy of them that outlasts a rotation."""
    answer = await site.get(PATH)
    keys = published(answer)
    if keys is None:
        return [Finding(CHECK, False, f"{PATH} is no set of keys (status {answer.status}). Let the proxy pass it on.")]
    problems = [problem for key in keys for problem in _of_key(key)]
    names = [key.get("kid") for key in keys]
    if len(set(map(str, names))) < len(names):
        problems.append("two published keys have one name (kid).")
    problems += _of_cache(answer)
    shown = f"{len(keys)} published" if keys else "none published, as with HS256"
    return judged(CHECK, problems, otherwise=shown)


def published(answer: Answer) -> list[dict[str, Any]] | None:
    """The keys in a JWK set; None where it is none."""
    body = answer.json
    keys = body.get("keys") if isinstance(body, dict) else None
    if answer.status != 200 or not isinstance(keys, list):
        return None
    return [key for key in keys if isinstance(key, dict)][:_MOST_KEYS]


def _of_key(key: Mapping[str, Any]) -> Iterator[str]:
    kid = str(key.get("kid", "without kid"))[:60]
    if _PRIVATE & key.keys():
        # Its members are not shown: whoever reads this output need not have the key as well.
        signed = "anybody can sign tokens. Run: gatewright keys rotate --now"
        yield f"the key {kid} is published with its private half: {signed}"
    expected = _ALGORITHMS.get(str(key.get("alg")))
    if expected is None or expected[0] != key.get("kty") or expected[1] not in (None, key.get("crv")):
        algorithm = str(key.get("alg"))[:20]
        yield f"the key {kid} is for no algorithm of ours ({algorithm}): verifiers could take it for another."
    if key.get("kty") == "RSA" and _bits(key.get("n")) < _RSA_BITS_AT_LEAST:
        yield f"the key {kid} has {_bits(key.get('n'))} bits, and RSA needs {_RSA_BITS_AT_LEAST}."
    if not isinstance(key.get("kid"), str):
        yield "a key has no name (kid), so that it cannot be replaced."


def _bits(modulus: object) -> int:
    return len(modulus) * 6 // 8 * 8 if isinstance(modulus, str) else 0


def _of_cache(answer: Answer) -> Iterator[str]:
    found = _MAX_AGE.search(answer.headers.get("cache-control", "").lower())
    if found is None:
        yield f"{PATH} does not say for how long a copy may be used. Let the proxy pass Cache-Control on."
    elif int(found[1]) > _LONGEST_MAX_AGE:
        yield (
            f"copies of {PATH} may be used for {found[1]} s: after a rotation, verifiers would lack the new key. Let "
            f"the proxy pass Cache-Control on, which says {_LONGEST_MAX_AGE} s."
        )
