"""Two forms of a log line, by structlog's processors: a record becomes one event, and its text cannot forge another.

In the JSON form, an event is exactly one line. In the readable form a traceback follows on lines of its own, indented,
which no line of an event is. Neither holds a character that a terminal would act on, or what a token looks like.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from structlog.dev import (
    Column,
    ConsoleRenderer,
    KeyValueColumnFormatter,
    LogLevelColumnFormatter,
    plain_traceback,
)
from structlog.processors import JSONRenderer
from structlog.stdlib import ProcessorFormatter

from gatewright.http.context import CURRENT_REQUEST_ID

Fields = dict[str, Any]

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_INDENT = "    "

# The last line of defence, for what an app or a library logs without thinking: our tokens, JWTs, hashes, passwords in
# URLs. Each alternative passes a text once, however long it is.
_SECRETS = re.compile(
    r"gw[a-z]_[\w-]{16,}|eyJ[\w-]{8,}(?:\.[\w-]*)*|\$argon2[\w$,=+/.-]+"
    r"|(?<=://)[^\s\"'/@:]{0,100}:[^\s\"'/@]{1,200}(?=@)"
)
_HIDDEN = "[secret]"

# Deeper values, such as one that holds itself, are shown as text.
_DEEPEST = 10


def json_form() -> logging.Formatter:
    """A JSON object for each event, with what was given to it as `extra`. JSON escapes whatever is not ASCII."""
    return _formatter(_fields_of, _with_extras, _without_secrets, JSONRenderer())


def readable_form(*, colors: bool) -> logging.Formatter:
    """A line for people to read; the message comes last, so that nothing it quotes passes for another field."""
    renderer = ConsoleRenderer(columns=_columns(colors=colors), exception_formatter=plain_traceback)
    return _formatter(_fields_of, _without_record, _without_secrets, _for_people, renderer)


def _columns(*, colors: bool) -> list[Column]:
    styles = ConsoleRenderer.get_default_column_styles(colors)
    levels = ConsoleRenderer.get_default_level_styles(colors)

    def plain(style: str, *, key: str | None = None, after: str = "") -> KeyValueColumnFormatter:
        return KeyValueColumnFormatter(key, style, styles.reset, value_repr=str, postfix=after)

    return [
        Column("time", plain(styles.timestamp)),
        Column("level", LogLevelColumnFormatter(levels, styles.reset)),
        Column("process", plain(styles.kv_value)),
        Column("request_id", plain(styles.kv_value, key=styles.kv_key)),
        Column("logger", plain(styles.logger_name, after=":")),
        Column("message", plain(styles.bright)),
        # What no other column takes; structlog wants one.
        Column("", plain(styles.kv_value, key=styles.kv_key)),
    ]


def _formatter(*processors: Any) -> logging.Formatter:
    return ProcessorFormatter(processors=processors)


def _fields_of(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Fields:
    record: logging.LogRecord = event["_record"]
    fields: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "process": record.process,
        "message": event["event"],
    }
    if (request_id := CURRENT_REQUEST_ID.get()) is not None:
        fields["request_id"] = request_id
    exception = event.get("exc_info")
    faults = [_traceback(exception) if exception else "", event.get("stack_info") or ""]
    if any(faults):
        fields["exception"] = "\n".join(filter(None, faults))
    return {**fields, "_record": record}


def _traceback(exception: Any) -> str:
    # Without the values of variables, which other formatters show.
    return logging.Formatter().formatException(exception)


def _with_extras(_logger: Any, _method: str, fields: Fields) -> Fields:
    record = fields.pop("_record")
    extras = {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
    return fields | {name: value for name, value in extras.items() if name not in fields}


def _without_record(_logger: Any, _method: str, fields: Fields) -> Fields:
    del fields["_record"]
    return fields


def _for_people(_logger: Any, _method: str, fields: Fields) -> Fields:
    if fields.get("request_id") and f"request_id={fields['request_id']}" in fields["message"]:
        # Events of the audit log say it themselves.
        del fields["request_id"]
    exception = fields.pop("exception", None)
    shown = {name: _plain(str(value)) for name, value in fields.items()}
    shown["level"] = shown["level"].lower()
    if exception is not None:
        # Every kind of line break, so that no text begins a line.
        shown["exception"] = "\n".join(_INDENT + _plain(line) for line in exception.splitlines())
    return shown


def _plain(text: str) -> str:
    """*text* with every character escaped that is not to be seen, or that would turn what follows around."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _without_secrets(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Take secrets out of the values themselves: in a rendered line they may hide behind its escapes."""
    return {name: _redacted(value) for name, value in fields.items()}


def _redacted(value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {_SECRETS.sub(_HIDDEN, str(key)): _redacted(each, depth + 1) for key, each in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_redacted(each, depth + 1) for each in value]
    return _SECRETS.sub(_HIDDEN, str(value))
