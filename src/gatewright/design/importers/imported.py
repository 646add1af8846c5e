"""What an importer takes and what it gives.

An importer is a function `read(files, known)`: from the files of one source it makes the values of a design, in the
form of the document, and the list of what a design cannot hold. It writes nothing, and raises `DesignError` with the
line of what it cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from gatewright.design.document import Design
from gatewright.design.problems import DesignError, Problem

MAX_BYTES = 64 * 1024 * 1024
MAX_TABLES = 2_000

_CREATE_TABLE = re.compile(r"^\s*CREATE TABLE\b", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a source.

    Attributes:
        name: As messages show it.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer made of a source.

    Attributes:
        raw: Values as `design_of` takes them.
        notes: What a design cannot hold, or what was decided: a sentence each, with its place.
        adds_rules: Whether the source can hold access rules and other keys that a database knows nothing of. If not,
            tables that the design has already keep them.
        lacks_types: Whether the source is SQLite, which does not have the types that a `dbType` names.
    """

    raw: Any
    notes: tuple[str, ...] = ()
    adds_rules: bool = False
    lacks_types: bool = False


@dataclass(slots=True)
class Notes:
    """Collects what a design cannot hold, each thing once."""

    found: dict[str, None] = field(default_factory=dict)

    def add(self, place: str, sentence: str) -> None:
        """Note *sentence* about *place*: a table, `table.column`, or a line."""
        self.found[f"{_on_one_line(place)}: {_on_one_line(sentence)}"] = None

    def as_tuple(self) -> tuple[str, ...]:
        """All notes, in their order."""
        return tuple(self.found)


Importer = Callable[[Sequence[SourceFile], Design], Imported]
"""Reads the files of one source. The design has the names of tables and columns that are known already."""


def refuse(message: str, line: int | None = None) -> NoReturn:
    """Refuse the source.

    Raises:
        DesignError: Always; with the line, where there is one.
    """
    raise DesignError([Problem("" if line is None else f"line {line}", message)])


def fail_at(text: str, position: int, message: str) -> NoReturn:
    """Refuse *text* at *position*.

    Raises:
        DesignError: Always; with line and column.
    """
    before = text[:position]
    column = position - (before.rfind("\n") + 1) + 1
    raise DesignError([Problem("", f"line {line_of(text, position)}, column {column}: {message}")])


def line_of(text: str, position: int) -> int:
    """The number of the line that holds *position*."""
    return text.count("\n", 0, position) + 1


def refuse_many_tables(count: int) -> None:
    """Refuse a source with more tables than an app can have.

    Raises:
        DesignError: There are more than `MAX_TABLES`.
    """
    if count > MAX_TABLES:
        refuse(f"{count} tables; a design takes at most {MAX_TABLES}, so import a part")


def refuse_many_statements(text: str) -> None:
    """Refuse a dump that makes more tables than an app can have, before it is parsed.

    Raises:
        DesignError: As in `refuse_many_tables`.
    """
    refuse_many_tables(len(_CREATE_TABLE.findall(text)))


def _on_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
