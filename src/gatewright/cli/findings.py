"""What `gatewright doctor` finds, whether it looks from inside or from outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import typer

from gatewright.errors import GatewrightError, SetupError

_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        ok: Whether there is nothing to mend.
        message: How it stands, or how to mend it.
    """

    check: str
    ok: bool
    message: str

    @property
    def line(self) -> str:
        """As it is shown to people."""
        word = typer.style("ok  ", fg="green") if self.ok else typer.style("mend", fg="red")
        indent = "\n" + " " * (_WIDTH + 7)
        return f"{word}  {self.check:<{_WIDTH}} {self.message.replace(chr(10), indent)}"

    @property
    def body(self) -> dict[str, object]:
        """As it is shown to programs."""
        return {"check": self.check, "ok": self.ok, "message": self.message}


def to_mend(check: str, error: SetupError | GatewrightError) -> Finding:
    """What an error says has to be mended."""
    return Finding(check, False, str(error))


def judged(check: str, problems: Iterable[str], *, otherwise: str) -> list[Finding]:
    """A finding for each of *problems*; where there is none, one that says *otherwise*."""
    return [Finding(check, False, problem) for problem in problems] or [Finding(check, True, otherwise)]
