"""The one place where text of a design becomes a part of a revision's source."""

from __future__ import annotations

from collections.abc import Sequence


def literal(value: str | int | float | bool) -> str:
    """*value* as a Python literal; text in double quotes where it holds none."""
    if not isinstance(value, str) or '"' in value:
        return repr(value)
    # With a single quote in it, repr takes double quotes itself.
    return '"' + repr("'" + value)[2:]


def literals(values: Sequence[str]) -> str:
    """A list of texts."""
    return "[" + ", ".join(map(literal, values)) + "]"


def docstring_line(text: str) -> str:
    """*text* on one line of a docstring."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in plain)
