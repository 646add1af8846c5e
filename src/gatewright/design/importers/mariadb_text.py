"""The statements of a dump of MariaDB or MySQL, without rows, comments and what only the server's shell reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from gatewright.design.importers.imported import Notes, refuse

_STRING = r"'(?:[^'\\]++|\\.|'')*+'|\"(?:[^\"\\]++|\\.|\"\")*+\"|`(?:[^`]++|``)*+`"
_COMMENT = r"--(?=\s|\Z)[^\n]*|\#[^\n]*|/\*(?!M?!).*?\*/"
# Rows: up to the semicolon that stands in no text. Possessive, so that the time is linear and no stack grows.
_ROWS = re.compile(rf"(?:INSERT|REPLACE)\s[^'\"`;]*+(?:(?:{_STRING})[^'\"`;]*+)*+;", re.DOTALL | re.IGNORECASE)
_ROWS_BEGIN = re.compile(r"(?:INSERT|REPLACE)\s", re.IGNORECASE)
_SANDBOX = r"/\*M!999999.*?\*/"
_BETWEEN = re.compile(rf"(?:\s++|;|{_SANDBOX}|{_COMMENT})*+", re.DOTALL)
# A comment that begins with /*! is read by the server, so that what is in it counts; only its marks are dropped.
_PART = re.compile(
    rf"(?P<text>{_STRING})|(?P<comment>{_COMMENT})|(?P<mark>/\*M?!\d*|\*/)|(?P<end>;)"
    r"|(?P<open>['\"`]|/\*)|(?P<plain>[^'\"`;/\-#*]++|.)",
    re.DOTALL,
)
_DELIMITER = re.compile(r"DELIMITER[ \t]+(\S+)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_PROGRAMS_END = "\nDELIMITER ;"
_LAST = "-- Dump completed"
_FIRST = re.compile(r"-- (?:MariaDB|MySQL) dump ")
# How much of the end may follow the last line.
_END = 500


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement.

    Attributes:
        line: Where it begins.
        text: Its SQL with the line breaks that the dump has, without the semicolon.
        is_program: Whether it is the code of a trigger or routine.
    """

    line: int
    text: str
    is_program: bool = False


@dataclass(slots=True)
class _Lines:
    """Counts lines as the reader goes on."""

    text: str
    position: int = 0
    line: int = 1

    def at(self, position: int) -> int:
        self.line += self.text.count("\n", self.position, position)
        self.position = position
        return self.line


@dataclass(slots=True)
class _Found:
    """A statement that is being read."""

    parts: list[str] = field(default_factory=list)
    end: int = 0


def statements(text: str, notes: Notes) -> Iterator[Statement]:
    """The statements of *text*. Those that insert rows are skipped, and counted in a note.

    Raises:
        DesignError: The dump is cut off; with the line.
    """
    lines, rows, position = _Lines(text), 0, 0
    while (position := _after(_BETWEEN, text, position)) < len(text):
        line = lines.at(position)
        if _ROWS_BEGIN.match(text, position):
            rows, start = rows + 1, position
            position = _after(_ROWS, text, start)
            if position == start:
                _refuse_end(line)
        elif delimiter := _DELIMITER.match(text, position):
            position = delimiter.end()
            if delimiter[1] != ";":
                end = text.find(_PROGRAMS_END, position)
                if end < 0:
                    _refuse_end(line)
                yield Statement(line, text[position:end], is_program=True)
                position = end + len(_PROGRAMS_END)
        else:
            found = _statement(text, position, lines)
            yield Statement(line, "".join(found.parts))
            position = found.end
    if rows:
        notes.add("rows", f"skipped statements that insert rows: {rows}; an import takes no rows")
    if _FIRST.search(text, 0, _END) and _LAST not in text[-_END:]:
        refuse(f"the dump is cut off, since its last line {_LAST} is not there", lines.at(len(text)))


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _statement(text: str, start: int, lines: _Lines) -> _Found:
    found = _Found()
    for part in _PART.finditer(text, start):
        match part.lastgroup:
            case "end":
                found.end = part.end()
                break
            case "open":
                _refuse_end(lines.at(part.start()))
            case "comment":
                found.parts.append("\n" * part[0].count("\n") or " ")
            case "mark":
                found.parts.append(" ")
            case _:
                found.parts.append(part[0])
    if not found.end:
        _refuse_end(lines.at(start))
    return found


def _refuse_end(line: int) -> NoReturn:
    refuse("what begins here has no end; the dump is cut off", line)
