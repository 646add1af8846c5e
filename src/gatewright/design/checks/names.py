"""Checks of names: twice the same, the same in the database or in the code, or words with a meaning of their own."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gatewright.design.document import Column, Design, Table
from gatewright.design.kinds import MAX_NAME
from gatewright.design.naming import camel_case, kebab_plural, pascal_case, snake_case
from gatewright.design.problems import Problems, quoted
from gatewright.design.words import (
    CLASS_MEMBERS,
    COLUMNS,
    DEFAULT_SCHEMA,
    FOLDERS,
    PATHS,
    PREFIXES,
    SCHEMAS,
    SQL_WORDS,
    TABLES,
)


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
    """Note what is wrong with the names of tables and columns."""
    _check_different(design.tables, "tables", "table", problems, engine)
    for i, table in enumerate(design.tables):
        _check_words(table, f"tables[{i}]", table_faults(table), problems)
        if (table.db_schema or "").lower().startswith(SCHEMAS):
            message = f"{quoted(table.db_schema)} is a schema of the database itself; choose another name"
            problems.add(f"tables[{i}].dbSchema", message)
        elif table.db_schema == DEFAULT_SCHEMA:
            problems.add(f"tables[{i}].dbSchema", f"{quoted(DEFAULT_SCHEMA)} is the default schema; leave dbSchema out")
        _check_different(table.columns, f"tables[{i}].columns", "column", problems)
        for j, column in enumerate(table.columns):
            _check_words(column, f"tables[{i}].columns[{j}]", column_faults(column), problems)


@dataclass(slots=True)
class _Taken:
    """The names of earlier items, each with the place of the item."""

    names: dict[str, str] = field(default_factory=dict)
    in_database: dict[str, str] = field(default_factory=dict)
    in_code: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def _check_different(
    items: Sequence[_Named], path: str, what: str, problems: Problems, engine: Sequence[_Named] = ()
) -> None:
    """Note items that share their name, their name in the database or in the code, or their id with an earlier one.

    Args:
        engine: Items of the engine's, which are there too.
    """
    own, taken = {item.name for item in items}, _Taken()
    for other in engine:
        if other.name not in own:
            taken.in_database[_in_database(other)] = f"the engine's {other.name}"
            taken.in_code.update(dict.fromkeys(_in_code(other), f"the engine's {other.name}"))
    for i, item in enumerate(items):
        here = f"{path}[{i}]"
        if not item.name:
            continue
        if item.name in taken.names:
            problems.add(
                f"{here}.name", f"there are two {what}s {quoted(item.name)}; the other is {taken.names[item.name]}"
            )
            continue
        _note_clashes(item, here, taken, problems)
        taken.names[item.name] = here
        taken.in_database.setdefault(_in_database(item), here)
        for form in _in_code(item):
            taken.in_code.setdefault(form, here)
        taken.ids.setdefault(item.id or item.name, here)


def _note_clashes(item: _Named, here: str, taken: _Taken, problems: Problems) -> None:
    in_database = _in_database(item)
    if in_database in taken.in_database:
        key = "dbName" if item.db_name else "name"
        message = f"is {quoted(in_database)} in the database, like {taken.in_database[in_database]}; rename one of them"
        problems.add(f"{here}.{key}", message)
    elif in_code := [form for form in _in_code(item) if form in taken.in_code]:
        message = (
            f"{quoted(item.name)} is {in_code[0]} in the code, like {taken.in_code[in_code[0]]}; rename one of them"
        )
        problems.add(f"{here}.name", message)
    if item.id is not None and item.id in taken.ids:
        problems.add(f"{here}.id", f"is also the id of {taken.ids[item.id]}; change one of them")


def _in_database(item: _Named) -> str:
    return (item.full_name if isinstance(item, Table) else item.database_name).lower()


def _in_code(item: _Named) -> tuple[str, ...]:
    """The names in generated code: folder, class and path of a table; attribute and JSON name of a column."""
    if isinstance(item, Table):
        return snake_case(item.name), pascal_case(item.name), f"/{kebab_plural(item.name)}"
    return snake_case(item.name), camel_case(item.name)


def _check_words(item: _Named, path: str, faults: Iterable[str], problems: Problems) -> None:
    if not item.name or problems.touch(f"{path}.name"):
        return
    for fault in faults:
        problems.add(f"{path}.name", f"{quoted(item.name)} {fault}")
        return
    if item.db_name is None and item.database_name in SQL_WORDS:
        fault = f"is the reserved word {item.database_name} in SQL; choose another name or dbName"
        problems.add(f"{path}.name", f"{quoted(item.name)} {fault}")
    elif len(item.database_name.encode()) > MAX_NAME:
        key = "dbName" if item.db_name else "name"
        problems.add(f"{path}.{key}", f"is longer than {MAX_NAME} bytes in the database ({item.database_name})")


def table_faults(table: Table) -> Iterator[str]:
    """Why the table can't have its name; at most the first fault is shown."""
    snake = snake_case(table.name)
    in_database = table.database_name.lower()
    if in_database.startswith(PREFIXES) or in_database in TABLES:
        yield f"is {in_database} in the database, a name with a reserved prefix; choose another name"
    if keyword.iskeyword(snake) or keyword.iskeyword(pascal_case(table.name)):
        yield "is a keyword of Python; choose another name"
    if snake in FOLDERS:
        yield f"needs the folder {snake} in the generated code, which is reserved; choose another name"
    if kebab_plural(table.name) in PATHS:
        yield f"needs the path /{kebab_plural(table.name)}, which the server uses itself; choose another name"


def column_faults(column: Column) -> Iterator[str]:
    """Why the column can't have its name; at most the first fault is shown."""
    snake = snake_case(column.name)
    if keyword.iskeyword(snake) or keyword.iskeyword(column.name):
        yield "is a keyword of Python; choose another name"
    if snake in CLASS_MEMBERS or column.name in CLASS_MEMBERS:
        yield "has a special meaning in the generated classes; choose another name"
    if column.database_name.lower() in COLUMNS:
        yield f"is {column.database_name} in the database, a column that every table has already; choose another name"
