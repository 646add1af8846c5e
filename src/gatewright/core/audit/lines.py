"""An event as a line of text that no quoted text can break or forge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gatewright.core.audit.events import Event

SEALED = "sealed to row %d head=%s"
"""The log message of a seal."""

_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_.:@/+-]+")
_SHOWN = ("outcome", "subject_id", "actor_id", "session_id", "request_id", "ip_address", "user_agent")


def line_of(event: Event) -> str:
    """The event's name, and what is known of it as `name=value`: one line of printable ASCII."""
    fields: dict[str, Any] = {name: value for name in _SHOWN if (value := getattr(event, name)) is not None}
    if event.actor_id == event.subject_id:
        fields.pop("actor_id", None)
    fields |= dict(_details(event.details))
    return " ".join([event.event, *(f"{name}={_text(value)}" for name, value in fields.items())])


def _details(details: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The details by their names; what is in one, such as the values of a row, by both names."""
    for name, value in details.items():
        if isinstance(value, dict):
            yield from ((f"details.{name}.{_text(inner)}", each) for inner, each in value.items())
        else:
            yield f"details.{name}", value


def _text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    # JSON writes every other character than printable ASCII as an escape.
    return text if _NEEDS_NO_QUOTES.fullmatch(text) else json.dumps(text)
