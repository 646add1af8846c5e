"""Each event is a line of the log as well, and nobody who is quoted in it writes a line of their own."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from gatewright.cli.log_lines import configuration
from gatewright.clock import SystemClock
from gatewright.core.audit.events import Event
from gatewright.core.audit.lines import line_of
from gatewright.core.audit.log import Audit, Origin
from gatewright.errors import Unavailable
from gatewright.storage.database import Database

HOSTILE = [
    "a\nFORGED login.succeeded outcome=success",
    "a\r\nFORGED",
    "a\x1b[2JFORGED",
    "a\x85FORGED",
    "a\u2028FORGED",
    "a\x7f\x00\x0bFORGED",
    'a" subject_id=FORGED',
    "a subject_id=FORGED",
    "a\\",
    "\u202eDEGROF",
]


class NoDatabase:
    """A database that does not answer."""

    async def fetch(self, *_: object, **__: Any) -> None:
        raise Unavailable


def audit(origin: Origin) -> Audit:
    return Audit(cast(Database, NoDatabase()), SystemClock(), origin)


async def record(caplog: pytest.LogCaptureFixture, hostile: str) -> logging.LogRecord:
    """One event of somebody who writes *hostile* wherever they can."""
    with caplog.at_level(logging.INFO, "gatewright.audit"), pytest.raises(Unavailable):
        await audit(Origin(hostile, "192.0.2.1", hostile)).record("login.failed", hostile, details={"reason": hostile})
    (record,) = caplog.records
    return record


def formatted(record: logging.LogRecord, *, in_development: bool) -> str:
    """The line as our own server writes it."""
    formatter = configuration(in_development=in_development)["formatters"]["lines"]
    return cast(str, formatter.pop("()")(**formatter).format(record))


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
async def test_nobody_forges_a_line(caplog: pytest.LogCaptureFixture, hostile: str) -> None:
    """Neither in development, nor in production, nor in the log of an app that formats messages its own way."""
    record_ = await record(caplog, hostile)
    for line in (
        record_.getMessage(),
        formatted(record_, in_development=True),
        formatted(record_, in_development=False),
    ):
        assert line.isascii()
        assert line.isprintable()
    message = json.loads(formatted(record_, in_development=False))
    assert (message["user_agent"], message["request_id"], message["details"]) == (hostile, hostile, {"reason": hostile})


@pytest.mark.parametrize("hostile", ['a" outcome=success', "a outcome=success", "a\\"])
def test_nobody_forges_a_field(hostile: str) -> None:
    """What holds more than plain characters is quoted, so that it ends where it ends."""
    event = Event("id", datetime.now(UTC), "login.failed", "failure", None, None, None, None, None, hostile, {})
    assert line_of(event) == f"login.failed outcome=failure user_agent={json.dumps(hostile)}"


async def test_an_event_is_logged_also_when_the_database_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """With all that is known of it, for programs and for people; in production as JSON."""
    with caplog.at_level(logging.INFO, "gatewright.audit"), pytest.raises(Unavailable):
        await audit(Origin("a-request", "192.0.2.1", "curl/8")).record(
            "login.failed", "a-subject", actor_id="an-actor", outcome="failure", details={"ended": 2}
        )
    (record,) = caplog.records
    assert record.getMessage() == (
        "login.failed outcome=failure subject_id=a-subject actor_id=an-actor request_id=a-request "
        "ip_address=192.0.2.1 user_agent=curl/8 details.ended=2"
    )
    message = json.loads(formatted(record, in_development=False))
    assert message == {
        "time": message["time"],
        "level": "INFO",
        "logger": "gatewright.audit",
        "process": message["process"],
        "message": record.getMessage(),
        "event_id": message["event_id"],
        "event": "login.failed",
        "outcome": "failure",
        "actor_id": "an-actor",
        "subject_id": "a-subject",
        "session_id": None,
        "request_id": "a-request",
        "ip_address": "192.0.2.1",
        "user_agent": "curl/8",
        "details": {"ended": 2},
    }


def test_a_fault_is_one_line_in_production() -> None:
    """Its traceback included, whatever its text holds; and what an app adds cannot replace what we say."""
    try:
        raise ValueError("a\nFORGED")
    except ValueError as error:
        made = logging.LogRecord("x", logging.ERROR, "x.py", 1, "cannot", (), (ValueError, error, error.__traceback__))
    made.level = "INFO"
    line = formatted(made, in_development=False)
    assert line.isprintable()
    message = json.loads(line)
    assert message["exception"].endswith("FORGED")
    assert (message["level"], message["message"]) == ("ERROR", "cannot")


def test_an_app_s_own_logging_is_left_alone() -> None:
    """The library adds no handler, and sets no level."""
    log = logging.getLogger("gatewright.audit")
    assert (log.handlers, logging.getLogger("gatewright").handlers) == ([], [])
    assert (log.propagate, log.level) == (True, logging.NOTSET)


def test_values_of_a_row_are_fields_of_their_own() -> None:
    """Each by the names of its part and its column; what is no text is JSON, and no text forges a field."""
    before = {
        "title": "a details.after.title=FORGED",
        "views": 1,
        "tags": {"a": ["b c"]},
        "isDraft": True,
        "body": None,
    }
    details = {"table": "Post", "before": before, "after": {"note": "\u2022"}}
    moment = datetime(2026, 1, 31, tzinfo=UTC)
    event = Event("e", moment, "row.updated", "success", "a", "b", None, None, None, None, details)
    assert line_of(event) == (
        "row.updated outcome=success subject_id=b actor_id=a details.table=Post "
        'details.before.title="a details.after.title=FORGED" details.before.views=1 '
        'details.before.tags="{\\"a\\": [\\"b c\\"]}" details.before.isDraft=true details.before.body=null '
        'details.after.note="\\u2022"'
    )
