"""The rows of `gatewright_audit_events`: what is recorded of an event, and what the sealer adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """What happened.

    Attributes:
        subject_id: The user whom it concerns.
        actor_id: The user who did it.
        details: What else an investigation would ask for.
    """

    id: str
    occurred_at: datetime
    event: str
    outcome: str
    actor_id: str | None
    subject_id: str | None
    session_id: str | None
    request_id: str | None
    ip_address: str | None
    user_agent: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow(Event):
    """An event with its place in the chain; the sealer fills these columns, all at once.

    Attributes:
        personal_salt: None when the personal fields were erased.
    """

    number: int | None
    personal_salt: bytes | None
    personal_hash: bytes | None
    link: bytes | None

    @property
    def place(self) -> tuple[int, bytes]:
        """Number and link of an event that is sealed."""
        assert self.number is not None
        assert self.link is not None
        return self.number, self.link
