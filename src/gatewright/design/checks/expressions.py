"""Checks of what a design says in SQL: computed columns and conditions of rows."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.checks.indexes import condition_fault
from gatewright.design.document import Column, Design, Table
from gatewright.design.problems import Problems, quoted


def check_expressions(design: Design, problems: Problems) -> None:
    """Note what is wrong with `computed` and `checks`."""
    for i, table in enumerate(design.tables):
        for key, message in (*_computed_faults(table), *_check_faults(table)):
            if not problems.touch(f"tables[{i}].{key}"):
                problems.add(f"tables[{i}].{key}", message)


def _computed_faults(table: Table) -> Iterator[tuple[str, str]]:
    for j, column in enumerate(table.columns):
        if column.computed is None:
            continue
        if fault := condition_fault(column.computed.expression):
            yield f"columns[{j}].computed.expression", fault
        for key in _contradictions(column):
            yield f"columns[{j}].{key}", f"the database computes {quoted(column.name)}; leave {key} out"


def _contradictions(column: Column) -> Iterator[str]:
    if column.is_primary_key:
        yield "isPrimaryKey"
    if column.default_value is not None:
        yield "defaultValue"
    if column.is_updated_at:
        yield "isUpdatedAt"
    if column.references is not None:
        yield "references"
    if column.is_input:
        yield "isInput"


def _check_faults(table: Table) -> Iterator[tuple[str, str]]:
    names = [check.name for check in table.checks]
    for j, check in enumerate(table.checks):
        if fault := condition_fault(check.expression):
            yield f"checks[{j}].expression", fault
        if check.name in names[:j]:
            yield f"checks[{j}].name", f"there are two checks {quoted(check.name)}; rename one of them"
