"""Checks of names: twice the same, the same once they are in the database, or words with a meaning of their own."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from gatewright.design.checks.words import CLASS_MEMBERS, FOLDERS, PATHS, PREFIXES, SQL_WORDS, TABLES
from gatewright.design.document import Column, Design, Table
from gatewright.design.naming import kebab_plural, pascal_case, snake_case
from gatewright.design.problems import Problems, quoted
from gatewright.design.vocabulary import MAX_NAME


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str | None: ...
    @property
    def db_name(self) -> str | None: ...
    @property
    def database_name(self) -> str: ...


def check_names(design: Design, problems: Problems, engine: Sequence[Table]) -> None:
    """Note what is wrong with the names of tables, columns and indexes."""
    names = {table.name for table in design.tables}
    others = [table for table in engine if table.name not in names]
    _check_different(design.tables, "tables", "table", problems, others)
    for i, table in enumerate(design.tables):
        _check_words(table, f"tables[{i}]", _table_faults(table), problems)
        _check_different(table.columns, f"tables[{i}].columns", "column", problems)
        for j, column in enumerate(table.columns):
            _check_words(column, f"tables[{i}].columns[{j}]", _column_faults(column), problems)
    _check_index_names(design, problems)


def _check_different(
    items: Sequence[_Named], path: str, what: str, problems: Problems, others: Sequence[_Named] = ()
) -> None:
    """Note items that share their name, their name in the database or their id with an earlier one."""
    by_name: dict[str, str] = {}
    by_database_name = {other.database_name.lower(): f"the engine's {other.name}" for other in others}
    by_id: dict[str, str] = {}
    for i, item in enumerate(items):
        here = f"{path}[{i}]"
        if not item.name:
            continue
        if item.name in by_name:
            problems.add(f"{here}.name", f"there is a {what} {quoted(item.name)} already, {by_name[item.name]}")
            continue
        by_name[item.name] = here
        in_database = item.database_name.lower()
        if in_database in by_database_name:
            key = "dbName" if item.db_name else "name"
            taken = f"is {quoted(in_database)} in the database, and so is {by_database_name[in_database]}"
            problems.add(f"{here}.{key}", taken)
        by_database_name.setdefault(in_database, here)
        if item.id is not None and item.id in by_id:
            problems.add(f"{here}.id", f"is the id of {by_id[item.id]} too")
        by_id.setdefault(item.id or item.name, here)


def _check_words(item: _Named, path: str, faults: Iterable[str], problems: Problems) -> None:
    if not item.name or problems.touch(f"{path}.name"):
        return
    for fault in faults:
        problems.add(f"{path}.name", f"{quoted(item.name)} {fault}")
        return
    if item.db_name is None and item.database_name in SQL_WORDS:
        fault = f"is the reserved word {item.database_name} in SQL; choose another name, or another dbName"
        problems.add(f"{path}.name", f"{quoted(item.name)} {fault}")
    elif len(item.database_name) > MAX_NAME:
        problems.add(f"{path}.name", f"is longer than {MAX_NAME} characters in the database ({item.database_name})")


def _table_faults(table: Table) -> Iterator[str]:
    """Why the table can't have its name; at most the first fault is shown."""
    snake = snake_case(table.name)
    in_database = table.database_name.lower()
    if in_database.startswith(PREFIXES) or in_database in TABLES:
        yield f"would be {in_database} in the database, a name that is kept for other tables than a design's"
    if keyword.iskeyword(snake) or keyword.iskeyword(pascal_case(table.name)):
        yield "is a keyword of Python"
    if snake in FOLDERS:
        yield f"is the folder {snake} in the generated code, which is kept for something else"
    if kebab_plural(table.name) in PATHS:
        yield f"is the path /{kebab_plural(table.name)}, which is the server's own"


def _column_faults(column: Column) -> Iterator[str]:
    """Why the column can't have its name; at most the first fault is shown."""
    snake = snake_case(column.name)
    if keyword.iskeyword(snake) or keyword.iskeyword(column.name):
        yield "is a keyword of Python"
    if snake in CLASS_MEMBERS or column.name in CLASS_MEMBERS:
        yield "has a meaning of its own in the generated classes; choose another name"


def _check_index_names(design: Design, problems: Problems) -> None:
    """Note indexes of one name: a database keeps them all in one place, whatever table they are on."""
    seen: dict[str, str] = {}
    for i, table in enumerate(design.tables):
        for j, index in enumerate(table.indexes):
            if index.name is None:
                continue
            path = f"tables[{i}].indexes[{j}]"
            if index.name.lower() in seen:
                problems.add(f"{path}.name", f"is the name of {seen[index.name.lower()]} too")
            seen.setdefault(index.name.lower(), path)
