"""Signing keys are rotated without anybody noticing, and withdrawn at once when one was stolen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from starlette.testclient import TestClient

from gatewright import Gatewright, InvalidToken, Settings
from gatewright.core.context import Context
from gatewright.core.keys import key_store
from gatewright.core.keys.key_store import JWKS_MAX_AGE, RotationUnderWay
from gatewright.core.keys.ring import (
    SigningKey,
)
from gatewright.errors import Conflict, Unavailable
from gatewright.features.sessions import service as sessions
from gatewright.features.signing_keys import service
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from tests.conftest import add_account, make_settings, sign_in

WAIT = JWKS_MAX_AGE + timedelta(seconds=60)


@pytest.fixture
async def workers(settings: Settings) -> AsyncIterator[list[Gatewright]]:
    """Two workers on one database and one clock, which poll only when a test says so."""
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        started = [Gatewright(settings, clock=clock) for _ in range(2)]
        for each in started:
            await stack.enter_async_context(each.lifespan(None))
            await each.kernel.revocations.stop()
        yield started


def clock_of(auth: Gatewright) -> FakeClock:
    assert isinstance(auth.clock, FakeClock)
    return auth.clock


async def poll(*workers: Gatewright) -> None:
    for each in workers:
        await each.kernel.revocations.poll()


def signing(auth: Gatewright) -> str:
    return auth.kernel.access_tokens.keyring.signing.kid


def published(auth: Gatewright) -> set[str]:
    return {jwk["kid"] for jwk in auth.kernel.access_tokens.keyring.jwks()["keys"]}


async def signed_in(auth: Gatewright) -> Any:
    account = await add_account(auth.context())
    return (await sign_in(auth.context(), account)).tokens


async def states(auth: Gatewright) -> list[str]:
    return [key.state for key in await service.list_keys(auth.context())]


@pytest.mark.both_databases
async def test_a_rotation_goes_through_its_steps(workers: list[Gatewright]) -> None:
    """Published at once, signing only when every copy of the JWKS is too old to lack it, the old one kept till then."""
    one, two = workers
    old, clock = signing(one), clock_of(one)
    tokens = await signed_in(one)

    at = await service.rotate(one.context())
    await poll(one, two)
    assert at - clock.now() == WAIT
    assert [len(published(each)) for each in workers] == [2, 2]
    assert {signing(one), signing(two)} == {old}
    assert await states(one) == ["published", "signing"]

    clock.advance(WAIT - timedelta(seconds=1))
    await poll(one, two)
    assert {signing(one), signing(two)} == {old}
    last = (await sessions.refresh(two.context(), tokens.refresh_token)).access_token

    clock.advance(1)
    await poll(one, two)
    (new,) = {signing(one), signing(two)}
    assert new != old
    assert await states(one) == ["signing", "verifying"]

    # The last token of the old key counts everywhere for all of its time.
    clock.advance(one.settings.access_token_ttl - timedelta(seconds=2))
    await poll(one, two)
    assert [(await each.verify(last)).id for each in workers]

    clock.advance(timedelta(seconds=63))
    await poll(one, two)
    assert [published(each) for each in workers] == [{new}, {new}]
    assert await states(one) == ["signing", "retired"]
    await one._housekeeping.sweep()
    assert await states(one) == ["signing"]


async def test_a_second_rotation_waits_for_the_first(workers: list[Gatewright]) -> None:
    """It says when that will be; afterwards the next one begins."""
    one, two = workers
    at = await service.rotate(one.context())
    with pytest.raises(RotationUnderWay, match=f"{at:%H:%M:%S} UTC.*--now"):
        await service.rotate(two.context())
    clock_of(one).advance(WAIT)
    await service.rotate(two.context())
    assert await states(two) == ["published", "signing", "verifying"]


@pytest.mark.both_databases
async def test_rotations_in_parallel_leave_one_new_key(workers: list[Gatewright]) -> None:
    """Of five on both workers one is done, and the others say so; of five withdrawals one key is left."""
    both = [each.context() for each in workers * 3][:5]
    done = await asyncio.gather(*map(service.rotate, both), return_exceptions=True)
    assert [isinstance(each, Conflict) for each in done].count(False) == 1
    assert await states(workers[0]) == ["published", "signing"]

    withdrawn = await asyncio.gather(*map(service.withdraw, both), return_exceptions=True)
    assert {type(each) for each in withdrawn} <= {int, Conflict}
    await poll(*workers)
    assert await states(workers[0]) == await states(workers[1]) == ["signing"]


@pytest.mark.both_databases
async def test_a_rotation_that_loses_the_race_is_refused(
    workers: list[Gatewright], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both count on from the same key, and the database takes one."""
    one, two = workers
    meanwhile = key_store.rows_of

    def blind(tx: Transaction, *given: Any) -> list[key_store.StoredKey]:
        return [row for row in meanwhile(tx, *given) if row.activates_at is None]

    def taken(*_: Any, **__: Any) -> None:
        raise IntegrityError("insert", {}, Exception())

    await service.rotate(one.context())
    with monkeypatch.context() as patched:
        patched.setattr(key_store, "rows_of", blind)
        patched.setattr(key_store, "_insert", taken)
        for rotation in (service.rotate, service.withdraw):
            with pytest.raises(Conflict, match="Another process"):
                await rotation(two.context())
    assert await states(one) == ["published", "signing"]


@pytest.mark.both_databases
async def test_a_stolen_key_is_withdrawn_at_once(workers: list[Gatewright]) -> None:
    """Its tokens count nowhere any more, also where they were remembered; sessions go on with the new key."""
    one, two = workers
    tokens = await signed_in(one)
    stolen = one.kernel.access_tokens.keyring.signing
    await two.verify(tokens.access_token)
    await service.rotate(one.context())

    assert await service.withdraw(one.context()) == 2
    await poll(two)

    for each in workers:
        assert stolen.kid not in published(each)
        with pytest.raises(InvalidToken):
            await each.verify(tokens.access_token)
    again = await sessions.refresh(two.context(), tokens.refresh_token)
    assert [(await each.verify(again.access_token)).id for each in workers]
    # Nothing of it is left to be stolen once more.
    assert await states(one) == ["signing"]


async def test_keys_of_another_algorithm_are_withdrawn_too(settings: Settings) -> None:
    """They would count again as soon as the setting went back."""
    url = settings.database_url.get_secret_value()
    async with Gatewright(make_settings(url, signing_algorithm="EdDSA")).lifespan(None):
        pass
    auth = Gatewright(settings)
    async with auth.lifespan(None):
        assert sorted(await states(auth)) == ["signing", "unused"]
        assert await service.withdraw(auth.context()) == 2
        assert await states(auth) == ["signing"]
    async with Gatewright(make_settings(url, signing_algorithm="EdDSA")).lifespan(None):
        pass


async def test_a_worker_behind_takes_the_token_of_one_ahead(workers: list[Gatewright]) -> None:
    """Its key is looked up before it is refused, so that no request fails until the next poll."""
    one, two = workers
    await service.withdraw(one.context())
    tokens = await signed_in(one)
    assert signing(two) != signing(one)
    assert (await two.verify(tokens.access_token)).id
    assert signing(two) == signing(one)


async def test_a_worker_that_cannot_poll_believes_no_withdrawn_key(
    workers: list[Gatewright], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without recent polls the keys are read for each request; without a database nothing counts."""
    one, two = workers
    tokens = await signed_in(one)
    await two.verify(tokens.access_token)
    await service.withdraw(one.context())
    two.kernel.revocations._last_poll_began = float("-inf")
    with pytest.raises(InvalidToken):
        await two.verify(tokens.access_token)
    fresh = await signed_in_again(one)

    async def gone(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(two.database, "read", gone)
    with pytest.raises(Unavailable):
        await two.verify(fresh)


async def signed_in_again(auth: Gatewright) -> str:
    account = await add_account(auth.context(), "other@example.com")
    return (await sign_in(auth.context(), account)).tokens.access_token


async def test_reads_that_end_in_another_order_keep_the_newest_keys(workers: list[Gatewright]) -> None:
    """A slow poll that began before a withdrawal does not bring the old key back."""
    one, two = workers
    watch = two.kernel.keys
    assert watch is not None
    slow = await two.database.read(watch.read)
    old = signing(one)
    await service.withdraw(one.context())
    await poll(two)
    slow()
    assert old not in published(two)


async def test_a_key_that_does_not_open_leaves_the_others_in_use(
    workers: list[Gatewright], caplog: pytest.LogCaptureFixture
) -> None:
    """As when it was sealed under a secret that this worker does not list; it is told once."""
    one, two = workers
    tokens = await signed_in(one)
    await service.rotate(one.context())

    def damage(tx: Transaction) -> None:
        keys = tx.table("gatewright_signing_keys")
        tx.run(update(keys).where(keys.c.activates_at.is_not(None)).values(sealed=b"\x01damaged"))

    await two.database.write(damage)
    await poll(two, two)
    assert (await two.verify(tokens.access_token)).id
    assert len([record for record in caplog.records if "cannot be used" in record.message]) == 1


@pytest.mark.both_databases
async def test_a_first_key_is_made_where_all_are_retired(settings: Settings) -> None:
    """As after years with another algorithm."""
    clock = FakeClock()
    auth = Gatewright(settings, clock=clock)
    async with auth.lifespan(None):
        old = signing(auth)

        def retire(tx: Transaction) -> None:
            tx.run(update(tx.table("gatewright_signing_keys")).values(retires_at=clock.now()))

        await auth.database.write(retire)
    again = Gatewright(settings, clock=clock)
    async with again.lifespan(None):
        assert signing(again) != old
        assert await states(again) == ["signing", "retired"]


async def test_rotations_are_events(context: Context, running: Gatewright) -> None:
    """With the names of the keys, and nothing of the keys."""
    await service.rotate(context)
    await service.withdraw(context)

    def events(tx: Transaction) -> list[Any]:
        table = tx.table("gatewright_audit_events")
        return [row for row in tx.all(table.select().order_by(table.c.occurred_at)) if row["event"].startswith("keys.")]

    rows = await context.db.read(events)
    assert sorted(row["event"] for row in rows) == ["keys.rotated", "keys.withdrawn"]
    (withdrawn,) = (row["details"] for row in rows if row["event"] == "keys.withdrawn")
    assert withdrawn["kid"] == signing(running)
    assert len(withdrawn["withdrawn"].split()) == 2


def test_a_clock_behind_signs_with_the_oldest_key() -> None:
    """Where no key is active yet by this machine's clock, others know the oldest for longest."""
    keys = [SigningKey.generate("ES256") for _ in range(2)]
    now = FakeClock().now()
    rows = [
        key_store.StoredKey(key.kid, "ES256", 2 - at, now, now + timedelta(seconds=9 - at), None, b"")
        for at, key in enumerate(keys)
    ]
    ring = key_store.ring_of(rows, {key.kid: key for key in keys}, now)
    assert ring is not None
    assert ring.signing is keys[1]
    assert key_store.ring_of([], {}, now) is None


def test_a_worker_behind_lets_nobody_keep_its_keys(
    auth_client: TestClient, auth_gatewright: Gatewright, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may lack a key that will sign before such a copy is too old; with recent polls a copy is good for 300 s."""
    assert auth_client.get("/.well-known/jwks.json").headers["Cache-Control"] == "public, max-age=300"
    monkeypatch.setattr(auth_gatewright.kernel.revocations, "_monotonic", lambda: float("inf"))
    assert auth_client.get("/.well-known/jwks.json").headers["Cache-Control"] == "public, max-age=0"
