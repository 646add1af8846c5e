"""How our own server logs: JSON lines in production, readable ones in development. Always one line for an event."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_READABLE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object for each record, with what was given to it as `extra`; JSON escapes line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _OWN and name not in said}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


def configuration(*, in_development: bool) -> dict[str, Any]:
    """What `logging.config.dictConfig` is given: warnings of everybody, and every event of the audit log."""
    readable, structured = {"format": _READABLE}, {"()": JsonLines}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": readable if in_development else structured},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gatewright.audit": {"level": "INFO"}},
    }
