"""The tutorial's form of a design: JavaScript object literals.

Only literals are read: objects, lists, texts, numbers, true, false, null and undefined. Nothing is ever run, so that a
file from anywhere can be taken in. JSON is a part of this form, and is read too.

Written here because the JSON5 readers on PyPI know neither `export const tables = […];` nor repeated keys, and end in
a RecursionError on nested input.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from gatewright.design.document import Design, Table
from gatewright.design.importers.imported import Imported, SourceFile
from gatewright.design.importers.mifty import as_tables
from gatewright.design.json_text import MAX_CHARACTERS, MAX_DEPTH, make_object
from gatewright.design.problems import DesignError, Problem, quoted
from gatewright.design.reading import design_of

_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<mark>[{}\[\]:,;=<>])
    |(?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
    |(?P<number>[+-]?(?:0[xX][0-9A-Fa-f]{1,16}|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_$.]))
    |(?P<text>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|\r\n|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_LINE_ENDS = ("\n", "\r", "\r\n", "\u2028", "\u2029")
_CONSTANTS = {"true": True, "false": False, "null": None}
_DECLARATIONS = ("const", "let", "var")
_LONGEST_NUMBER = 400


class _Undefined:
    """What `undefined` is read as; a key with it counts as left out."""


_UNDEFINED = _Undefined()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


def import_javascript(text: str, *, engine: Sequence[Table] = ()) -> Design:
    """The design of a JavaScript or JSON text: a whole document, a list of tables, one table, or several in a row.

    `export default` or `export const name =` may stand before a value.

    Args:
        engine: As in `read_design`.

    Raises:
        DesignError: The text is not of this form, with line and column, or the design is wrong, as in `read_design`.
    """
    return design_of(parse_javascript(text), engine=engine)


def read_tables(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of JavaScript and JSON tables; *known* plays no part, since such a file has the design's own names.

    Tables may also stand under their names, as Mifty's `db.design.ts` has them, and columns as well.

    Raises:
        DesignError: As in `parse_javascript`.
    """
    return Imported(as_tables(parse_javascript(files[0].text)), adds_rules=True)


def parse_javascript(text: str) -> Any:
    """The values of the literals in *text*. Several in a row, each a table or a list of tables, make one list.

    Raises:
        DesignError: The text is not of this form.
    """
    if len(text) > MAX_CHARACTERS:
        raise DesignError([Problem("", f"longer than {MAX_CHARACTERS // 1024 // 1024} MiB")])
    values = _Reader(text).values()
    if len(values) == 1:
        return values[0]
    return [table for value in values for table in (value if isinstance(value, list) else [value])]


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._depth = 0
        self._token = self._next()

    def values(self) -> list[Any]:
        """All values at the top, with the words before them passed over."""
        values = []
        while self._token.kind != "end":
            self._skip_declaration()
            values.append(self._value())
            self._skip_assertion()
            while self._token.text in (";", ",") and self._token.kind == "mark":
                self._advance()
        if not values:
            self._fail("the file is empty; a table begins with {")
        return values

    def _skip_declaration(self) -> None:
        """Pass over `import … from "…"`, `export default` and `export const name: Type =`."""
        while self._token.text == "import" and self._token.kind == "word":
            while self._token.kind not in ("text", "end"):
                self._advance()
            self._advance()
            if self._is_mark(";"):
                self._advance()
        if self._token.text == "export":
            self._advance()
        if self._token.text == "default":
            self._advance()
        elif self._token.text in _DECLARATIONS:
            self._advance()
            if self._token.kind != "word":
                self._fail("expected a name")
            self._advance()
            if self._is_mark(":"):
                self._skip_type()
            self._take("=")

    def _skip_type(self) -> None:
        """Pass over a type of TypeScript: `: Table[]`, `: Record<string, Table>`."""
        while self._token.kind != "end" and not self._is_mark("="):
            self._advance()

    def _skip_assertion(self) -> None:
        """Pass over `as const` and `satisfies Table[]`."""
        while self._token.kind == "word" and self._token.text in ("as", "satisfies"):
            self._advance()
            self._advance()
            while self._is_mark("[") or self._is_mark("]"):
                self._advance()

    def _value(self) -> Any:
        token = self._token
        if token.text == "{" and token.kind == "mark":
            return self._nested(self._object)
        if token.text == "[" and token.kind == "mark":
            return self._nested(self._list)
        value = self._scalar(token)
        self._advance()
        return value

    def _scalar(self, token: _Token) -> Any:
        if token.kind == "text":
            return self._unescaped(token)
        if token.kind == "number":
            return self._number(token)
        if token.kind == "word" and token.text in _CONSTANTS:
            return _CONSTANTS[token.text]
        if token.text == "undefined":
            return _UNDEFINED
        what = quoted(token.text) if token.text else "the end"
        return self._fail(f"expected a value, not {what}; only literals are read, and no code is run")

    def _nested(self, read: Any) -> Any:
        if self._depth >= MAX_DEPTH:
            self._fail(f"nested more than {MAX_DEPTH} levels deep")
        self._depth += 1
        self._advance()
        value = read()
        self._depth -= 1
        return value

    def _object(self) -> Any:
        pairs: list[tuple[str, Any]] = []
        while not self._is_mark("}"):
            key = self._key()
            self._take(":")
            value = self._value()
            if value is not _UNDEFINED:
                pairs.append((key, value))
            if not self._is_mark("}"):
                self._take(",", "}")
        self._advance()
        return make_object(pairs)

    def _list(self) -> Any:
        items = []
        while not self._is_mark("]"):
            item = self._value()
            items.append(None if item is _UNDEFINED else item)
            if not self._is_mark("]"):
                self._take(",", "]")
        self._advance()
        return items

    def _key(self) -> str:
        token = self._token
        if token.kind not in ("word", "text", "number"):
            self._fail(f"a key was expected, not {quoted(token.text) if token.text else 'the end'}")
        key = self._unescaped(token) if token.kind == "text" else token.text
        self._advance()
        return key

    def _number(self, token: _Token) -> int | float:
        text = token.text.lower()
        if len(text) > _LONGEST_NUMBER:
            self._fail("the number is too long")
        if "x" in text:
            return int(text, 16)
        return float(text) if any(mark in text for mark in ".e") else int(text)

    def _unescaped(self, token: _Token) -> str:
        def character(found: re.Match[str]) -> str:
            escape = found[1]
            if escape in _LINE_ENDS:
                return ""
            if len(escape) == 1:
                if escape in "ux" or (escape.isdigit() and escape != "0"):
                    self._fail(f"the escape \\{escape} is not complete", token.start + 1 + found.start())
                return _ESCAPES.get(escape, escape)
            code = int(escape.strip("ux{}"), 16)
            if code > 0x10FFFF:
                self._fail("this escape is not a character", token.start + 1 + found.start())
            return chr(code)

        plain = _ESCAPE.sub(character, token.text[1:-1])
        if plain.isascii():
            return plain
        # Two escapes that make up one character beyond the first plane; half of one stays, and is refused later.
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

    def _is_mark(self, mark: str) -> bool:
        return self._token.kind == "mark" and self._token.text == mark

    def _take(self, mark: str, end: str = "") -> None:
        if not self._is_mark(mark):
            what = quoted(self._token.text) if self._token.text else "the end"
            self._fail(f"{quoted(mark)}{' or ' + quoted(end) if end else ''} was expected, not {what}")
        self._advance()

    def _advance(self) -> None:
        self._token = self._next()

    def _next(self) -> _Token:
        if space := _SPACE.match(self._text, self._end):
            self._end = space.end()
        if self._end == len(self._text):
            return _Token("end", "", self._end)
        found = _TOKEN.match(self._text, self._end)
        if found is None:
            self._fail(self._strange(), self._end)
        self._end = found.end()
        return _Token(str(found.lastgroup), found[0], found.start())

    def _strange(self) -> str:
        character = self._text[self._end]
        if character == "`":
            return "template literals are not supported; use quotes"
        if character in "\"'":
            return "the string is not closed on its line"
        if self._text.startswith("/*", self._end):
            return "the comment is not closed"
        return f"{quoted(character)} is not allowed here; only literals are read, and no code is run"

    def _fail(self, message: str, at: int | None = None) -> NoReturn:
        position = self._token.start if at is None else at
        before = self._text[:position]
        line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
        raise DesignError([Problem("", f"line {line}, column {column}: {message}")])
