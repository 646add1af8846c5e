"""Limits in the database: one statement counts a try by all its limits, however many workers there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    String,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    update,
)

from gatewright.clock import Clock
from gatewright.core.housekeeping import remove_some
from gatewright.core.limits.policy import Charge, Refusal, milliseconds
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database, Transaction
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import columns_of
from gatewright.storage.schema import Schema

_TABLE = "gatewright_limits"
_NOW = bindparam("now", type_=BigInteger)
_FORGET = bindparam("forget", type_=Integer)
_ZERO, _ONE = literal_column("0", Integer), literal_column("1", Integer)
_SECOND = literal_column("1000", BigInteger)


@dataclass(frozen=True, slots=True)
class _CountedRow:
    id: str


@dataclass(frozen=True, slots=True)
class _BusyRow:
    id: str
    busy_until: int


class _Refused(Exception):
    """Rolls the transaction back, so that a refused try is counted by none of its limits."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__()
        self.refusals = refusals


class DatabaseLimits:
    """The `LimitStore` that all workers share."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        # Compiled once for each number of charges: SQLAlchemy would do it for every login.
        self._take = cache(lambda count: HotStatement("take", lambda schema: _take(db, schema, count), _CountedRow))
        self._give_back = cache(
            lambda count: HotStatement("give back", lambda schema: _give_back(schema, count), _CountedRow)
        )

    async def take(self, charges: Sequence[Charge]) -> Sequence[Refusal]:
        """Count a try with all of *charges*, or with none when one is refused."""
        statement = self._db.compiled(self._take(len(charges)))

        def work(tx: Transaction) -> None:
            # Now, and not before it waited for a connection.
            now = milliseconds(self._clock)
            values = {"now": now, **dict(_values(charges, now))}
            taken = {row.id for row in tx.compiled(statement, values)}
            refused = [charge for charge in charges if charge.key not in taken]
            if refused:
                raise _Refused(_refusals(tx, refused, now))

        try:
            await self._db.write(work)
        except _Refused as refused:
            return refused.refusals
        return ()

    async def give_back(self, charges: Sequence[Charge], *, forget: bool) -> None:
        """Uncount a try that was no failure."""
        statement = self._db.compiled(self._give_back(len(charges)))
        values = {"forget": int(forget), **dict(_values(charges, 0))}
        await self._db.write(lambda tx: tx.compiled(statement, values))


def remove_expired(tx: Transaction, now: datetime, settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): the counts that count no more."""
    limits = tx.table(_TABLE)
    return remove_some(tx, limits, limits.c.expires_at <= int(now.timestamp() * 1000))


def _values(charges: Sequence[Charge], now: int) -> Iterator[tuple[str, Any]]:
    for number, charge in enumerate(charges):
        limit, step = charge.limit, charge.limit.step(1)
        yield f"id_{number}", charge.key
        yield f"first_{number}", now + step if step else 0
        yield f"expiry_{number}", now + step + limit.kept
        for name in ("room", "busiest", "free", "longest", "doublings", "kept"):
            yield f"{name}_{number}", getattr(limit, name)


def _refusals(tx: Transaction, charges: Sequence[Charge], now: int) -> list[Refusal]:
    limits = tx.table(_TABLE)
    found = select(*columns_of(limits, _BusyRow)).where(limits.c.id.in_([each.key for each in charges]))
    busy = {row.id: row.busy_until for row in tx.all(found, _BusyRow)}
    return [Refusal(each.limit, busy[each.key] - each.limit.room - now) for each in charges]


def _take(db: Database, schema: Schema, count: int) -> Executable:
    """The counts as `policy.Limit` has them, in SQL: inserted, or moved on where their limit lets the try through."""
    limits = schema[_TABLE]
    busy_until, tries, expires_at = limits.c.busy_until, limits.c.tries, limits.c.expires_at
    each = _each(limits.c.id, count)
    is_over = or_(expires_at <= _NOW, busy_until > _NOW + each("busiest"))
    has_room = busy_until <= _NOW + each("room")

    tries_now = case((is_over, _ONE), else_=tries + _ONE)
    doubled = tries_now - each("free")
    step = case(
        (doubled < _ZERO, _ZERO),
        (doubled >= each("doublings"), each("longest")),
        else_=_SECOND.bitwise_lshift(doubled),
    )
    until = case((or_(is_over, busy_until < _NOW), _NOW), else_=busy_until) + step
    rows = [
        {
            "id": _key(number),
            "busy_until": _number("first", number),
            "tries": _ONE,
            "expires_at": _number("expiry", number),
        }
        for number in range(count)
    ]
    # A call without a cost makes a key busy for no time, not even for a call that has read the clock a moment earlier.
    busy_now = case((step > _ZERO, until), else_=_ZERO)
    changes = {"busy_until": busy_now, "tries": tries_now, "expires_at": until + each("kept")}
    return db.upsert(limits, rows, changes, or_(is_over, has_room))


def _give_back(schema: Schema, count: int) -> Executable:
    limits = schema[_TABLE]
    each = _each(limits.c.id, count)
    is_delay = each("free") > _ZERO
    ends = and_(is_delay, _FORGET == _ONE)
    # Locked in the order in which they are taken: two calls that share keys would wait for each other otherwise.
    locked = select(limits.c.id).where(limits.c.id.in_([_key(number) for number in range(count)]))
    return (
        update(limits)
        .where(limits.c.id.in_(locked.order_by(limits.c.id).with_for_update()))
        .values(
            busy_until=case((is_delay, _ZERO), else_=limits.c.busy_until - each("longest")),
            tries=case((ends, _ZERO), else_=limits.c.tries - _ONE),
            expires_at=case((ends, _ZERO), else_=limits.c.expires_at),
        )
        .returning(limits.c.id)
    )


def _each(key: ColumnElement[str], count: int) -> Callable[[str], ColumnElement[int]]:
    """What gives each row's own value of a name."""
    return lambda name: case(*((key == _key(number), _number(name, number)) for number in range(count)))


def _key(number: int) -> BindParameter[str]:
    return bindparam(f"id_{number}", type_=String)


def _number(name: str, number: int) -> BindParameter[int]:
    kind = Integer if name in ("free", "doublings") else BigInteger
    return bindparam(f"{name}_{number}", type_=kind)
