"""What single probes make of answers that no server of ours would give."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gatewright.cli.findings import Finding
from gatewright.cli.probes import Probe, site, tokens
from gatewright.core.keys.ring import SigningKey

Answering = Callable[[Request], Response]
CACHED = {"Cache-Control": "public, max-age=300"}


async def found_by(probe: Probe, answer: Answering) -> list[str]:
    """The problems; none where the probe says that all is well."""
    async with client_of(answer) as client:
        result = await probe(site.Site("https://auth.example.com", client))
    return [] if isinstance(result, str) else result


def client_of(answer: Answering) -> httpx2.AsyncClient:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(Request(scope))(scope, receive, send)

    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app))


def jwk(**changes: Any) -> dict[str, Any]:
    return {**(SigningKey.generate("ES256").public_jwk() or {}), **changes}


@pytest.mark.parametrize(
    ("published", "says"),
    [
        ([jwk(alg="none")], "is for none of Gatewright's algorithms (none)"),
        ([jwk(alg="HS256")], "is for none of Gatewright's algorithms (HS256)"),
        ([jwk(crv="P-192")], "is for none of Gatewright's algorithms"),
        ([jwk(kty="oct", k="c2VjcmV0")], "private half"),
        ([{"kty": "RSA", "alg": "RS256", "kid": "short", "e": "AQAB", "n": "x" * 171}], "1024 bits"),
        ([jwk(kid="same"), jwk(kid="same")], "the same name"),
        ([jwk(kid=None)], "has no name"),
    ],
)
async def test_a_key_that_should_not_be_published_is_found(published: list[dict[str, Any]], says: str) -> None:
    """And its private half is not shown."""
    found = await found_by(tokens.keys, lambda _: JSONResponse({"keys": published}, headers=CACHED))
    assert says in " ".join(found)
    assert "c2VjcmV0" not in str(found)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"[" * 100_000])
async def test_what_is_no_set_of_keys_is_found(body: bytes) -> None:
    """As when a proxy answers in the server's place."""
    (problem,) = await found_by(tokens.keys, lambda _: Response(body, headers=CACHED))
    assert "is no set of keys (status 200)" in problem


async def test_a_key_set_that_says_nothing_of_its_age_is_found() -> None:
    """Caches would keep it for as long as they like."""
    (problem,) = await found_by(tokens.keys, lambda _: JSONResponse({"keys": [jwk()]}))
    assert "for how long a copy may be used" in problem


def taking(secret: bytes, published: list[dict[str, Any]]) -> Answering:
    """A server that takes tokens which are signed with HS256 and this secret."""

    def answer(request: Request) -> Response:
        if request.url.path == tokens.JWKS_PATH:
            return JSONResponse({"keys": published})
        signed, _, signature = request.headers.get("authorization", "").removeprefix("Bearer ").rpartition(".")
        right = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).rstrip(b"=").decode()
        return Response(status_code=200 if signature == right else 401)

    return answer


async def test_a_secret_that_everybody_knows_is_found() -> None:
    """As in tutorials."""
    (problem,) = await found_by(tokens.tokens, taking(b"your-256-bit-secret", []))
    assert "signed with the secret 'your-256-bit-secret' is accepted" in problem


async def test_a_public_key_that_is_taken_for_a_secret_is_found() -> None:
    """The confusion of algorithms (RFC 8725 section 2.1)."""
    published = jwk()
    (problem,) = await found_by(tokens.tokens, taking(tokens.pem_of(published), [published]))
    assert "signed with the public key (alg HS256) is accepted" in problem


async def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when its beginning came."""
    monkeypatch.setattr(site, "SECONDS", 0.02)
    never = asyncio.Event()

    async def beginning() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, content=beginning())))
    async with client:
        with pytest.raises(site.NoAnswer, match="no answer in"):
            await site.Site("https://auth.example.com", client).ask("GET", "/")


async def test_an_answer_without_end_is_cut() -> None:
    """What has come by then is looked at."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, content=endless())))
    async with client:
        answer = await site.Site("https://auth.example.com", client).ask("GET", "/")
    assert len(answer.text) == site.LONGEST_ANSWER
    assert answer.json is None


async def test_no_cookie_is_kept() -> None:
    """Each request is a stranger's first."""
    sent: list[str | None] = []

    def answer(request: Request) -> Response:
        sent.append(request.headers.get("cookie"))
        return Response(headers={"Set-Cookie": "session=1"})

    async with client_of(answer) as client:
        asked = site.Site("https://auth.example.com", client)
        for _ in range(2):
            await asked.ask("GET", "/")
    assert sent == [None, None]
    assert asked.cookies == [("GET /", "session=1")] * 2


def test_json_is_what_programs_get() -> None:
    """The same for both kinds of look."""
    body = Finding("docs", "warning", "/docs is open.").body
    assert json.loads(json.dumps(body)) == {"check": "docs", "status": "warning", "message": "/docs is open."}
