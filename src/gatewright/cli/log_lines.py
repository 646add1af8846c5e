"""How our own server logs: JSON lines in production, readable ones in development.

Everything goes through stdlib logging, what other libraries say too; an app that Gatewright is embedded in has its own
way of logging, and nothing here is used.
"""

from __future__ import annotations

import logging
import os
import sys
from functools import cached_property
from typing import Any

from gatewright.core.audit.lines import SEALED


class Lines(logging.Formatter):
    """The form of a line, made by structlog.

    structlog is imported for the first line: with all that it brings along, that takes some 50 ms.

    Args:
        readable: For people, in colours on a terminal; else a JSON object.
    """

    def __init__(self, *, readable: bool) -> None:
        super().__init__()
        self._readable = readable

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        try:
            return self._made.format(record)
        except Exception as error:
            # Not as it came, since stdlib would print it with all that was given to it.
            return self._made.format(_unwritable(record, error))

    @cached_property
    def _made(self) -> logging.Formatter:
        from gatewright.cli.log_forms import json_form, readable_form

        return readable_form(colors=_shows_colors()) if self._readable else json_form()


def _unwritable(record: logging.LogRecord, error: Exception) -> logging.LogRecord:
    text = f"a record of {record.module}, line {record.lineno}, could not be written ({type(error).__name__})"
    return logging.LogRecord(record.name, record.levelno, record.pathname, record.lineno, text, None, None)


def is_no_seal(record: logging.LogRecord) -> bool:
    """Whether a record is another one than that of a seal of the audit log."""
    return record.msg != SEALED


def configuration(*, in_development: bool, shows_seals: bool = True) -> dict[str, Any]:
    """What `logging.config.dictConfig` is given: warnings of every library, and every event of the audit log.

    Args:
        in_development: Whether people read it.
        shows_seals: Whether each seal of the audit log has a line as well.
    """
    handler = {"class": "logging.StreamHandler", "formatter": "lines"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Lines, "readable": in_development}},
        "handlers": {"stderr": handler if shows_seals else {**handler, "filters": [is_no_seal]}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gatewright.audit": {"level": "INFO"}},
    }


def _shows_colors() -> bool:
    # https://no-color.org
    return sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
