"""The tokens of a text in DBML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import NoReturn

from gatewright.design.importers.imported import fail_at
from gatewright.design.json_text import MAX_CHARACTERS

_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<long>'''(?:[^\\]|\\.)*?''')
    |(?P<text>'(?:[^'\\\n]|\\.)*')
    |(?P<name>"(?:[^"\\\n]|\\.)*")
    |(?P<expression>`(?:[^`\\]|\\.)*`)
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?!\w))
    |(?P<color>\#[0-9A-Fa-f]{3,8})
    |(?P<word>\w+)
    |(?P<mark>[{}\[\]():,.<>?~@*/+-])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|\r?\n|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a text, or a mark.

    Attributes:
        begins_line: Whether it is the first of its line.
        is_spaced: Whether space stands before it.
    """

    kind: str
    text: str
    start: int
    begins_line: bool
    is_spaced: bool


class Tokens:
    """The tokens of *text*, one after the other."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_CHARACTERS:
            fail_at("", 0, f"longer than {MAX_CHARACTERS // 1024 // 1024} MiB")
        self._text = text
        self._end = 0
        self.before = Token("end", "", 0, begins_line=True, is_spaced=True)
        self.now = self._next()

    def advance(self) -> None:
        """Go on to the next token."""
        self.before = self.now
        self.now = self._next()

    def is_mark(self, mark: str) -> bool:
        """Whether *mark* stands here."""
        return self.now.kind == "mark" and self.now.text == mark

    def is_word(self, word: str) -> bool:
        """Whether *word* stands here, in capitals or not."""
        return self.now.kind == "word" and self.now.text.lower() == word

    def next_is(self, mark: str) -> bool:
        """Whether *mark* stands behind the token here."""
        space = _SPACE.match(self._text, self._end)
        return self._text.startswith(mark, space.end() if space else self._end)

    def mark(self, mark: str) -> None:
        """Take *mark*."""
        if not self.is_mark(mark):
            self.fail(f'"{mark}" was expected, not {self._shown()}', self.now)
        self.advance()

    def take(self, kind: str) -> Token:
        """Take a token of this kind."""
        if self.now.kind != kind:
            self.fail(f"{_KINDS[kind]} was expected, not {self._shown()}", self.now)
        self.advance()
        return self.before

    def name(self) -> str:
        """Take a name, in quotes or not."""
        if self.now.kind not in ("word", "name", "number"):
            self.fail(f"a name was expected, not {self._shown()}", self.now)
        self.advance()
        return self.before.text

    def name_or_expression(self) -> Token:
        """Take a name or an expression."""
        if self.now.kind == "expression":
            self.advance()
            return self.before
        self.name()
        return self.before

    def bracketed(self) -> str:
        """Take what stands in round brackets, with them."""
        begin, text = self.now, ""
        while not self.is_mark(")"):
            if self.now.kind == "end":
                self.fail('"(" is not closed', begin)
            text += f"'{self.now.text}'" if self.now.kind == "text" else self.now.text
            self.advance()
        self.advance()
        return text + ")"

    def skip_block(self) -> None:
        """Pass over a block in curly brackets, and those in it."""
        begin, depth = self.now, 0
        while True:
            depth += self.is_mark("{") - self.is_mark("}")
            if self.now.kind == "end":
                self.fail('"{" is not closed', begin)
            self.advance()
            if depth == 0:
                return

    def fail(self, message: str, token: Token) -> NoReturn:
        """Refuse the text at *token*.

        Raises:
            DesignError: Always.
        """
        fail_at(self._text, token.start, message)

    def _shown(self) -> str:
        return f'"{self.now.text[:40]}"' if self.now.kind != "end" else "the end"

    def _next(self) -> Token:
        start = self._end
        if space := _SPACE.match(self._text, self._end):
            self._end = space.end()
        between = self._text[start : self._end]
        where = {"begins_line": "\n" in between or start == 0, "is_spaced": bool(between)}
        if self._end == len(self._text):
            return Token("end", "", self._end, **where)
        found = _TOKEN.match(self._text, self._end)
        if found is None or self._text.startswith("/*", self._end):
            fail_at(self._text, self._end, self._strange())
        self._end = found.end()
        kind, text = str(found.lastgroup), found[0]
        if kind == "long":
            return Token("text", _long(text[3:-3]), found.start(), **where)
        if kind in ("text", "name", "expression"):
            text = _unescaped(text[1:-1])
        return Token(kind, text, found.start(), **where)

    def _strange(self) -> str:
        character = self._text[self._end]
        if character in "'\"`":
            return f"the text that begins with {character} is not closed"
        if self._text.startswith("/*", self._end):
            return "the comment is not closed"
        return f'"{character}" is not allowed here'


_KINDS = {"word": "a word", "text": "a text in quotes", "expression": "an expression in backticks"}


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        escape = found[1]
        if escape.endswith("\n"):
            return ""
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        return _ESCAPES.get(escape, escape)

    return _ESCAPE.sub(character, text)


def _long(text: str) -> str:
    """A text over several lines, without the indentation that all of them have."""
    joined = re.sub(r"\\\r?\n", "", text)
    return _unescaped(dedent(joined.strip("\n") if "\n" in joined else joined).strip())
