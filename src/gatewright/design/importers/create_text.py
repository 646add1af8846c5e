"""What the text of a `CREATE TABLE` says that the catalogue of SQLite does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gatewright.design.importers.found import FoundCheck

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)|(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<other>.)""",
    re.DOTALL,
)
_OF_TABLE = frozenset({"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN"})
# Words whose meaning a design cannot hold, each with what a note calls it.
_UNHELD = {"COLLATE": "a collation", "CONFLICT": "ON CONFLICT", "DEFERRABLE": "DEFERRABLE", "MATCH": "MATCH"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The name without its quotes."""
        if self.kind != "quoted":
            return self.text
        mark = self.text[-1]
        return self.text[1:-1] if mark == "]" else self.text[1:-1].replace(mark * 2, mark)


@dataclass(slots=True)
class CreateText:
    """What is read from the text.

    Attributes:
        checks: The conditions of the table and its columns.
        computed: The expressions of computed columns.
        unheld: Pairs of a column (None: the table) and what a design cannot hold of it.
        options: The words after the columns: STRICT, WITHOUT, ROWID.
    """

    checks: list[FoundCheck] = field(default_factory=list)
    computed: dict[str, str] = field(default_factory=dict)
    unheld: list[tuple[str | None, str]] = field(default_factory=list)
    options: tuple[str, ...] = ()


def read_create(sql: str) -> CreateText:
    """Read the text of a `CREATE TABLE` that the database has taken."""
    tokens = [token for token in _tokens(sql) if token.kind != "space"]
    first = next((i for i, token in enumerate(tokens) if token.text == "("), len(tokens))
    last = _closing(tokens, first)
    found = CreateText(options=tuple(token.text.upper() for token in tokens[last + 1 :] if token.kind == "word"))
    for item in _items(tokens[first + 1 : last]):
        _read_item(item, sql, found)
    return found


def condition_of_index(sql: str) -> str | None:
    """What follows WHERE in the text of a `CREATE INDEX`."""
    depth = 0
    for token in _tokens(sql):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.kind == "word" and token.text.upper() == "WHERE":
            return sql[token.end :].strip().rstrip(";").strip()
    return None


def _tokens(sql: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(sql):
        yield _Token(match.lastgroup or "other", match[0], match.start(), match.end())


def _closing(tokens: Sequence[_Token], opening: int) -> int:
    """Where the parenthesis closes that opens at *opening*."""
    depth = 0
    for i in range(opening, len(tokens)):
        depth += (tokens[i].text == "(") - (tokens[i].text == ")")
        if depth == 0:
            return i
    return len(tokens)


def _items(tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    """Columns and constraints, which commas separate."""
    depth, item = 0, list[_Token]()
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            yield item
            item = []
        else:
            item.append(token)
    yield item


def _read_item(item: Sequence[_Token], sql: str, found: CreateText) -> None:
    if not item:
        return
    column = None if item[0].kind == "word" and item[0].text.upper() in _OF_TABLE else item[0].name
    i, name = 0 if column is None else 1, None
    while i < len(item):
        token = item[i]
        word = token.text.upper() if token.kind == "word" else ""
        if token.text == "(":
            i = _closing(item, i)
        elif word == "CONSTRAINT" and i + 1 < len(item):
            name, i = item[i + 1].name, i + 1
        elif word in ("CHECK", "AS") and i + 1 < len(item) and item[i + 1].text == "(":
            end = _closing(item, i + 1)
            expression = sql[item[i + 1].end : item[end].start].strip()
            if word == "CHECK":
                found.checks.append(FoundCheck(expression, name))
            elif column is not None:
                found.computed[column] = expression
            name, i = None, end
        elif word in _UNHELD:
            found.unheld.append((column, _UNHELD[word]))
        i += 1
