"""From the names in a database to the names in a design; the one place for all importers.

A table gets its name in the singular and in PascalCase, a column its name in camelCase. Where the design would call it
something else in the database, the name there is kept as `dbName`. A name that is taken, or that generated code cannot
use, gets a word or a number at its end. A table or column that the design has already keeps the name it has there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from gatewright.design.checks.names import column_faults, table_faults
from gatewright.design.document import Column, ColumnType, Design, Table
from gatewright.design.kinds import MAX_NAME
from gatewright.design.naming import camel_case, kebab_plural, pascal_case, snake_case, snake_plural
from gatewright.design.singular import singular
from gatewright.design.words import COLUMNS, PREFIXES, SQL_WORDS, TABLES

_NAME = re.compile("[A-Za-z](_?[A-Za-z0-9])*")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d"})


class TableNames:
    """Names the tables of one source.

    Args:
        known: The design of the app, with the engine's tables.
    """

    def __init__(self, known: Design) -> None:
        self._known = {(table.db_schema, table.database_name): table for table in known.tables}
        self._taken = {form for table in known.tables for form in _forms(table.name)}

    def known(self, database_name: str, schema: str | None = None) -> Table | None:
        """The table of the design that has this name in the database."""
        return self._known.get((schema, database_name))

    def name(self, database_name: str, schema: str | None = None, wanted: str | None = None) -> str:
        """What the design calls the table.

        Args:
            wanted: What the source calls it, where that is another name than the one in the database.
        """
        if table := self.known(database_name, schema):
            return table.name
        words = _words(database_name, "Table")
        head, _, last = words.rpartition("_")
        derived = pascal_case(f"{head}_{singular(last)}" if head else singular(last))
        base = (wanted or derived)[: MAX_NAME - 8]
        for name in _candidates(base, "Record"):
            table = Table(name=name, db_name=table_database_name(name, database_name), columns=())
            if not _forms(name) & self._taken and not any(table_faults(table)):
                self._taken |= _forms(name)
                return name
        raise AssertionError("there are numbers enough")


class ColumnNames:
    """Names the columns of one table.

    Args:
        known: The table in the design of the app.
    """

    def __init__(self, known: Table | None = None) -> None:
        columns = known.columns if known else ()
        self._known = {column.database_name: column.name for column in columns}
        self._taken = {form for column in columns for form in _column_forms(column.name)}

    def name(self, database_name: str, wanted: str | None = None) -> str:
        """What the design calls the column; *wanted* is as in `TableNames.name`."""
        if database_name in self._known:
            return self._known[database_name]
        base = (wanted or camel_case(_words(database_name, "column")))[: MAX_NAME - 8]
        if database_name.lower() in COLUMNS:
            return base  # No name helps: the checks of the design refuse it, with the reason.
        for name in _candidates(base, "Value"):
            column = Column(name=name, type=ColumnType.TEXT, db_name=column_database_name(name, database_name))
            if not _column_forms(name) & self._taken and not any(column_faults(column)):
                self._taken |= _column_forms(name)
                return name
        raise AssertionError("there are numbers enough")


def table_database_name(name: str, database_name: str) -> str | None:
    """The `dbName` that the table called *name* needs, if it needs one."""
    return None if snake_plural(name) == database_name and database_name not in SQL_WORDS else database_name


def column_database_name(name: str, database_name: str) -> str | None:
    """The `dbName` that the column called *name* needs, if it needs one."""
    return None if snake_case(name) == database_name and database_name not in SQL_WORDS else database_name


def is_name(text: str) -> bool:
    """Whether *text* has the form of a name of a design."""
    return _NAME.fullmatch(text) is not None


def is_reserved_table(database_name: str) -> bool:
    """Whether the table belongs to Gatewright, to Alembic or to the database itself, and to no design."""
    return database_name.lower().startswith(PREFIXES) or database_name.lower() in TABLES


def _words(database_name: str, otherwise: str) -> str:
    """The name in snake_case of plain letters and digits, a letter first."""
    plain = unicodedata.normalize("NFKD", database_name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = snake_case(_OTHER.sub("_", plain).strip("_"))
    words = re.sub("_+", "_", words)
    if not words:
        return otherwise.lower()
    return words if words[0].isalpha() else f"{otherwise.lower()}_{words}"


def _candidates(base: str, ending: str) -> Iterable[str]:
    yield base
    yield base + ending
    yield from (f"{base}{number}" for number in range(2, 100_000))


def _forms(name: str) -> set[str]:
    return {snake_case(name), pascal_case(name), f"/{kebab_plural(name)}"}


def _column_forms(name: str) -> set[str]:
    return {snake_case(name), camel_case(name)}
