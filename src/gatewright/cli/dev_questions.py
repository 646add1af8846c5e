"""The question that `gatewright dev` asks before a change of the design loses data, while the app keeps running."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gatewright.cli.console import notice, say
from gatewright.design.difference import compare
from gatewright.design.document import Design
from gatewright.migrations.histories import app_history
from gatewright.migrations.losses import Loss
from gatewright.migrations.plan import needs_default

UNCHANGED = "Nothing was changed. Save the file again to retry."
_LONGEST_ANSWER = 1024


class Question:
    """A question at the terminal; the loop does not wait for the answer.

    Args:
        design: The design that would lose data.

    Attributes:
        design: The same.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        self._typed = b""

    def answer(self) -> bool | None:
        """Whether a yes was typed; None while no line was. The end of input is a no."""
        if not select.select([sys.stdin], [], [], 0)[0]:
            return None
        read = os.read(sys.stdin.fileno(), _LONGEST_ANSWER)
        self._typed += read
        if read and b"\n" not in read:
            return None
        return self._typed.partition(b"\n")[0].strip().lower() in (b"y", b"yes")


def ask(design: Design, losses: Sequence[Loss]) -> Question | None:
    """Print what *design* would lose, and ask whether to go on; None where there is no terminal to ask on."""
    say("\n".join(["The change would lose data:", *(f"  {loss}" for loss in losses)]))
    if sys.stdin is None or not sys.stdin.isatty():
        notice(
            "Nothing was changed, since there is no terminal to ask at. Change the design, or run gatewright dev in a "
            "terminal."
        )
        return None
    with suppress(ImportError, OSError):
        import termios

        # What was typed before answers something else.
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    # On a line of its own, since the app prints its requests meanwhile.
    say("Meanwhile the app runs with the previous design. Apply the change? [y/N]")
    return Question(design)


def default_hint(folder: Path, design: Design, losses: Sequence[Loss]) -> str:
    """How to give rows a value for columns that become required; empty when *losses* are about something else."""
    places = [loss.place for loss in losses if loss.is_missing_value]
    if not places:
        return ""
    history = app_history(folder)
    known = needs_default(compare(history.revisions.design_at(history.head), design))
    values = " ".join(f"--default {place}=VALUE" for place in places)
    command = f"gatewright migrate make -m MESSAGE {values}"
    if all(place in known for place in places):
        return f"Or give the existing rows a value: {command}"
    # A migration fills the rows of tables that an earlier one has made, and this table is in the draft only.
    return (
        f"Or give the existing rows a value: remove {', '.join(places)} from the design and run `gatewright migrate "
        f"make -m MESSAGE`, then add it again and run `{command}`."
    )
