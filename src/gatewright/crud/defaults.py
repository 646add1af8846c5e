"""Defaults that are worked out for each new row, as the columns of generated models name them."""

from __future__ import annotations

import secrets
import uuid
from datetime import date, datetime
from datetime import time as time_of_a_day
from typing import Any

from sqlalchemy.engine.default import DefaultExecutionContext

from gatewright.clock import SystemClock

MOMENT = "gatewright_moment"
"""The execution option that says what time it is, so that a row's times are those of the injected clock."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def now(execution: DefaultExecutionContext) -> datetime:
    """The time of the change: aware, in UTC."""
    found: Any = execution.execution_options.get(MOMENT)
    return found if isinstance(found, datetime) else SystemClock().now()


def today(execution: DefaultExecutionContext) -> date:
    """The day of the change, in UTC."""
    return now(execution).date()


def time_of_day(execution: DefaultExecutionContext) -> time_of_a_day:
    """The time of day of the change, in UTC."""
    return now(execution).time()


def uuid4_text() -> str:
    """A random UUID (RFC 9562 section 5.4) as text."""
    return str(uuid.uuid4())


def uuid7() -> uuid.UUID:
    """A UUID that sorts by the millisecond of its making (RFC 9562 section 5.7)."""
    number = _milliseconds() << 80 | secrets.randbits(80)
    # Version 7 in bits 48 to 51, variant 10 in bits 64 and 65.
    return uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def uuid7_text() -> str:
    """`uuid7` as text."""
    return str(uuid7())


def ulid() -> str:
    """A ULID: 26 characters that sort by the millisecond of their making."""
    number = _milliseconds() << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def _milliseconds() -> int:
    return int(SystemClock().timestamp() * 1000)
