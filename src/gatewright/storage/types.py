"""Column types of our own, where the databases disagree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class _SqliteUtcDateTime(TypeDecorator[datetime]):
    """SQLite keeps no time zone: moments are stored as naive text in UTC, and come back aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


UtcDateTime = DateTime(timezone=True).with_variant(_SqliteUtcDateTime(), "sqlite")
"""A moment: aware and in UTC on both sides, to the microsecond."""


class database_now(FunctionElement[datetime]):  # noqa: N801 (SQL functions are written in lower case)
    """The database's own clock. Each dialect's file says how it is asked.

    Workers on several machines compare their notes by it, since their own clocks may differ.
    """

    type = UtcDateTime
    inherit_cache = True
