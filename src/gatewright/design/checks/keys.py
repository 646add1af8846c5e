"""Checks of primary keys, whose values are in the URLs of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatewright.design.checks.indexes import MOST_COLUMNS
from gatewright.design.document import Column, ColumnType, DefaultFunction, Design, Table
from gatewright.design.problems import Problems, quoted
from gatewright.design.values import KEY_PATTERN, LONGEST_KEY

_TEXTS = (ColumnType.STRING, ColumnType.ENUM)


def check_keys(design: Design, problems: Problems) -> None:
    """Note what is wrong with the keys of a design."""
    for i, table in enumerate(design.tables):
        path = f"tables[{i}].columns"
        _check_presence(table, path, problems)
        for j, column in enumerate(table.columns):
            if not column.is_primary_key or problems.touch(f"{path}[{j}].type"):
                continue
            for key, message in _findings(column, is_whole=len(table.key_columns) == 1):
                if not problems.touch(f"{path}[{j}].{key}"):
                    problems.add(f"{path}[{j}].{key}", message)


def _check_presence(table: Table, path: str, problems: Problems) -> None:
    if problems.touch(path) or not table.name:
        return
    if not table.columns:
        problems.add(path, "a table needs at least one column")
    elif not table.key_columns:
        problems.add(path, 'there is no primary key; mark a column with "isPrimaryKey": true')
    elif len(table.key_columns) > MOST_COLUMNS:
        problems.add(path, f"a key can have at most {MOST_COLUMNS} columns")
    for i, column in enumerate(table.columns):
        if column.counts_up and table.key_columns != (column,):
            problems.add(f"{path}[{i}].defaultValue", "autoincrement() needs a key of one column")


def _findings(column: Column, *, is_whole: bool) -> Iterator[tuple[str, str]]:
    if column.is_hidden:
        yield "isHidden", "a key cannot be hidden, since it is part of the row's URL; leave isHidden out"
    if column.is_updated_at:
        yield "isUpdatedAt", "a key cannot change; leave isUpdatedAt out"
    if column.type is ColumnType.STRING and (column.min_length or 0) > (column.max_length or LONGEST_KEY):
        yield "minLength", f"a key without maxLength has at most {LONGEST_KEY} characters; set maxLength as well"
    value = column.default_value
    if value is not None and not isinstance(value, DefaultFunction):
        if is_whole:
            yield "defaultValue", "every row would have the same key; leave defaultValue out"
        elif not _fits(column, value):
            yield "defaultValue", _unfit(value)
    for k, value in enumerate(column.enum_values):
        if not _fits(column, value):
            yield f"enumValues[{k}]", _unfit(value)


def _fits(column: Column, value: object) -> bool:
    """Whether the value can be in a URL."""
    return column.type not in _TEXTS or bool(re.fullmatch(KEY_PATTERN, str(value)))


def _unfit(value: object) -> str:
    return (
        f"{quoted(value)} cannot be in a URL; it must not be empty, only dots, or contain a slash or control character"
    )
