"""Dumps of MariaDB and MySQL, as `mariadb-dump` and `mysqldump` make them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gatewright.design.document import Design
from gatewright.design.importers.found import FoundTable
from gatewright.design.importers.from_database import imported_tables
from gatewright.design.importers.imported import Imported, Notes, SourceFile, refuse, refuse_many_tables
from gatewright.design.importers.mariadb_text import Statement, statements
from gatewright.errors import SetupError

if TYPE_CHECKING:
    from types import ModuleType

_NAME = r"(?:(?:`(?:[^`]|``)+`|\w+)\s*\.\s*)?(`(?:[^`]|``)+`|\w+)"
_TABLE = re.compile(rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*\(", re.IGNORECASE)
_ALTER = re.compile(rf"\s*ALTER\s+TABLE\s+{_NAME}\s+", re.IGNORECASE)
_ADDED = re.compile(r"\s*(?:ADD(?:\s+COLUMN)?|MODIFY(?:\s+COLUMN)?)\s+", re.IGNORECASE)
_NAMED = (
    (re.compile(rf"\s*CREATE\b[^()]*?\bVIEW\s+{_NAME}", re.IGNORECASE), "a view"),
    (re.compile(rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?SEQUENCE\s+{_NAME}", re.IGNORECASE), "a sequence of its own"),
)
_PROGRAM = re.compile(
    rf"\bCREATE\b[^;()]{{0,400}}?\b(TRIGGER|FUNCTION|PROCEDURE|EVENT|PACKAGE)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}",
    re.IGNORECASE,
)
_WITHOUT_MEANING = frozenset("SET DROP LOCK UNLOCK USE START COMMIT BEGIN DO FLUSH ALTER".split())
_WITHOUT_MEANING_NEXT = ("DATABASE", "SCHEMA")
_COMMENT = re.compile(r"\bCOMMENT\s*=?\s*('(?:[^'\\]|\\.|'')*')", re.DOTALL | re.IGNORECASE)
_COLLATION = re.compile(r"\bCOLLATE\s*=?\s*(\w+)", re.IGNORECASE)
_BRACKETS = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`|[(),]", re.DOTALL)


def read_dump(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of dumps of MariaDB and MySQL.

    Raises:
        DesignError: A statement is cut off or wrong; with its line.
        SetupError: The parser is not installed.
    """
    try:
        from gatewright.design.importers import mariadb_tables
    except ImportError:
        raise SetupError("Dumps of MariaDB need the extra import: pip install 'gatewright[import]'.") from None
    notes = Notes()
    found = list(statements(files[0].text, notes))
    refuse_many_tables(sum(_TABLE.match(statement.text) is not None for statement in found))
    reader = _Reader(mariadb_tables, notes)
    for statement in found:
        reader.take(statement)
    return imported_tables(reader.finished(), known, notes)


class _Reader:
    """Gathers tables from statements."""

    def __init__(self, parser: ModuleType, notes: Notes) -> None:
        self._parser, self._notes = parser, notes
        self._tables: dict[str, Any] = {}
        self._collations: dict[str, None] = {}
        self._others: Counter[str] = Counter()

    def take(self, statement: Statement) -> None:
        """Take what a statement says."""
        if statement.is_program:
            self._program(statement.text)
        elif match := _TABLE.match(statement.text):
            self._table(match, statement)
        elif match := _ALTER.match(statement.text):
            self._alter(match, statement)
        else:
            self._other(statement.text)

    def finished(self) -> list[FoundTable]:
        """The tables, after all statements."""
        if self._collations:
            names = ", ".join(self._collations)
            self._notes.add("collations", f"a design compares texts exactly, and cannot hold {names}")
        if self._others:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self._others.items()))
            self._notes.add("other statements", f"a design cannot hold them: {kinds}")
        return [table.finished() for table in self._tables.values()]

    def _table(self, match: re.Match[str], statement: Statement) -> None:
        table = FoundTable(_unquoted(match[1]))
        if table.name in self._tables:
            refuse(f"the table {table.name} is there twice; dump one database alone", statement.line)
        reader = self._tables[table.name] = self._parser.TableReader(table, self._notes)
        end = _closing(statement.text, match.end(), statement.line)
        reader.take(statement.text[match.end() : end], _line(statement, match.end()))
        self._options(statement.text[end + 1 :], table)

    def _options(self, options: str, table: FoundTable) -> None:
        if comment := _COMMENT.search(options):
            table.comment = self._parser.text_of(comment[1]) or None
        plain = _COMMENT.sub(" ", options).upper()
        if "SYSTEM VERSIONING" in plain:
            self._notes.add(table.shown, "a design cannot hold system versioning; it is left out")
        if "PARTITION BY" in plain:
            self._notes.add(table.shown, "is partitioned; in a design it is one table")
        self._collations |= dict.fromkeys(_COLLATION.findall(_COMMENT.sub(" ", options)))

    def _alter(self, match: re.Match[str], statement: Statement) -> None:
        """What `phpMyAdmin` writes after the tables: their keys, and the columns that count up."""
        table = self._tables.get(_unquoted(match[1]))
        start = match.end()
        for item in _items(statement.text[start:]):
            if table is not None and (added := _ADDED.match(item)):
                table.take(item[added.end() :], _line(statement, start + added.end()))
            start += len(item) + 1

    def _program(self, text: str) -> None:
        for kind, name in _PROGRAM.findall(text):
            article = "an" if kind.upper() == "EVENT" else "a"
            self._notes.add(_unquoted(name), f"is {article} {kind.lower()}, which a design cannot hold")

    def _other(self, text: str) -> None:
        for pattern, what in _NAMED:
            if match := pattern.match(text):
                self._tables.pop(_unquoted(match[1]), None)  # Old dumps have a table in the place of a view.
                self._notes.add(_unquoted(match[1]), f"is {what}, which a design cannot hold")
                return
        words = text.upper().split(maxsplit=2)
        if words and words[0] not in _WITHOUT_MEANING and not (words[1:] and words[1] in _WITHOUT_MEANING_NEXT):
            self._others[" ".join(words[:2]).lower()] += 1


def _line(statement: Statement, position: int) -> int:
    return statement.line + statement.text.count("\n", 0, position)


def _unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def _closing(text: str, start: int, line: int) -> int:
    """Where the parenthesis closes that stands before *start*."""
    depth = 1
    for part in _BRACKETS.finditer(text, start):
        depth += (part[0] == "(") - (part[0] == ")")
        if depth == 0:
            break
    else:
        refuse("the parenthesis of the table that begins here is not closed", line)
    return part.start()


def _items(text: str) -> list[str]:
    """What commas separate."""
    depth, start, items = 0, 0, list[str]()
    for part in _BRACKETS.finditer(text):
        depth += (part[0] == "(") - (part[0] == ")")
        if part[0] == "," and depth == 0:
            items.append(text[start : part.start()])
            start = part.end()
    return [*items, text[start:]]
