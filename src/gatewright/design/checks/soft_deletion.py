"""Checks of `softDelete`: the column that it needs, and what refers to rows that are kept."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import Column, ColumnType, Design, OnDelete, Table
from gatewright.design.naming import camel_case, snake_case
from gatewright.design.problems import Problems, quoted
from gatewright.design.settable import settable
from gatewright.design.soft_deletion import DELETED_AT, is_join_table


def check_soft_deletion(design: Design, problems: Problems) -> None:
    """Note what does not go together with the `softDelete` of a table."""
    marked = {table.name: table for table in design.tables if table.soft_delete}
    for i, table in enumerate(design.tables):
        faults = [*_reference_faults(table, marked)]
        if table.soft_delete:
            faults += _column_faults(table)
        for key, message in faults:
            if not problems.touch(f"tables[{i}].{key}"):
                problems.add(f"tables[{i}].{key}", message)


def _column_faults(table: Table) -> Iterator[tuple[str, str]]:
    own = any(column.name == DELETED_AT for column in table.columns)
    for j, column in enumerate(table.columns):
        path, name = f"columns[{j}]", f"{table.name}.{column.name}"
        if column.name == DELETED_AT:
            yield from ((f"{path}.{key}", message) for key, message in _unfit(column, name))
        elif not own and (form := _clash(column)):
            message = f"{name} is {form}, like the column {DELETED_AT} that softDelete adds; rename it"
            yield f"{path}.name", message


def _unfit(column: Column, name: str) -> Iterator[tuple[str, str]]:
    """Why the design's own column cannot hold the time of deletion."""
    if column.type is not ColumnType.DATE_TIME:
        yield "type", f"softDelete keeps the time of deletion in {name}; make it DateTime, or rename it"
    reasons = {
        "isPrimaryKey": column.is_primary_key,
        "isRequired": bool(column.is_required),
        "isUnique": column.is_unique,
        "isUpdatedAt": column.is_updated_at,
        "defaultValue": column.default_value is not None,
        "computed": column.computed is not None,
        "references": column.references is not None,
        "isInput": column.is_input,
    }
    for key in (key for key, is_set in reasons.items() if is_set):
        yield key, f"softDelete sets {name}, which is empty until the row is deleted; leave {key} out"


def _clash(column: Column) -> str:
    """What the two columns would both be called, and where; empty when their names differ."""
    if column.database_name.lower() == snake_case(DELETED_AT):
        return f"{column.database_name} in the database"
    alike = (snake_case(column.name), camel_case(column.name)) in ((snake_case(DELETED_AT), DELETED_AT),)
    return f"{snake_case(DELETED_AT)} in the code" if alike else ""


def _reference_faults(table: Table, marked: dict[str, Table]) -> Iterator[tuple[str, str]]:
    for j, column in enumerate(table.columns):
        reference = column.references
        if reference is None or reference.table not in marked:
            continue
        if message := _action_fault(column.on_delete, table, reference.table):
            yield f"columns[{j}].references", message
    inputs = {column.name for column in settable(table)}
    for j, key in enumerate(table.foreign_keys):
        if key.table not in marked:
            continue
        if message := _action_fault(key.on_delete, table, key.table):
            yield f"foreignKeys[{j}].onDelete", message
        if names := [name for name in key.columns if name in inputs]:
            listed = " and ".join(map(quoted, names))
            message = f"callers could name a deleted {key.table}; mark {listed} isReadOnly, or refer by one column"
            yield f"foreignKeys[{j}].columns", message


def _action_fault(action: OnDelete | None, table: Table, target: str) -> str:
    """Why that cannot happen to rows of *table* when a row of *target* is marked as deleted; empty when it can."""
    if action is OnDelete.SET_DEFAULT:
        return f"{target} has softDelete, and only a real delete sets a default; choose another onDelete"
    if action is not OnDelete.CASCADE or table.soft_delete or is_join_table(table):
        return ""
    return (
        f"{target} has softDelete, but its {table.name} rows would be lost with a deleted row; "
        f'set "softDelete": true on {table.name} too, or choose another onDelete'
    )
