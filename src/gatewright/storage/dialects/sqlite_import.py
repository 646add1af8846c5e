"""SQLite's tables for `gatewright design import`: from a file, and from a dump as its tools write them.

The catalogue is read by its pragmas: SQLAlchemy's inspector leaves out the actions of references that are written at
a column, and knows only some words for types.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from gatewright.design.document import Design
from gatewright.design.importers.create_text import condition_of_index, read_create
from gatewright.design.importers.found import FoundColumn, FoundIndex, FoundKey, FoundTable
from gatewright.design.importers.from_database import imported_tables
from gatewright.design.importers.imported import Imported, Notes, SourceFile, refuse, refuse_many_statements

_COMMENT = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_CREATE = re.compile(r"CREATE\s+(TABLE|UNIQUE\s+INDEX|INDEX)\b", re.IGNORECASE)
_OTHER = re.compile(r"CREATE\s+(?:TEMP\s+|TEMPORARY\s+)?(VIEW|TRIGGER)\s+(?:IF\s+NOT\s+EXISTS\s+)?(\S+)", re.IGNORECASE)
_VIRTUAL = re.compile(r"CREATE\s+VIRTUAL\s+TABLE\s+[\"'\[`]*(\w+)", re.IGNORECASE)
_ROW = re.compile(r"(?:INSERT|REPLACE)\s+INTO\s+[\"'\[`]*(\w+)", re.IGNORECASE)
_SHADOWS = ("_data", "_idx", "_content", "_docsize", "_config")
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_TRANSACTION,
    }
)


def read_dump(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of dumps: `.dump` of SQLite's shell and of APSW's, and Python's `iterdump`.

    Only the statements that make tables and indexes are run, in a database in memory that takes no others.

    Raises:
        DesignError: The dump ends in the middle of a statement, or SQLite refuses one.
    """
    notes = Notes()
    refuse_many_statements(files[0].text)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.set_authorizer(_authorize)
        virtual = _run(connection, files[0].text, notes)
        connection.set_authorizer(None)
        return _imported(connection, virtual, known, notes)


def read_file(path: Path, known: Design) -> Imported:
    """The tables of a SQLite file, which is opened for reading only.

    Raises:
        DesignError: There is no such file, or it is no database.
    """
    notes = Notes()
    if not path.is_file():
        refuse(f"there is no file {path}")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            virtual = _note_others(connection, notes)
            return _imported(connection, virtual, known, notes)
    except sqlite3.Error as error:
        refuse(f"{path} cannot be read as a SQLite database ({error})")


def _imported(connection: sqlite3.Connection, virtual: set[str], known: Design, notes: Notes) -> Imported:
    return replace(imported_tables(_tables(connection, virtual, notes), known, notes), lacks_types=True)


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _run(connection: sqlite3.Connection, text: str, notes: Notes) -> set[str]:
    """Make the tables of a dump, and return the names of its virtual tables."""
    rows, virtual = 0, set()
    for line, statement in _statements(text):
        if match := _VIRTUAL.search(statement[:2_000]):
            virtual.add(match[1])
        elif match := _ROW.match(statement):
            rows += not match[1].startswith("sqlite_") and match[1] != "main"
        elif match := _OTHER.match(statement):
            notes.add(match[2].strip("\"'`[]"), f"is a {match[1].lower()}, which a design cannot hold; it is left out")
        elif _CREATE.match(statement) and "no_such_table" not in statement[:40]:
            try:
                connection.execute(statement)
            except sqlite3.Error as error:
                refuse(f"SQLite refuses the statement that begins here ({error})", line)
    if rows:
        notes.add("rows", f"{rows} INSERT statements are skipped; an import takes no rows")
    for name in sorted(virtual):
        notes.add(name, "is a virtual table, which a design cannot hold; it is left out")
    return virtual


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a dump, each with the line where it begins."""
    kept, began = list[str](), 1
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        kept.append(line)
        if not line.rstrip().endswith(";"):
            continue
        whole = "".join(kept)
        if sqlite3.complete_statement(whole):
            start = _COMMENT.match(whole)
            skipped = start.end() if start else 0
            yield began + whole.count("\n", 0, skipped), whole[skipped:]
            kept, began = [], number + 1
    rest = "".join(kept)
    start = _COMMENT.match(rest)
    if start is None or start.end() < len(rest):
        skipped = start.end() if start else 0
        refuse("the statement that begins here has no end; the dump is cut off", began + rest.count("\n", 0, skipped))


def _note_others(connection: sqlite3.Connection, notes: Notes) -> set[str]:
    """Note views and triggers of a file, and return the names of its virtual tables."""
    virtual = set()
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY rowid"):
        if kind in ("view", "trigger"):
            notes.add(name, f"is a {kind}, which a design cannot hold; it is left out")
        elif sql and _VIRTUAL.match(sql):
            virtual.add(name)
            notes.add(name, "is a virtual table, which a design cannot hold; it is left out")
    return virtual


def _tables(connection: sqlite3.Connection, virtual: set[str], notes: Notes) -> list[FoundTable]:
    shadows = virtual | {name + ending for name in virtual for ending in _SHADOWS}
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
        "ORDER BY rowid"
    ).fetchall()
    return [_table(connection, name, sql, notes) for name, sql in found if name not in shadows]


def _table(connection: sqlite3.Connection, name: str, sql: str, notes: Notes) -> FoundTable:
    text = read_create(sql)
    table = FoundTable(name, checks=text.checks)
    is_rowid = "ROWID" not in text.options
    for _, column, kind, not_null, default, key, hidden in connection.execute(
        "SELECT * FROM pragma_table_xinfo(?)", (name,)
    ).fetchall():
        table.columns.append(
            FoundColumn(
                column,
                kind,
                bool(not_null),
                default,
                computed=text.computed.get(column) if hidden in (2, 3) else None,
                is_stored=hidden == 3,
            )
        )
        if key:
            table.key = (*table.key, column)
    _mark_row_id(table, is_rowid=is_rowid)
    table.foreign_keys = _foreign_keys(connection, name)
    table.indexes = list(_indexes(connection, name, notes))
    for column, what in text.unheld:
        notes.add(f"{name}.{column}" if column else name, f"a design cannot hold {what}; it is left out")
    for option in ("STRICT", "ROWID"):
        if option in text.options:
            notes.add(name, f"a design cannot hold {'WITHOUT ROWID' if option == 'ROWID' else option}; it is left out")
    return table


def _mark_row_id(table: FoundTable, *, is_rowid: bool) -> None:
    """`INTEGER PRIMARY KEY` is the row's number, which SQLite counts up (https://sqlite.org/autoinc.html)."""
    for column in table.columns:
        if is_rowid and table.key == (column.name,) and column.type.upper() == "INTEGER":
            column.is_identity = True


def _foreign_keys(connection: sqlite3.Connection, name: str) -> list[FoundKey]:
    keys: dict[int, FoundKey] = {}
    for number, _, table, column, to, on_update, on_delete, _ in connection.execute(
        "SELECT * FROM pragma_foreign_key_list(?)", (name,)
    ).fetchall():
        key = keys.setdefault(number, FoundKey((), (None, table), on_delete=on_delete, on_update=on_update))
        key.columns = (*key.columns, column)
        if to is not None:
            key.to_columns = (*key.to_columns, to)
    return [keys[number] for number in sorted(keys, reverse=True)]


def _indexes(connection: sqlite3.Connection, name: str, notes: Notes) -> Iterator[FoundIndex]:
    found = connection.execute("SELECT * FROM pragma_index_list(?)", (name,)).fetchall()
    for _, index, unique, origin, is_partial in reversed(found):
        if origin == "pk":
            continue
        parts = connection.execute("SELECT * FROM pragma_index_xinfo(?) WHERE key", (index,)).fetchall()
        if any(column is None for _, _, column, *_ in parts):
            notes.add(f"{name}.{index}", "is an index over an expression, which a design cannot hold; it is left out")
            continue
        if any(descending for _, _, _, descending, *_ in parts):
            notes.add(f"{name}.{index}", "a design cannot hold DESC; its index is ascending")
        where = None
        if is_partial:
            sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
            where = condition_of_index(sql)
        yield FoundIndex(tuple(column for _, _, column, *_ in parts), bool(unique), index, where)
