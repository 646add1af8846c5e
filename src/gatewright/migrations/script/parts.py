"""The parts of tables as calls in a revision's source."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.migrations.script.calls import Call
from gatewright.migrations.script.literals import literal, literals
from gatewright.migrations.shapes import ColumnShape, ConstraintShape, IndexShape, TableShape


def table_parts(table: TableShape) -> list[Call]:
    """The columns and the constraints of a table."""
    return [*map(column_call, table.columns), *map(_constraint, table.constraints)]


def column_call(column: ColumnShape) -> Call:
    """A column."""
    default = () if column.default is None else (f"server_default={column.default}",)
    return Call("sa.Column", (literal(column.name), column.type, *default, f"nullable={column.nullable}"))


def _constraint(constraint: ConstraintShape) -> Call:
    name = f"name={name_of(constraint.name)}"
    match constraint.kind:
        case "primary":
            return Call("sa.PrimaryKeyConstraint", (*map(literal, constraint.columns), name))
        case "unique":
            return Call("sa.UniqueConstraint", (*map(literal, constraint.columns), name))
        case "check":
            alone = f'.ddl_if(dialect="{constraint.dialect}")' if constraint.dialect else ""
            return Call("sa.CheckConstraint", (literal(constraint.condition), name), end=alone)
    targets = literals([f"{constraint.target}.{column}" for column in constraint.target_columns])
    return Call("sa.ForeignKeyConstraint", (literals(constraint.columns), targets, name, *_on(constraint)))


def create_constraint(constraint: ConstraintShape) -> Call:
    """A constraint that a table gets."""
    name = name_of(constraint.name)
    match constraint.kind:
        case "unique":
            return Call("create_unique_constraint", (name, literals(constraint.columns)))
        case "check":
            return Call("create_check_constraint", (name, literal(constraint.condition)), dialect=constraint.dialect)
    ends = (literal(constraint.target), literals(constraint.columns), literals(constraint.target_columns))
    return Call("create_foreign_key", (name, *ends, *_on(constraint)))


def _on(constraint: ConstraintShape) -> Iterator[str]:
    if constraint.on_delete is not None:
        yield f"ondelete={literal(constraint.on_delete)}"
    if constraint.on_update is not None:
        yield f"onupdate={literal(constraint.on_update)}"


def index_call(index: IndexShape) -> Call:
    """An index, as a part of a table."""
    return Call("sa.Index", (name_of(index.name), *map(literal, index.columns), f"unique={index.unique}"))


def create_index(index: IndexShape, on: str, *table: str) -> Call:
    """An index that a table gets."""
    unique = ("unique=True",) if index.unique else ()
    return Call(f"{on}create_index", (name_of(index.name), *table, literals(index.columns), *unique))


def name_of(name: str) -> str:
    """A name as the database has it; where it takes no more, shortened alike each time, which is what `op.f` does."""
    return f"op.f({literal(name)})"
