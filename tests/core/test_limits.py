"""Limits count together over all workers, refuse without counting, and forgive what was no failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from gatewright import Gatewright
from gatewright.clock import Clock
from gatewright.core.limits.database import DatabaseLimits, remove_expired
from gatewright.core.limits.limiter import CallLimits, Limiter, network_of
from gatewright.core.limits.memory import MemoryLimits
from gatewright.core.limits.policy import Charge, Limit, LimitStore, RateLimited, Refusal, delay, rate
from gatewright.errors import Unavailable
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from tests.conftest import make_settings

pytestmark = pytest.mark.both_databases

FIVE = rate("five", 5)
TEN = rate("ten", 10)
DELAY = delay("delay", free=3, longest=timedelta(seconds=10))
SECRET = b"a secret of tests: 0123456789 abcdefghijklmnop"


@pytest.fixture
def clock(running: Gatewright) -> FakeClock:
    assert isinstance(running.clock, FakeClock)
    return running.clock


@pytest.fixture(params=["memory", "database"])
def store(request: pytest.FixtureRequest, running: Gatewright, clock: FakeClock) -> LimitStore:
    return MemoryLimits(clock) if request.param == "memory" else DatabaseLimits(running.database, clock)


@pytest.fixture
def limiter(store: LimitStore, clock: FakeClock) -> Limiter:
    return Limiter(store, clock, SECRET)


async def passes(limiter: Limiter, *charges: Charge) -> bool:
    return await waits(limiter, *charges) == 0


async def waits(limiter: Limiter, *charges: Charge) -> int:
    """Take all charges; the seconds of Retry-After, or 0 when they pass."""
    try:
        await limiter.take(charges)
    except RateLimited as refusal:
        return int(refusal.headers["Retry-After"])
    return 0


async def test_a_rate_lets_so_many_through_at_once_and_one_more_each_step(limiter: Limiter, clock: FakeClock) -> None:
    """Five at once, the sixth has to wait for twelve seconds, and no minute's edge gives five more."""
    charge = limiter.charge(FIVE, "somebody")
    assert [await waits(limiter, charge) for _ in range(6)] == [0, 0, 0, 0, 0, 12]
    clock.advance(11.9)
    assert await waits(limiter, charge) == 1
    clock.advance(0.1)
    assert [await waits(limiter, charge) for _ in range(2)] == [0, 12]
    clock.advance(60)
    assert [await waits(limiter, charge) for _ in range(6)] == [0, 0, 0, 0, 0, 12]


async def test_a_refused_try_is_not_counted(limiter: Limiter, clock: FakeClock) -> None:
    """Whoever goes on knocking does not have to wait longer for it."""
    charge = limiter.charge(FIVE, "somebody")
    for _ in range(50):
        await waits(limiter, charge)
    clock.advance(12)
    assert await passes(limiter, charge)


async def test_a_try_that_one_limit_refuses_is_counted_by_none(limiter: Limiter) -> None:
    """Else a stranger's refused tries would fill what others share with them."""
    narrow, wide = limiter.charge(FIVE, "somebody"), limiter.charge(TEN, "all")
    for _ in range(50):
        await waits(limiter, narrow, wide)
    assert [await passes(limiter, wide) for _ in range(6)] == [True] * 5 + [False]


async def test_a_delay_doubles_up_to_its_longest(limiter: Limiter, clock: FakeClock) -> None:
    """Three tries are free, and then each waits twice as long as the one before."""
    charge = limiter.charge(DELAY, "somebody")
    assert [await waits(limiter, charge) for _ in range(3)] == [0, 0, 0]
    for seconds in (1, 2, 4, 8, 10, 10):
        assert await waits(limiter, charge) == seconds
        clock.advance(seconds - 0.001)
        assert await waits(limiter, charge) == 1
        clock.advance(0.001)
        assert await passes(limiter, charge)


@pytest.mark.parametrize("longest", [1, 2, 3, 8, 900, 86_400])
def test_no_delay_is_longer_than_the_longest(longest: int) -> None:
    """However often somebody fails."""
    limit = delay("delay", free=1, longest=timedelta(seconds=longest))
    steps = [limit.step(tries) for tries in (*range(1, 40), 2**31)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (1000, longest * 1000)


async def test_a_success_ends_a_delay(limiter: Limiter, clock: FakeClock) -> None:
    """The owner who gets it right starts anew."""
    charge = limiter.charge(DELAY, "somebody")
    for _ in range(3):
        await limiter.take([charge])
    clock.advance(1)
    taken = await limiter.take([charge])
    await taken.give_back(forget=True)
    assert [await waits(limiter, charge) for _ in range(4)] == [0, 0, 0, 1]


async def test_a_try_that_came_to_nothing_leaves_everything_as_it_was(limiter: Limiter, clock: FakeClock) -> None:
    """A server that is too busy to look at a password neither forgives failures nor counts one more."""
    delayed, rated = limiter.charge(DELAY, "somebody"), limiter.charge(FIVE, "somebody")
    for _ in range(3):
        await limiter.take([delayed, rated])
    clock.advance(1)
    for _ in range(20):
        taken = await limiter.take([delayed, rated])
        await taken.give_back(forget=False)
    await limiter.take([delayed])
    assert await waits(limiter, delayed) == 2


async def test_what_was_no_failure_makes_room_again(limiter: Limiter) -> None:
    """A hundred right passwords in a minute are nobody's attack; the failures before them still count."""
    charge = limiter.charge(FIVE, "somebody")
    for _ in range(4):
        await limiter.take([charge])
    for _ in range(100):
        taken = await limiter.take([charge])
        await taken.give_back(forget=True)
    assert [await passes(limiter, charge) for _ in range(2)] == [True, False]


async def test_a_delay_that_is_forgotten_is_over_at_once(limiter: Limiter) -> None:
    """As when the owner has set a new password by mail."""
    charge, other = limiter.charge(DELAY, "somebody"), limiter.charge(DELAY, "somebody else")
    for _ in range(3):
        await limiter.take([charge])
        await limiter.take([other])
    await limiter.forget(charge)
    assert [await waits(limiter, charge) for _ in range(4)] == [0, 0, 0, 1]
    assert await waits(limiter, other) == 1


async def test_failures_are_remembered_for_a_day(limiter: Limiter, clock: FakeClock) -> None:
    """Waiting for a while does not give the free tries back; a day does."""
    charge = limiter.charge(DELAY, "somebody")
    for _ in range(3):
        await limiter.take([charge])
    clock.advance(timedelta(hours=23))
    assert [await waits(limiter, charge) for _ in range(2)] == [0, 2]
    clock.advance(timedelta(days=1, seconds=2))
    assert [await waits(limiter, charge) for _ in range(4)] == [0, 0, 0, 1]


@pytest.mark.parametrize("limit", [FIVE, DELAY], ids=lambda limit: limit.name)
async def test_a_clock_that_is_put_back_locks_nobody_out(limiter: Limiter, clock: FakeClock, limit: Limit) -> None:
    """What lies further ahead than the limit can have put it was written by a clock that was wrong."""
    charge = limiter.charge(limit, "somebody")
    while await passes(limiter, charge):
        pass
    clock.advance(-timedelta(days=400))
    assert await passes(limiter, charge)
    while await passes(limiter, charge):
        pass
    assert 0 < await waits(limiter, charge) <= 60


async def test_a_clock_that_is_put_back_a_little_makes_nobody_wait_for_long(limiter: Limiter, clock: FakeClock) -> None:
    """By less than the period: the wait is never longer than that."""
    charge = limiter.charge(FIVE, "somebody")
    while await passes(limiter, charge):
        pass
    clock.advance(-10)
    assert await waits(limiter, charge) <= 60


async def test_a_call_that_read_the_clock_earlier_starts_no_count_anew(limiter: Limiter, clock: FakeClock) -> None:
    """Workers' clocks differ a little, and of many calls at once some wait for a row after they have read the time."""
    charge = limiter.charge(FIVE, "somebody")
    for _ in range(5):
        await limiter.take([charge])
    for _ in range(4):
        clock.advance(-10)
        assert not await passes(limiter, charge)


async def test_a_call_that_read_the_clock_earlier_is_not_refused_for_it(limiter: Limiter, clock: FakeClock) -> None:
    """The tries that are free are free for all that come at once."""
    charge = limiter.charge(DELAY, "somebody")
    for _ in range(3):
        assert await passes(limiter, charge)
        clock.advance(-0.01)
    assert not await passes(limiter, charge)


async def test_names_and_subjects_are_counted_apart(limiter: Limiter) -> None:
    """Also where their texts, put one after the other, are the same."""
    keys = {
        limiter.charge(FIVE, "ab", "c").key,
        limiter.charge(FIVE, "a", "bc").key,
        limiter.charge(FIVE, "abc").key,
        limiter.charge(TEN, "abc").key,
        limiter.charge(FIVE, "\ud800").key,
    }
    assert len(keys) == 5


async def test_the_headers_say_when_to_come_back(limiter: Limiter) -> None:
    """In the words of the IETF's draft and of RFC 9110; of several limits, the one that keeps longest speaks."""
    charges = [limiter.charge(TEN, "all"), limiter.charge(FIVE, "somebody")]
    for _ in range(5):
        await limiter.take(charges)
    with pytest.raises(RateLimited) as refused:
        await limiter.take(charges)
    assert refused.value.headers == {
        "Retry-After": "12",
        "RateLimit": '"five";r=0;t=12',
        "RateLimit-Policy": '"five";q=5;w=60',
    }


async def test_the_headers_of_a_delay_have_no_window(limiter: Limiter) -> None:
    """A delay is no quota that a client could plan with."""
    charge = limiter.charge(DELAY, "somebody")
    for _ in range(3):
        await limiter.take([charge])
    with pytest.raises(RateLimited) as refused:
        await limiter.take([charge])
    assert refused.value.headers["RateLimit-Policy"] == '"delay";q=1'


@pytest.fixture
async def workers(running: Gatewright, migrated_url: str, clock: FakeClock) -> AsyncIterator[list[Limiter]]:
    """The limiters of two workers on one database."""
    other = Gatewright(make_settings(migrated_url), clock=clock)
    async with other.lifespan(None):
        yield [Limiter(DatabaseLimits(auth.database, clock), clock, SECRET) for auth in (running, other)]


@pytest.mark.parametrize("make", [lambda: FIVE, lambda: delay("d", free=5, longest=timedelta(minutes=1))])
async def test_of_many_tries_at_once_no_more_pass_than_may(workers: list[Limiter], make: Callable[[], Limit]) -> None:
    """Two workers, a hundred tries, one count."""
    charge = workers[0].charge(make(), "somebody")
    passed = await asyncio.gather(*(passes(workers[number % 2], charge) for number in range(100)))
    assert sum(passed) == 5


async def test_tries_that_share_limits_do_not_wait_for_each_other(workers: list[Limiter]) -> None:
    """Rows are locked in one order, so that no two transactions hold what the other needs."""
    limits = [rate(name, 1000) for name in "abcdef"]
    subjects = [
        [workers[0].charge(limit, "somebody") for limit in limits[start:] + limits[:start]] for start in range(6)
    ]

    async def try_and_give_back(number: int) -> None:
        taken = await workers[number % 2].take(subjects[number % 6])
        await taken.give_back(forget=True)

    async with asyncio.timeout(20):
        await asyncio.gather(*(try_and_give_back(number) for number in range(60)))


async def test_one_statement_counts_a_try_by_all_its_limits(running: Gatewright, clock: FakeClock) -> None:
    """Two when it is refused: the second reads for how long. And one gives it back."""
    limiter = Limiter(DatabaseLimits(running.database, clock), clock, SECRET)
    charges = [limiter.charge(limit, "somebody") for limit in (FIVE, TEN, DELAY)]
    seen: list[str] = []
    running.database.observers.append(lambda sql: seen.append(sql.split()[0]) if "gatewright_limits" in sql else None)

    taken = await limiter.take(charges)
    assert seen == ["INSERT"]
    await taken.give_back(forget=True)
    assert seen == ["INSERT", "UPDATE"]
    for _ in range(3):
        await limiter.take(charges)
    seen.clear()
    with pytest.raises(RateLimited):
        await limiter.take(charges)
    assert seen == ["INSERT", "SELECT"]


async def test_rows_name_nobody(running: Gatewright, clock: FakeClock) -> None:
    """A copy of the table tells neither addresses nor accounts, also to somebody who tries them all."""
    limits = CallLimits(Limiter(DatabaseLimits(running.database, clock), clock, SECRET), "192.0.2.1")
    await limits.check("forgot", per_minute=5, mailbox="user@example.com", mails_per_hour=5)
    stored = str(await rows(running))
    assert "192.0.2.1" not in stored
    assert "user@example.com" not in stored
    other = Limiter(DatabaseLimits(running.database, clock), clock, b"another secret, of another deployment")
    assert other.charge(FIVE, "192.0.2.1").key != limits.of(FIVE, "192.0.2.1").key


async def test_rows_that_count_no_more_are_swept(running: Gatewright, clock: FakeClock) -> None:
    """And no others."""
    limiter = Limiter(DatabaseLimits(running.database, clock), clock, SECRET)
    await limiter.take([limiter.charge(FIVE, "somebody"), limiter.charge(DELAY, "somebody")])
    clock.advance(60)
    assert await sweep(running) == 1
    clock.advance(timedelta(days=1))
    assert await sweep(running) == 1
    assert await rows(running) == []


async def test_a_call_is_limited_by_client_and_by_mailbox(limiter: Limiter) -> None:
    """A client asks for no more than its share, and all together fill no mailbox."""
    first, second, unknown = (CallLimits(limiter, address) for address in ("192.0.2.1", "192.0.2.2", None))
    for _ in range(2):
        await first.check("forgot", per_minute=2)
    with pytest.raises(RateLimited):
        await first.check("forgot", per_minute=2)
    await second.check("forgot", per_minute=2, mailbox="user@example.com", mails_per_hour=2)
    await unknown.check("forgot", per_minute=2, mailbox="user@example.com", mails_per_hour=2)
    with pytest.raises(RateLimited):
        await unknown.check("forgot", per_minute=2, mailbox="user@example.com", mails_per_hour=2)
    await unknown.check("resend", per_minute=2, mailbox="user@example.com", mails_per_hour=2)


async def test_clients_without_an_address_do_not_share_a_count(limiter: Limiter) -> None:
    """Behind a Unix socket nobody has one: the first to knock often would lock all others out."""
    for _ in range(20):
        await CallLimits(limiter, None).check("forgot", per_minute=2)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_counted_by_what_one_client_has(address: str, network: str) -> None:
    """Whoever has IPv6 has 2^64 addresses."""
    assert network_of(address) == network


class BrokenStore:
    """A store that may be out of reach."""

    def __init__(self, store: LimitStore) -> None:
        self.is_down = False
        self._store = store

    async def take(self, charges: list[Charge]) -> list[Refusal]:
        if self.is_down:
            raise Unavailable
        return list(await self._store.take(charges))

    async def give_back(self, charges: list[Charge], *, forget: bool) -> None:
        if self.is_down:
            raise Unavailable
        await self._store.give_back(charges, forget=forget)


async def test_each_process_counts_by_itself_while_the_store_is_down(
    running: Gatewright, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage of the store opens no door, and closes none; the log says so once."""
    broken = BrokenStore(DatabaseLimits(running.database, clock))
    limiter = Limiter(broken, clock, SECRET)  # type: ignore[arg-type]
    charge = limiter.charge(FIVE, "somebody")
    before = await limiter.take([charge])
    broken.is_down = True
    await before.give_back(forget=True)
    assert [await passes(limiter, charge) for _ in range(6)] == [True] * 5 + [False]
    assert [record.getMessage() for record in caplog.records if "Each process" in record.getMessage()] == [
        "The store of the limits does not answer. Each process counts by itself."
    ]
    broken.is_down = False
    assert [await passes(limiter, charge) for _ in range(5)] == [True] * 4 + [False]


async def test_memory_is_bounded(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood from many addresses takes no more of it than so many keys."""
    monkeypatch.setattr("gatewright.core.limits.memory._MOST_KEYS", 10)
    store = MemoryLimits(clock)
    for number in range(100):
        await store.take([Charge(str(number), FIVE)])
    assert len(store._counts) == 10


async def test_nothing_is_limited_without_a_store(clock: FakeClock) -> None:
    """`RATE_LIMIT_ENABLED=false`."""
    limiter = Limiter(None, clock, SECRET)
    for _ in range(20):
        taken = await limiter.take([limiter.charge(FIVE, "somebody")])
        await taken.give_back(forget=True)


async def rows(auth: Gatewright) -> list[Row]:
    return await auth.database.read(lambda tx: tx.all(select(tx.table("gatewright_limits"))))


async def sweep(auth: Gatewright) -> int:
    return await auth.database.write(lambda tx: remove_expired(tx, auth.clock.now(), auth.settings))
