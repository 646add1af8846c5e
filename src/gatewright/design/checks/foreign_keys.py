"""Checks of references of several columns together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatewright.design.document import Design, ForeignKey, OnDelete, Table
from gatewright.design.problems import Problems, quoted
from gatewright.design.settable import names_unreadable_rows


def check_foreign_keys(design: Design, problems: Problems, engine: Sequence[Table]) -> None:
    """Note what is wrong with the `foreignKeys` of a design."""
    tables = {table.name: table for table in (*engine, *design.tables)}
    for i, table in enumerate(design.tables):
        for j, key in enumerate(table.foreign_keys):
            path = f"tables[{i}].foreignKeys[{j}]"
            if not problems.touch(path):
                _check_key(key, table, path, tables, problems)


def _check_key(key: ForeignKey, table: Table, path: str, tables: Mapping[str, Table], problems: Problems) -> None:
    target = tables.get(key.table)
    if target is None:
        problems.add(f"{path}.table", f"no table {quoted(key.table)}", near=key.table, among=tables)
        return
    _check_columns(key.columns, table, f"{path}.columns", problems)
    _check_columns(key.to_columns, target, f"{path}.toColumns", problems)
    if problems.touch(path):
        return
    if len(key.columns) != len(key.to_columns):
        problems.add(f"{path}.toColumns", f"{len(key.columns)} columns reference {len(key.to_columns)}; list as many")
        return
    for name, fault in _faults(key, table, target):
        problems.add(f"{path}.{name}", fault)


def _check_columns(names: Sequence[str], table: Table, path: str, problems: Problems) -> None:
    known = [column.name for column in table.columns]
    if not names:
        problems.add(path, "a foreign key needs at least one column")
    for i, name in enumerate(names):
        if name not in known:
            message = f"no column {quoted(name)} in {quoted(table.name)}"
            problems.add(f"{path}[{i}]", message, near=name, among=known)
        elif name in names[:i]:
            problems.add(f"{path}[{i}]", f"{quoted(name)} is listed twice")


def _faults(key: ForeignKey, table: Table, target: Table) -> Iterator[tuple[str, str]]:
    pairs = [(table.column(a), target.column(b)) for a, b in zip(key.columns, key.to_columns, strict=True)]
    for i, (column, referenced) in enumerate(pairs):
        there = f"{target.name}.{referenced.name}"
        if column.type is not referenced.type:
            yield f"columns[{i}]", f"{there} is {referenced.type}, but {column.name} is {column.type}"
        if referenced.is_hidden and not column.is_hidden:
            yield f"columns[{i}]", f"{there} is hidden, and {column.name} would reveal its values; hide it too"
    if names_unreadable_rows(table, key, target):
        message = f"callers may set these columns who may not read every {target.name}; mark all of them isReadOnly"
        yield "columns", f'{message}, or let the callers read {target.name}, such as "read": "authenticated"'
    if not _is_unique(set(key.to_columns), target):
        names = ", ".join(key.to_columns)
        yield "toColumns", f"{target.name} has neither a key nor a unique index over exactly {names}; add one"
    if OnDelete.SET_NULL in (key.on_delete, key.on_update) and all(column.is_not_null for column, _ in pairs):
        remedy = 'write "isRequired": false' if any(column.is_filled for column, _ in pairs) else "leave isRequired out"
        yield "onDelete", f"setNull needs a column that can be null; choose another action, or {remedy}"


def _is_unique(columns: set[str], table: Table) -> bool:
    keys = [{column.name for column in table.key_columns}]
    keys += [{column.name} for column in table.columns if column.is_unique]
    keys += [set(index.columns) for index in table.indexes if index.is_unique and index.where is None]
    return columns in keys
