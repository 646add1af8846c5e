"""Checks of indexes: what they are over, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatewright.design.document import Column, ColumnType, Design, Index, Table
from gatewright.design.kinds import MAX_NAME
from gatewright.design.problems import Problems, quoted
from gatewright.design.words import PREFIXES

MOST_COLUMNS = 32  # of an index or a key, in PostgreSQL and MariaDB

_NOT_INDEXABLE = (ColumnType.TEXT, ColumnType.BYTES, ColumnType.JSON)
# Texts, and names in quotes: either may hold the other's quote.
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_SQL_MARKS = (";", "--", "/*", "*/", "\n")


def check_indexes(design: Design, problems: Problems, engine: Sequence[Table]) -> None:
    """Note what is wrong with the indexes of a design."""
    for i, table in enumerate(design.tables):
        for j, index in enumerate(table.indexes):
            _check_index(index, table, f"tables[{i}].indexes[{j}]", problems)
    _check_names(design, problems, engine)


def _check_index(index: Index, table: Table, path: str, problems: Problems) -> None:
    columns = {column.name: column for column in table.columns}
    for i, name in enumerate(index.columns):
        here = f"{path}.columns[{i}]"
        if name not in columns:
            problems.add(here, f"no column {quoted(name)} in {quoted(table.name)}", near=name, among=columns)
        elif name in index.columns[:i]:
            problems.add(here, f"{quoted(name)} is listed twice")
        elif columns[name].type in _NOT_INDEXABLE:
            problems.add(here, f"{quoted(name)} is {columns[name].type}, a type that some databases cannot index")
    if not index.columns and not problems.touch(f"{path}.columns"):
        problems.add(f"{path}.columns", "an index needs at least one column")
    elif len(index.columns) > MOST_COLUMNS:
        problems.add(f"{path}.columns", f"an index can have at most {MOST_COLUMNS} columns")
    if index.where is not None and (fault := condition_fault(index.where)):
        problems.add(f"{path}.where", fault)


def condition_fault(sql: str) -> str | None:
    """Why *sql* can't be one condition or expression of SQL; the database judges the rest."""
    if not sql.strip():
        return "is empty"
    if any(mark in sql for mark in _SQL_MARKS):
        return "must be one condition or expression on one line, without comments and semicolons"
    plain = _QUOTED.sub("", sql)
    if "'" in plain or '"' in plain or not _balanced(plain):
        return "has an unclosed quote or parenthesis"
    return None


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


@dataclass(frozen=True, slots=True)
class _Name:
    """A name that is taken in the database: tables, indexes, keys and rules of uniqueness share one place.

    Attributes:
        schema: The schema of PostgreSQL that it is in; empty for the default one.
        place: What has it.
        subject: The columns it covers: an index of the engine and one of the design over the same columns are one.
    """

    text: str
    schema: str
    place: str
    subject: tuple[object, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What no other name may have."""
        return self.schema.lower(), self.text.lower()


def _check_names(design: Design, problems: Problems, engine: Sequence[Table]) -> None:
    """Note indexes whose name is taken or not allowed."""
    taken = {name.key: name for table in engine for name in _names(table)}
    tables = [(table, f"tables[{i}]") for i, table in enumerate(design.tables)]
    taken |= {name.key: name for table, path in tables for name in _table_names(table, path)}
    for table, path in tables:
        for name in _index_names(table, path, problems):
            other = taken.setdefault(name.key, name)
            if not other.place and other.subject == name.subject:
                # The engine needs the same index.
                taken[name.key] = name
            elif fault := _fault(name, other):
                problems.add(name.place, f"is named {quoted(name.text)} in the database, {fault}")


def _fault(name: _Name, other: _Name) -> str | None:
    """Why it can't have that name, which *other* has first."""
    if other is not name:
        return f"like {other.place or 'an index of the engine'}; rename one of them"
    if name.text.lower().startswith(PREFIXES):
        return "a name with a reserved prefix; choose another name"
    if len(name.text) > MAX_NAME and name.subject[0] is Index:
        return f"which is longer than {MAX_NAME} characters; set a shorter name"
    return None


def _names(table: Table) -> Iterator[_Name]:
    """All names that a table of the engine takes."""
    yield from _table_names(table, "")
    yield from _index_names(table, "", Problems())


def _table_names(table: Table, path: str) -> Iterator[_Name]:
    for text in (table.database_name, f"pk_{table.database_name}"):
        yield _Name(text, table.db_schema or "", path, (Table, table.name))


def _index_names(table: Table, path: str, problems: Problems) -> Iterator[_Name]:
    """The names of a table's indexes, including those of single columns. Parts with problems are skipped.

    Args:
        path: Of the table; empty for one of the engine's.
    """
    schema = table.db_schema or ""
    for j, column in enumerate(table.columns):
        prefix, here = _index_prefix(column), f"{path}.columns[{j}]"
        if prefix is not None and column.name and not problems.touch(f"{here}.name"):
            text = f"{prefix}_{table.database_name}_{column.database_name}"
            yield _Name(text, schema, path and f"{here}.{_index_key(column)}", (Column, table.name, column.name))
    known = {column.name for column in table.columns}
    for j, index in enumerate(table.indexes):
        here = f"{path}.indexes[{j}]"
        if index.columns and known.issuperset(index.columns) and not problems.touch(here):
            place = here if index.name is None else f"{here}.name"
            yield _Name(
                table.index_name(index), schema, path and place, (Index, table.name, index.columns, index.is_unique)
            )


def _index_prefix(column: Column) -> str | None:
    """The prefix of the name of the column's own index; None without one."""
    return {"isUnique": "uq", "isIndexed": "ix", "references": "ix"}.get(_index_key(column))


def _index_key(column: Column) -> str:
    """The key of the column that causes the index; empty without one."""
    if column.is_unique:
        return "isUnique"
    return "isIndexed" if column.is_indexed else "references" if column.references is not None else ""
