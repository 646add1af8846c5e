"""An event as a line of text that nobody who is quoted in it can break or forge."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

SEALED = "sealed to row %d head=%s"
"""The log message of a seal."""

_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_.:@/+-]+")
_SHOWN = ("outcome", "subject_id", "actor_id", "session_id", "request_id", "ip_address", "user_agent")


def line_of(event: Mapping[str, Any]) -> str:
    """The event's name, and what is known of it as `name=value`: one line of printable ASCII."""
    fields = {name: event[name] for name in _SHOWN if event[name] is not None}
    if fields.get("actor_id") == fields.get("subject_id"):
        fields.pop("actor_id", None)
    return " ".join([str(event["event"]), *(f"{name}={_text(each)}" for name, each in _all(fields, event).items())])


def _all(fields: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    return fields | {f"details.{name}": each for name, each in event["details"].items()}


def _text(value: object) -> str:
    text = str(value)
    # JSON writes every other character than printable ASCII as an escape.
    return text if _NEEDS_NO_QUOTES.fullmatch(text) else json.dumps(text)
