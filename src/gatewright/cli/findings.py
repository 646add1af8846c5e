"""What `gatewright doctor` reports: one finding for each check, on this machine or from outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import typer

from gatewright.errors import GatewrightError, SetupError

Status = Literal["ok", "warning", "fail"]

_COLORS = {"ok": "green", "warning": "yellow", "fail": "red"}
_STATUS_WIDTH = max(map(len, _COLORS))
_CHECK_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        check: The name of the check.
        status: `ok`; `warning`, where everything works but should be improved; or `fail`.
        message: The state, or what is wrong and how to fix it.
    """

    check: str
    status: Status
    message: str

    @property
    def is_ok(self) -> bool:
        """Whether there is nothing to fix."""
        return self.status == "ok"

    @property
    def line(self) -> str:
        """The finding as text for a terminal."""
        word = typer.style(f"{self.status:<{_STATUS_WIDTH}}", fg=_COLORS[self.status])
        indent = "\n" + " " * (_STATUS_WIDTH + _CHECK_WIDTH + 3)
        return f"{word}  {self.check:<{_CHECK_WIDTH}} {self.message.replace(chr(10), indent)}"

    @property
    def body(self) -> dict[str, object]:
        """The finding as JSON."""
        return {"check": self.check, "status": self.status, "message": self.message}


def ok(check: str, message: str) -> Finding:
    """A finding that asks for nothing."""
    return Finding(check, "ok", message)


def warning(check: str, message: str) -> Finding:
    """A finding about something that works, and should be improved."""
    return Finding(check, "warning", message)


def fail(check: str, problem: str | SetupError | GatewrightError) -> Finding:
    """A finding about something that is broken or unsafe."""
    return Finding(check, "fail", str(problem))


def report(check: str, problems: Iterable[str], *, otherwise: str, status: Status = "fail") -> list[Finding]:
    """A finding with *status* for each of *problems*; without problems, one `ok` with the message *otherwise*."""
    return [Finding(check, status, problem) for problem in problems] or [ok(check, otherwise)]
