"""Tokens that name keys which nobody has: refused, and the database is not asked once for each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from gatewright import Gatewright, InvalidToken, Unavailable
from gatewright.core import base64url
from gatewright.core.keys import key_watch
from gatewright.core.keys.key_watch import KeyWatch
from gatewright.core.keys.ring import (
    KeyRing,
    SigningKey,
)
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.features.signing_keys import service

HOSTILE = [
    "' OR 1=1 --",
    "x'; DROP TABLE gatewright_signing_keys; --",
    "../../../../dev/null",
    "file:///etc/passwd",
    "https://attacker.example/jwks.json",
    "kid\x00",
    "k" * 64,
    "k" * 65,
    "k" * 4000,
    "\ud800",
    "%s%n{}{0}",
]


@pytest.fixture
async def key_reads(running: Gatewright) -> list[str]:
    """The statements on the table of keys from now on, without those of the polls."""
    await running.kernel.revocations.stop()
    # Polls are as fresh as they were; the clock of the processor would make this depend on the machine.
    running.kernel.revocations._last_poll_began = float("inf")
    found: list[str] = []
    running.database.observers.append(lambda sql: found.append(sql) if "gatewright_signing_keys" in sql else None)
    return found


def naming(kid: str, *, key: SigningKey | None = None) -> str:
    """A token that names *kid*, signed with a key of somebody else's."""
    key = key or SigningKey.generate("ES256")
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    parts = [base64url.encode(json.dumps(part).encode()) for part in (header, {"sub": "somebody"})]
    message = ".".join(parts)
    return f"{message}.{base64url.encode(key.sign(message.encode()))}"


async def refusals(auth: Gatewright, tokens: Sequence[str]) -> list[Any]:
    return await asyncio.gather(*(auth.verify(token) for token in tokens), return_exceptions=True)


@pytest.mark.parametrize("kid", HOSTILE)
async def test_a_hostile_name_of_a_key_is_refused(running: Gatewright, key_reads: list[str], kid: str) -> None:
    """As SQL, a path or an address it is nothing but an unknown name, and stands in no statement."""
    for _ in range(3):
        with pytest.raises(InvalidToken):
            await running.verify(naming(kid))
    assert len(key_reads) <= 1
    assert not any(kid in sql for sql in key_reads)
    assert len(await service.list_keys(running.context())) == 1


async def test_ten_thousand_unknown_keys_cost_a_few_reads(
    running: Gatewright, key_reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lookups are shared and spaced: those who ask while one runs share the next."""
    monkeypatch.setattr(key_watch, "LOOKUP_SECONDS", 0.0)
    key = SigningKey.generate("ES256")
    found = await refusals(running, [naming(f"key-{number}", key=key) for number in range(10_000)])
    assert {type(each) for each in found} == {InvalidToken}
    assert len(key_reads) <= 10
    assert running.kernel.keys is not None
    assert len(running.kernel.keys._unknown) <= 1000


async def test_lookups_are_spaced_out(running: Gatewright, key_reads: list[str]) -> None:
    """Whoever asks one after the other waits between two reads, by a clock that the test holds still."""
    keys, waited = running.kernel.keys, []
    assert keys is not None
    keys._monotonic = lambda: 100.0

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio, "sleep", sleep)
        for number in range(3):
            assert not await keys.look_up(f"key-{number}")
    assert [round(seconds, 3) for seconds in waited] == [0.0, 0.2, 0.2]
    assert len(key_reads) == 3


async def test_a_flood_of_unknown_keys_does_not_refuse_a_right_one(running: Gatewright, key_reads: list[str]) -> None:
    """The token of a worker that is a moment ahead counts in the midst of it."""
    ahead = Gatewright(running.settings, clock=running.clock)
    async with ahead.lifespan(None):
        await service.withdraw(ahead.context())
        right = ahead.kernel.access_tokens.issue(user_id="u1", session_id="s1", role="USER", auth_time=0, amr=["pwd"])
    flood = [naming(f"key-{number}") for number in range(200)]
    found = await refusals(running, [*flood[:100], right, *flood[100:]])
    assert [type(each) for each in found].count(InvalidToken) == 200
    assert found[100].id == "u1"


async def test_a_lookup_that_fails_is_no_refusal(running: Gatewright, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the database it is not known whether the token counts: 503, and asked again the next time."""

    async def gone(_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(running.database, "read", gone)
        with pytest.raises(Unavailable):
            await running.verify(naming("somebody's"))
    with pytest.raises(InvalidToken):
        await running.verify(naming("somebody's"))


async def test_a_foreign_key_under_a_right_name_does_not_count(running: Gatewright, key_reads: list[str]) -> None:
    """A known name is looked up nowhere, and its own key decides."""
    ours = running.kernel.access_tokens
    foreign = SigningKey.generate("ES256")
    forged = AccessTokens(
        KeyRing(SigningKey(ours.keyring.signing.kid, "ES256", foreign._key)),
        algorithm="ES256",
        issuer=ours.issuer,
        audience=ours.audience,
        ttl=running.settings.access_token_ttl,
        clock=running.clock,
    ).issue(user_id="u1", session_id="s1", role="ADMIN", auth_time=0, amr=["pwd"])
    with pytest.raises(InvalidToken):
        await running.verify(forged)
    assert key_reads == []


def test_the_watch_is_one_for_all_requests(running: Gatewright) -> None:
    """What it remembers bounds the process, not a request."""
    assert isinstance(running.kernel.keys, KeyWatch)
    assert running.context().keys is running.kernel.keys
