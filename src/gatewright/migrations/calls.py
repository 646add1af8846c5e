"""Calls as data, so that one description of a change is made on a connection, or written into a revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Union

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from gatewright.design.python_text import literal
from gatewright.storage.database_types import PostgresText

_WIDTH = 120
_INDENT = "    "

NAMES: Mapping[str, Any] = {"sa": sa, "postgresql": postgresql, "PostgresText": PostgresText}
"""What names mean in every call."""

IMPORTS = {
    "postgresql.": "from sqlalchemy.dialects import postgresql",
    "PostgresText(": "from gatewright.storage.database_types import PostgresText",
}
"""What a revision imports for those that few revisions have."""

Value = Union["Call", str, int, bool, None, "tuple[Value, ...]"]
"""An argument; a tuple is a list."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        function: Its name, as `op.create_table`.
        arguments: What it gets by place.
        keywords: What it gets by name.
        then: The call of a method of what it returns.
        spread: Whether each argument has a line of its own in any case.
    """

    function: str
    arguments: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    then: Call | None = None
    spread: bool = False

    def make(self, names: Mapping[str, Any]) -> Any:
        """Make the call.

        Args:
            names: What the first part of a function's name means.
        """
        first, *path = self.function.split(".")
        function = reduce(getattr, path, names[first])
        keywords = {name: _made(value, names) for name, value in self.keywords}
        result = function(*(_made(value, names) for value in self.arguments), **keywords)
        if self.then is None:
            return result
        return self.then.make({**names, self.then.function: getattr(result, self.then.function)})

    def __str__(self) -> str:
        return f"{self.function}({', '.join(source for source, _ in self._arguments())}){self._end()}"

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The lines of the call, to stand *depth* levels deep; they begin without the margin of that depth."""
        text = str(self)
        # One more for the comma, within another call.
        if not self.spread and len(text) + len(_INDENT) * depth < _WIDTH:
            yield text
            return
        yield f"{self.function}("
        for source, value in self._arguments():
            *most, last = value.lines(depth + 1) if isinstance(value, Call) else [source]
            yield from (_INDENT + line for line in most)
            yield f"{_INDENT}{last},"
        yield f"){self._end()}"

    def _arguments(self) -> Iterator[tuple[str, Value]]:
        """The source of each argument, and the argument where it has no name."""
        yield from ((_source(value), value) for value in self.arguments)
        yield from ((f"{name}={_source(value)}", None) for name, value in self.keywords)

    def _end(self) -> str:
        return "" if self.then is None else f".{self.then}"


def _source(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_source, value)) + "]"
    return str(value) if isinstance(value, Call) else literal(value)


def _made(value: Value, names: Mapping[str, Any]) -> Any:
    if isinstance(value, tuple):
        return [_made(each, names) for each in value]
    return value.make(names) if isinstance(value, Call) else value
