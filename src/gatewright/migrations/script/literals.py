"""Parts of a revision's source that are made of text of a design."""

from __future__ import annotations

from collections.abc import Sequence

from gatewright.design.python_text import docstring_text as docstring_line
from gatewright.design.python_text import literal

__all__ = ["docstring_line", "literal", "literals"]


def literals(values: Sequence[str]) -> str:
    """A list of texts."""
    return literal(list(values))
