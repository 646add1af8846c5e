"""Column types of our own, where the databases disagree."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, String
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_log = logging.getLogger("gatewright.database")

BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)
"""A value that is not a moment is read as this one, so that everything that ends at a moment has ended."""


@cache
def report_wrong_value(kind: str, counts_as: str) -> None:
    """Log, once for each type, that a value was met which is not of its column's type."""
    _log.warning(
        "A column of the type %s contains a value of another type, which is read as %s. Run: gatewright doctor",
        kind,
        counts_as,
    )


class _SqliteUtcDateTime(TypeDecorator[datetime]):
    """SQLite keeps no time zone: moments are stored as naive text in UTC, and come back aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """The whole way from what SQLite has, which may be anything."""

        def read(value: Any) -> datetime | None:
            if value is None:
                return None
            try:
                moment = datetime.fromisoformat(value)
                return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            except (TypeError, ValueError, OverflowError):
                report_wrong_value("DateTime", "1970-01-01")
                return BEFORE_EVERYTHING

        return read


UtcDateTime = DateTime(timezone=True).with_variant(_SqliteUtcDateTime(), "sqlite")
"""A moment: aware and in UTC on both sides, to the microsecond."""


RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""A key that counts up; SQLite does that only in a column of the type INTEGER."""


class InexactNumber(ValueError):
    """An exact number has more digits than this database keeps."""


class _SqliteNumeric(TypeDecorator[Decimal]):
    """SQLite has no exact numbers but whole ones. Its floating point keeps 15 digits, so more are refused."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int | None, scale: int | None) -> None:
        super().__init__(precision, scale, asdecimal=False)
        # What tells two types apart when SQLAlchemy looks for a statement that it has compiled before.
        self.precision, self.scale = precision, scale
        self._unit = None if precision is None else Decimal(1).scaleb(-(scale or 0))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> float | None:
        if value is None:
            return None
        if len(Decimal(value).normalize(_ENOUGH).as_tuple().digits) > _DIGITS_OF_FLOAT:
            raise InexactNumber(f"SQLite stores at most {_DIGITS_OF_FLOAT} digits of a number.")
        return float(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        exact = Decimal(repr(value))
        return exact if self._unit is None else exact.quantize(self._unit, context=_ENOUGH)


_DIGITS_OF_FLOAT = 15
_ENOUGH = Context(prec=200)


def numeric(precision: int | None = None, scale: int | None = None) -> Numeric[Decimal]:
    """An exact number of *precision* digits, *scale* of them behind the point."""
    return Numeric(precision, scale).with_variant(_SqliteNumeric(precision, scale), "sqlite")


class row_digest(FunctionElement[str]):  # noqa: N801 (SQL functions are written in lower case)
    """A short text that changes when one of these columns of a row does: 32 hexadecimal characters of SHA-256.

    The database works it out, so that a statement can change a row on the condition that it is still the same. Two
    databases have different digests for the same values.
    """

    type = String()
    inherit_cache = True


class database_now(FunctionElement[datetime]):  # noqa: N801 (SQL functions are written in lower case)
    """The database's own clock. Each dialect's file says how it is asked.

    Workers on several machines compare their notes by it, since their own clocks may differ.
    """

    type = UtcDateTime
    inherit_cache = True
