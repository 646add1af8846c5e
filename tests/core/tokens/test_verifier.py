"""`Verifier`: tokens are checked offline with keys that are fetched seldom, and nothing in a token decides how."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from gatewright import InvalidToken, SetupError, Unavailable, Verifier
from gatewright.core import base64url
from gatewright.core.keys.public_keys import PublicKey, read_jwks
from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.core.tokens import verifier
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.testing import FakeClock

ISSUER = "https://auth.example.com"
URL = f"{ISSUER}/.well-known/jwks.json"
ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "EdDSA", "RS256")
KEYS = {algorithm: SigningKey.generate(algorithm) for algorithm in ALGORITHMS}
OTHER = SigningKey.generate("ES256")


class Server:
    """The server's half: signs, and publishes keys over a cable that counts."""

    def __init__(self, *keys: SigningKey) -> None:
        self.clock = FakeClock()
        self.seconds = 0.0
        self.fetches = 0
        self.headers = {"Cache-Control": "public, max-age=300"}
        self.status = 200
        self.body: bytes | None = None
        self.is_down = False
        self.rotate(*keys)
        self.client = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))

    def rotate(self, *keys: SigningKey) -> None:
        self.ring = KeyRing(keys[0], keys[1:])

    def verifier(self, **changes: Any) -> Verifier:
        given = {"issuer": ISSUER, "clock": self.clock, "client": self.client, "monotonic": lambda: self.seconds}
        return Verifier(URL, **{**given, **changes})

    def token(self, **changes: Any) -> str:
        given = {"issuer": ISSUER, "audience": ISSUER, "ttl": timedelta(minutes=15), "clock": self.clock, **changes}
        tokens = AccessTokens(self.ring, algorithm=self.ring.signing.algorithm, **given)
        return tokens.issue(user_id="u1", session_id="s1", role="EDITOR", auth_time=1_700_000_000, amr=["pwd"])

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.fetches += 1
        # Gives everybody else their turn, as a network would.
        await asyncio.sleep(0)
        if self.is_down:
            raise httpx2.ConnectError("down")
        assert str(request.url) == URL
        body = json.dumps(self.ring.jwks()).encode() if self.body is None else self.body
        return httpx2.Response(self.status, content=body, headers=self.headers)


@pytest.fixture
def server() -> Server:
    return Server(KEYS["ES256"])


def rewritten(token: str, key: SigningKey, **header: Any) -> str:
    """The token with other header parameters, signed anew by *key*."""
    head, payload, _ = token.split(".")
    changed = {**json.loads(base64url.decode(head)), **header}
    message = f"{base64url.encode(json.dumps(changed).encode())}.{payload}"
    return f"{message}.{base64url.encode(key.sign(message.encode()))}"


async def refused(checks: Verifier, token: str) -> None:
    with pytest.raises(InvalidToken):
        await checks.verify(token)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_token_of_the_server_is_accepted(algorithm: Algorithm) -> None:
    """With what it says of the user, and one fetch."""
    server = Server(KEYS[algorithm])
    checks = server.verifier()
    for _ in range(3):
        user = await checks.verify(server.token())
    assert (user.id, user.role, user.session_id, user.amr) == ("u1", "EDITOR", "s1", ("pwd",))
    assert user.auth_time.timestamp() == 1_700_000_000
    assert user.expires_at.timestamp() == int(server.clock.timestamp()) + 900
    assert server.fetches == 1


async def test_issuer_audience_and_type_are_those_that_were_asked_for(server: Server) -> None:
    """A token for somebody else, or of another type, is none."""
    checks = server.verifier()
    await refused(checks, server.token(issuer="https://evil.example"))
    await refused(checks, server.token(audience="https://other.example"))
    await refused(checks, rewritten(server.token(), KEYS["ES256"], typ="JWT"))
    await refused(server.verifier(audience="https://other.example"), server.token())
    assert (await server.verifier(audience="api").verify(server.token(audience="api"))).id == "u1"


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "EdDSA", "ES384", ""])
async def test_a_token_does_not_choose_its_algorithm(server: Server, alg: str) -> None:
    """The key's own counts: neither none, nor the public key as an HMAC secret."""
    public = json.dumps(KEYS["ES256"].public_jwk()).encode()
    confused = SigningKey.from_json(
        json.dumps({"kty": "oct", "k": base64url.encode(public), "kid": "x", "alg": "HS256"}).encode()
    )
    checks = server.verifier()
    await refused(checks, rewritten(server.token(), confused, alg=alg))
    await refused(checks, rewritten(server.token(), KEYS["ES256"], alg=alg))
    head, payload, _ = rewritten(server.token(), confused, alg=alg).split(".")
    await refused(checks, f"{head}.{payload}.")


@pytest.mark.parametrize("extra", [{"jku": "https://evil.example"}, {"jwk": {}}, {"crit": ["b64"]}, {"x5u": "x"}])
async def test_a_header_that_brings_more_is_refused(server: Server, extra: dict[str, Any]) -> None:
    """A key of its own, above all."""
    await refused(server.verifier(), rewritten(server.token(), KEYS["ES256"], **extra))


async def test_a_foreign_key_does_not_count(server: Server) -> None:
    """Under its own name or under one of the server's."""
    checks = server.verifier()
    await refused(checks, rewritten(server.token(), OTHER))
    await refused(checks, rewritten(server.token(), OTHER, kid=OTHER.kid))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "a.b.c.d", "x" * 5000, "ü.b.c", "[" * 3000 + ".b.c"])
async def test_garbage_is_refused_without_a_fetch(server: Server, token: str) -> None:
    """It costs the server of the keys nothing."""
    await refused(server.verifier(), token)
    assert server.fetches == 0


async def test_clocks_may_differ_by_a_minute(server: Server) -> None:
    """And no more, in either direction; the allowance can be set."""
    checks, strict, token = server.verifier(), server.verifier(clock_skew=timedelta(0)), server.token()
    server.clock.advance(timedelta(minutes=15, seconds=-2))
    await strict.verify(token)
    server.clock.advance(2)
    await refused(strict, token)
    server.clock.advance(57)
    await checks.verify(token)
    server.clock.advance(4)
    await refused(checks, token)

    ahead = server.token()
    server.clock.advance(-58)
    await checks.verify(ahead)
    await refused(strict, ahead)
    server.clock.advance(-4)
    await refused(checks, ahead)


async def test_keys_are_kept_as_long_as_the_server_says(server: Server) -> None:
    """And not longer; what a cache on the way has used up of that time counts."""
    checks, token = server.verifier(), server.token()
    await checks.verify(token)
    server.seconds = 299.9
    await checks.verify(token)
    assert server.fetches == 1
    server.headers["Age"] = "200"
    server.seconds = 300.0
    await checks.verify(token)
    server.seconds = 399.9
    await checks.verify(token)
    assert server.fetches == 2
    server.seconds = 400.0
    await checks.verify(token)
    assert server.fetches == 3


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("public, max-age=60", 60),
        ("s-maxage=9,max-age=60", 60),
        ('max-age="60"', 60),
        ("", 300),
        ("no-store", 300),
        ("max-age=-1", 300),
        ("max-age=0", verifier.PAUSE_SECONDS),
        ("max-age=999999999", 86_400),
    ],
)
def test_how_long_an_answer_is_fresh(header: str, seconds: float) -> None:
    """Within bounds, so that nobody asks all the time or never again."""
    assert verifier._fresh_seconds({"cache-control": header}) == seconds


async def test_one_fetch_serves_all_who_wait(server: Server) -> None:
    """At the start, when the keys are too old, and when a new key appears."""
    checks = server.verifier()
    for expected in (1, 2):
        await asyncio.gather(*(checks.verify(server.token()) for _ in range(50)))
        assert server.fetches == expected
        server.seconds += 300
    await checks.verify(server.token())
    server.rotate(OTHER, KEYS["ES256"])
    await asyncio.gather(*(checks.verify(server.token()) for _ in range(50)))
    assert server.fetches == 4


async def test_a_rotation_refuses_nobody(server: Server) -> None:
    """Published first, then signing, then the old one gone: no token is refused on the way."""
    checks, first = server.verifier(), server.token()
    await checks.verify(first)
    server.rotate(KEYS["ES256"], OTHER)
    server.seconds += 360
    await checks.verify(first)
    server.rotate(OTHER, KEYS["ES256"])
    fetched = server.fetches
    second = server.token()
    await checks.verify(first)
    await checks.verify(second)
    assert server.fetches == fetched
    server.rotate(OTHER)
    server.seconds += 300
    await checks.verify(second)
    await refused(checks, first)


async def test_unknown_keys_cause_one_fetch_in_a_while(server: Server) -> None:
    """Ten thousand names of keys that nobody has; the fetch for them does not keep an ordinary one from being made."""
    checks, right = server.verifier(), server.token()
    garbage = [rewritten(right, OTHER, kid=f"key-{number}") for number in range(200)]
    for each in garbage:
        await refused(checks, each)
    assert server.fetches == 2
    server.seconds = verifier.PAUSE_SECONDS
    await asyncio.gather(*(refused(checks, each) for each in garbage))
    await checks.verify(right)
    assert server.fetches == 3


async def test_a_server_that_is_down_is_outlasted_for_a_while(server: Server) -> None:
    """The keys count on for a quarter of an hour; it is asked again every ten seconds, and not by everybody."""
    checks, token = server.verifier(), server.token(ttl=timedelta(hours=1))
    await checks.verify(token)
    server.is_down = True
    server.seconds = 300.0
    await asyncio.gather(*(checks.verify(token) for _ in range(20)))
    assert server.fetches == 2
    server.seconds = 300.0 + verifier.STALE_SECONDS - 0.1
    await checks.verify(token)
    server.seconds += 0.2
    with pytest.raises(Unavailable):
        await checks.verify(token)
    server.is_down = False
    server.seconds += verifier.PAUSE_SECONDS
    await checks.verify(token)


async def test_a_first_fetch_that_fails_is_no_refusal(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Without keys nothing is known: 503, and why is in the log."""
    checks = server.verifier()
    server.is_down = True
    for _ in range(2):
        with pytest.raises(Unavailable, match="keys"):
            await checks.verify(server.token())
    assert server.fetches == 1
    assert f"the keys at {URL} cannot be fetched: down" in caplog.text


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"keys": []}'),
        (302, b""),
        (200, b"<html>"),
        (200, b'{"keys": {}}'),
        (200, b"[]"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, b" " * (verifier.LONGEST_ANSWER + 1)),
    ],
)
async def test_an_answer_that_is_no_key_set_does_not_count(server: Server, status: int, body: bytes) -> None:
    """A redirect is not followed, and no answer fills the memory; keys that were there before stay."""
    checks, token = server.verifier(), server.token()
    await checks.verify(token)
    server.status, server.body, server.seconds = status, body, 300.0
    await checks.verify(token)
    with pytest.raises(Unavailable):
        await server.verifier().verify(token)


def jwk(key: SigningKey, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**(key.public_jwk() or {}), **changes}.items() if value is not None}


SHORT = {"kty": "RSA", "n": base64url.encode(b"\xc1" + b"\x01" * 127), "e": "AQAB"}


@pytest.mark.parametrize(
    "member",
    [
        jwk(OTHER, alg=None),
        jwk(OTHER, alg="RS256"),
        jwk(OTHER, alg="none"),
        jwk(OTHER, alg=["ES256"]),
        jwk(OTHER, use="enc"),
        jwk(OTHER, kid=None),
        jwk(OTHER, crv="P-384"),
        jwk(OTHER, x="AA"),
        {**SHORT, "kid": "short", "alg": "RS256"},
        {"kty": "oct", "k": base64url.encode(bytes(32)), "kid": "hmac", "alg": "HS256"},
        json.loads(OTHER.to_json()),
        "text",
    ],
)
def test_a_member_that_is_no_public_key_is_left_out(member: Any) -> None:
    """The others of the set count all the same; a secret that somebody published is no key."""
    assert read_jwks(json.dumps({"keys": [member, jwk(KEYS["ES256"])]}).encode()).keys() == {KEYS["ES256"].kid}


def test_a_public_key_does_not_show_itself() -> None:
    """In logs, names are enough."""
    key = PublicKey.from_jwk(jwk(OTHER))
    assert key is not None
    assert "_key" not in repr(key)


async def test_without_a_client_of_ones_own_one_is_opened(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """And closed again: nothing has to be closed by whoever uses it."""
    opened: list[httpx2.AsyncClient] = []
    client = httpx2.AsyncClient

    def open_client(**_: Any) -> httpx2.AsyncClient:
        opened.append(client(transport=httpx2.MockTransport(server._answer)))
        return opened[-1]

    checks = server.verifier(client=None)
    token = server.token()
    with monkeypatch.context() as patched:
        patched.setattr(httpx2, "AsyncClient", open_client)
        await checks.verify(token)
    assert [each.is_closed for each in opened] == [True]


def test_a_missing_client_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that brings it."""
    nothing: Callable[[str], None] = lambda _name: None  # noqa: E731
    monkeypatch.setattr(verifier, "find_spec", nothing)
    with pytest.raises(SetupError, match="gatewright\\[verifier\\]"):
        Verifier(URL, issuer=ISSUER)
