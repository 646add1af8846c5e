"""Which columns clients may set, and which references are closed to some of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gatewright.design.document import (
    USER,
    Column,
    DefaultFunction,
    Design,
    ForeignKey,
    Reference,
    Rule,
    RuleKind,
    Table,
)
from gatewright.roles import ADMIN

_ADMIN = Rule(RuleKind.ROLE, ADMIN)
_PUBLIC, _AUTHENTICATED = Rule(RuleKind.PUBLIC), Rule(RuleKind.AUTHENTICATED)


def settable(table: Table) -> list[Column]:
    """The columns that clients may set when they create a row."""
    return [] if table.is_system else [column for column in table.columns if _is_settable(column, table)]


def changeable(table: Table) -> list[Column]:
    """The columns that clients may change."""
    return [column for column in settable(table) if not column.is_primary_key]


def closed_references(design: Design) -> Iterator[tuple[Table, Column, Reference]]:
    """The references of a completed *design* that some caller may set, but not to every row.

    Each comes with its table, and with the key that would open it.
    """
    for table in design.tables:
        for column in _inputs(table) if table.name == USER else settable(table):
            reference = column.references
            if reference is None or reference.any_row:
                continue
            target = design.table(reference.table)
            if any(not _reads_all(writer, target) for writer in _writers(table, column)):
                yield table, column, replace(reference, any_row=True)


def names_unreadable_rows(table: Table, key: ForeignKey, target: Table) -> bool:
    """Whether some caller may set a column of *key*, of *table*, and may not read every row of *target*.

    The columns of a key are set one by one, so nothing looks at the row that all of them name together.
    """
    inputs = _inputs(table) if table.name == USER else settable(table)
    writers = {writer for column in inputs if column.name in key.columns for writer in _writers(table, column)}
    return any(not _reads_all(writer, target) for writer in writers)


def _is_settable(column: Column, table: Table) -> bool:
    servers = column.is_read_only or column.is_system or column.is_updated_at or column.computed is not None
    return not (
        servers
        or (column.is_hidden and not column.is_input)
        or isinstance(column.default_value, DefaultFunction)
        or column.name == table.access.owner_column
    )


def _inputs(table: Table) -> list[Column]:
    return [column for column in table.columns if column.is_input and not column.is_system]


def _writers(table: Table, column: Column) -> set[Rule]:
    """The rules that let callers set *column*, without administrators, who may read every row."""
    if table.name == USER:
        return {_PUBLIC, _AUTHENTICATED}
    access = table.access
    return {*access.create, *(() if column.is_primary_key else access.update)} - {_ADMIN}


def _reads_all(writer: Rule, target: Table) -> bool:
    """Whether everyone whom the rule *writer* lets in may read every row of *target*."""
    readers = target.access.read
    if _PUBLIC in readers or writer.kind is RuleKind.PUBLIC:
        return _PUBLIC in readers
    return _AUTHENTICATED in readers or (writer.kind in (RuleKind.ROLE, RuleKind.PERMISSION) and writer in readers)
