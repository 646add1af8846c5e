"""Calls as they are written in a revision's source: on one line where they fit, else an argument on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_WIDTH = 120
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        arguments: Source, or calls.
        spread: Whether each argument has a line of its own in any case.
        end: Source behind the call: a method of what it returns.
        dialect: The only database that it is made on; empty for all.
    """

    function: str
    arguments: tuple[str | Call, ...]
    spread: bool = False
    end: str = ""
    dialect: str = ""

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))}){self.end}"

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The lines of the call, to stand *depth* levels deep; they begin without the margin of that depth."""
        text = str(self)
        # One more for the comma, within another call.
        if not self.spread and len(text) + len(_INDENT) * depth < _WIDTH:
            yield text
            return
        yield f"{self.function}("
        for argument in self.arguments:
            *most, last = argument.lines(depth + 1) if isinstance(argument, Call) else [argument]
            yield from (_INDENT + line for line in most)
            yield f"{_INDENT}{last},"
        yield f"){self.end}"
