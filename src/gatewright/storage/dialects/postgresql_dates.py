"""The first and the last day of the calendar on PostgreSQL, which asyncpg takes for `-infinity` and `infinity`.

Applications write `9999-12-31` for "for ever" and `0001-01-01` for "never", and expect exactly that in the database.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import asyncpg

_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# How PostgreSQL sends infinity and -infinity, which other programs may have stored.
_LAST_DATE, _FIRST_DATE = 2**31 - 1, -(2**31)
_LAST_TIME, _FIRST_TIME = 2**63 - 1, -(2**63)


async def keep_dates_exact(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Send and read dates and moments as they are on this connection."""
    # In a transaction, since the driver asks for each type, and a pooler would spread its questions over servers.
    async with connection.transaction():
        for name, encode, decode in (("date", _days, _date), ("timestamptz", _microseconds, _moment)):
            await connection.set_type_codec(name, schema="pg_catalog", encoder=encode, decoder=decode, format="tuple")


def _days(value: date) -> tuple[int]:
    return (value.toordinal() - _FIRST_DAY,)


def _date(sent: tuple[int]) -> date:
    if sent[0] in (_LAST_DATE, _FIRST_DATE):
        return date.max if sent[0] > 0 else date.min
    return date.fromordinal(sent[0] + _FIRST_DAY)


def _microseconds(value: datetime) -> tuple[int]:
    return ((value.astimezone(UTC) - _FIRST_MOMENT) // _MICROSECOND,)


def _moment(sent: tuple[int]) -> datetime:
    if sent[0] in (_LAST_TIME, _FIRST_TIME):
        return datetime.max.replace(tzinfo=UTC) if sent[0] > 0 else datetime.min.replace(tzinfo=UTC)
    return _FIRST_MOMENT + timedelta(microseconds=sent[0])
