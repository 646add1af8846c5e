"""What changes in a table, as calls of Alembic's batch operations."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.migrations.script.calls import Call
from gatewright.migrations.script.literals import literal
from gatewright.migrations.script.parts import column_call, create_constraint, create_index, name_of
from gatewright.migrations.shapes import ColumnShape, TableShape


def keeps_table(call: Call) -> bool:
    """Whether SQLite can do it to the table as it is, by Alembic's rules (`SQLiteImpl.requires_recreate_in_batch`)."""
    computed = any(f"server_default=sa.{value}()" in str(call) for value in ("true", "false"))
    return call.function in ("add_column", "create_index", "drop_index") and not computed


def changes(before: TableShape, after: TableShape) -> Iterator[Call]:
    """The calls that change the table; what goes, goes first, and references before all else."""
    yield from (Call("drop_index", (name_of(index.name),)) for index in before.indexes if index not in after.indexes)
    gone = [each for each in before.constraints if each not in after.constraints]
    for each in sorted(gone, key=lambda constraint: constraint.kind != "foreignkey"):
        yield Call("drop_constraint", (name_of(each.name), f"type_={literal(each.kind)}"), dialect=each.dialect)
    gone_columns = [column for column in before.columns if after.column(column.name) is None]
    yield from (Call("drop_column", (literal(column.name),)) for column in gone_columns)
    for column in after.columns:
        former = before.column(column.name)
        if former is None:
            yield Call("add_column", (column_call(column),))
        elif former != column:
            yield Call("alter_column", tuple(_alterations(former, column)))
    yield from (create_constraint(each) for each in after.constraints if each not in before.constraints)
    yield from (create_index(index, "") for index in after.indexes if index not in before.indexes)


def _alterations(former: ColumnShape, column: ColumnShape) -> Iterator[str]:
    yield literal(column.name)
    yield f"existing_type={former.type}"
    if column.type != former.type:
        yield f"type_={column.type}"
    is_new = "" if column.nullable != former.nullable else "existing_"
    yield f"{is_new}nullable={column.nullable}"
    if column.default != former.default:
        yield f"server_default={column.default}"
    elif column.default is not None:
        yield f"existing_server_default={column.default}"
