"""Which characters a text of a request may hold: names, lines (a design's `String`) and longer texts (`Text`)."""

from __future__ import annotations

import re
import unicodedata

from pydantic_core import PydanticCustomError

# C0, DEL, C1, and the separators of lines and paragraphs. Longer texts have lines: LF, CR LF, and tabs.
_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_CONTROLS_OF_TEXT = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029"
# What turns the direction of the text around it (Unicode Standard Annex 9), so that it reads as something else.
_OVERRIDES = r"\u202a-\u202e\u2066-\u2069"
# Invisible characters. In a line, the joiners and the marks of direction stay: emoji and several scripts need them.
_INVISIBLE = r"\u180e\u200b\u2060-\u2064\ufeff"
_INVISIBLE_IN_NAMES = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\u2800\u3164"
    r"\ufeff\uffa0\ufff9-\ufffb"
)
_JOINERS = "\u200c\u200d"
_NO_JOINERS = r"\u200c\u200d"
# The combining class of the signs that join consonants in Indic scripts.
_VIRAMA = 9
_SPACES = r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"

LINE_PATTERN = f"^[^{_CONTROLS}{_OVERRIDES}{_INVISIBLE}]*$"
"""A text on one line, as JSON Schema writes it."""

TEXT_PATTERN = rf"^([^\r{_CONTROLS_OF_TEXT}]|\r\n)*$"
"""A text of several lines, as JSON Schema writes it."""

_NAME = _CONTROLS + _OVERRIDES + _INVISIBLE_IN_NAMES

_NO_LINE = re.compile(f"[{_CONTROLS}{_OVERRIDES}{_INVISIBLE}]")
_NO_TEXT = re.compile(rf"[{_CONTROLS_OF_TEXT}]|\r(?!\n)")
_NO_NAME = re.compile(f"[{_NAME}\U000e0000-\U000e007f]")
_AROUND_NAMES = re.compile(f"^[{_SPACES}]+|[{_SPACES}]+$")


def name_pattern(least: int, most: int) -> str:
    """A name of so many characters, and the spaces around it, as JSON Schema writes it; *most* is at least 1."""
    outer, inner = f"[^{_NAME}{_NO_JOINERS}{_SPACES}]", f"[^{_NAME}{_NO_JOINERS}]"
    name = outer
    if most > 1:
        name += f"({inner}{{{max(least - 2, 0)},{most - 2}}}{outer})" + ("" if least > 1 else "?")
    return f"^[{_SPACES}]*" + (name if least else f"({name})?") + f"[{_SPACES}]*$"


def check_line(text: str) -> str:
    """*text*, if it is on one line and reads as what it is.

    Raises:
        PydanticCustomError: It holds control characters, or invisible ones.
    """
    if _NO_LINE.search(text):
        raise _wrong("Must not contain control characters or invisible ones.")
    return text


def check_text(text: str) -> str:
    """*text*, if it holds no control characters but tabs and the ends of lines.

    Raises:
        PydanticCustomError: It holds others.
    """
    if _NO_TEXT.search(text):
        raise _wrong("Must not contain control characters except tabs and line breaks.")
    return text


def without_spaces_around(value: object) -> object:
    """A name without the spaces that keyboards and clipboards leave around it; anything else as it is."""
    return _AROUND_NAMES.sub("", value) if isinstance(value, str) else value


def check_name(text: str) -> str:
    """The name of a person, in NFC.

    The joiners of Arabic and Indic scripts are taken where these need them (RFC 5892, appendix A.1 and A.2).

    Raises:
        PydanticCustomError: It holds control characters, or invisible characters.
    """
    if _NO_NAME.search(text) or not all(_joins(text, i) for i, char in enumerate(text) if char in _JOINERS):
        raise _wrong("Must not contain control characters or invisible ones.")
    return unicodedata.normalize("NFC", text)


def _joins(text: str, position: int) -> bool:
    """Whether the joiner there is between letters that it joins or separates."""
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    arabic = bool(before and after) and {unicodedata.bidirectional(char) for char in (before, after)} == {"AL"}
    return text[position] == _JOINERS[0] and arabic


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("invalid_characters", "{message}", {"message": message})
