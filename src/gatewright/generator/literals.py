"""The one place where a design's text becomes a part of Python source.

Everything that a template prints has to be a `Code`, and only these functions make one out of text that a person wrote:
as a literal, as a docstring, or as a name that is checked to be nothing else. A template that prints anything else ends
in an error, so a forgotten filter can't let text through as code.
"""

from __future__ import annotations

import keyword
import textwrap

from gatewright.design import python_text

_WIDTH = 110


class Code(str):
    """Text that is Python source."""

    __slots__ = ()


def literal(value: object) -> Code:
    """*value* (text, number, truth, None, bytes, or a tuple, list or dictionary of these) as a Python literal."""
    return Code(python_text.literal(value))


def docstring(*paragraphs: str, indent: int = 4) -> Code:
    """A docstring of *paragraphs*: the white space of each is made regular, and it is wrapped.

    Args:
        indent: Spaces before the docstring's lines.
    """
    lines: list[str] = []
    for paragraph in paragraphs:
        escaped = python_text.docstring_text(paragraph)
        wrapped = textwrap.wrap(escaped, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
        lines += ["", *wrapped] if lines else wrapped
    margin = " " * indent
    body = "\n".join(f"{margin}{line}" if line and i else line for i, line in enumerate(lines))
    return Code(f'"""{body}\n{margin}"""' if len(lines) > 1 else f'"""{body}"""')


def name(text: str) -> Code:
    """*text* as a name in Python source.

    Raises:
        ValueError: It is not a name. The checks of the design let no such text pass, so this is a bug.
    """
    if not text.isascii() or not text.isidentifier() or keyword.iskeyword(text) or text.startswith("__"):
        raise ValueError(f"{text!r} is not a name")
    return Code(text)


def word(text: str) -> Code:
    """*text* within a text of Python source.

    Raises:
        ValueError: It is more than letters, digits and underscores, which the checks of the design don't let pass.
    """
    if not text.isascii() or not text.isidentifier():
        raise ValueError(f"{text!r} is not a word")
    return Code(text)
