"""The source of a revision: what a person would have written by hand, and may change by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gatewright.migrations.losses import HOW_TO_REQUIRE
from gatewright.migrations.script.calls import Call
from gatewright.migrations.script.changes import changes, keeps_table
from gatewright.migrations.script.fills import IMPORTS, fill_lines, guard_lines, moments_in
from gatewright.migrations.script.literals import docstring_line, literal
from gatewright.migrations.script.parts import create_index, index_call, table_parts
from gatewright.migrations.shapes import ColumnShape, TableShape
from gatewright.migrations.steps import AlterTable, CreateTable, DropTable, Fill, Step

_INDENT = "    "


def render(message: str, revision: str, parent: str | None, upgrade: Iterable[Step], downgrade: Iterable[Step]) -> str:
    """The source of the revision with the id *revision* that follows *parent*.

    Args:
        message: What it is for, on one line.
        upgrade: The steps to it.
        downgrade: The steps back.
    """
    up = _function("upgrade", upgrade, HOW_TO_REQUIRE)
    down = _function("downgrade", downgrade, "change this downgrade() so that it gives them one")
    body = "\n".join([*up, "", "", *down])
    head = [
        f'"""{docstring_line(message)}',
        "",
        f"Revision: {revision}",
        f"Follows: {parent or 'nothing'}",
        '"""',
        "",
        *_imports(body),
        f"revision = {literal(revision)}",
        f"down_revision = {'None' if parent is None else literal(parent)}",
        "branch_labels = None",
        "depends_on = None",
    ]
    return "\n".join(head) + "\n\n\n" + body + "\n"


def _imports(body: str) -> Iterator[str]:
    needed = [line for mark, line in IMPORTS.items() if mark in body]
    standard = sorted(filter(None, [*needed, moments_in(body)]), key=lambda line: (line.startswith("from"), line))
    yield from (*standard, "") if standard else ()
    yield from ("import sqlalchemy as sa", "from alembic import op", "")


def _function(name: str, steps: Iterable[Step], way_out: str) -> Iterator[str]:
    yield f"def {name}() -> None:"
    lines = [line for step in steps for line in _step(step, way_out)]
    yield from (f"{_INDENT}{line}" for line in lines or ["pass"])


def _step(step: Step, way_out: str) -> Iterator[str]:
    match step:
        case CreateTable(table):
            yield from Call("op.create_table", (literal(table.name), *table_parts(table)), spread=True).lines(1)
            for index in table.indexes:
                yield from create_index(index, "op.", literal(table.name)).lines(1)
        case DropTable(name):
            yield f"op.drop_table({literal(name)})"
        case AlterTable(before, after, fills):
            for column in _unfilled(before, after, fills):
                yield from guard_lines(before, column, way_out)
            yield from _alteration(before, after, [fill for fill in fills if _is_due(before, after, fill)])


def _is_due(before: TableShape, after: TableShape, fill: Fill) -> bool:
    """Whether the database does not fill the column by itself, with its default, when it makes it."""
    column = after.column(fill.column.database_name)
    assert column is not None
    fills_itself = before.column(column.name) is None and column.default is not None
    return not (fills_itself and fill.value == fill.column.default_value)


def _unfilled(before: TableShape, after: TableShape, fills: Sequence[Fill]) -> Iterator[ColumnShape]:
    """The columns that become NOT NULL, and for which nobody says what rows get that are there."""
    filled = {fill.column.database_name for fill in fills}
    for column in after.columns:
        former = before.column(column.name)
        if not column.nullable and (former is None or former.nullable) and column.name not in filled:
            yield column


def _alteration(before: TableShape, after: TableShape, fills: Sequence[Fill]) -> Iterator[str]:
    if not fills:
        yield from _batch(before, after)
        return
    # What is new waits until the rows are filled.
    names = {fill.column.database_name for fill in fills}
    between = replace(
        after,
        columns=tuple(replace(each, nullable=True) if each.name in names else each for each in after.columns),
        constraints=tuple(each for each in after.constraints if each in before.constraints),
        indexes=tuple(each for each in after.indexes if each in before.indexes),
    )
    yield from _batch(before, between)
    for fill in fills:
        yield from fill_lines(after, fill)
    yield from _batch(between, after)


def _batch(before: TableShape, after: TableShape) -> Iterator[str]:
    calls = list(changes(before, after))
    if not calls:
        return
    table = literal(before.name)
    if all(keeps_table(call) for call in calls):
        yield f"with op.batch_alter_table({table}) as batch:"
    else:
        yield "# SQLite makes the table anew, from what it was."
        indexes = map(index_call, before.indexes)
        parts: list[str | Call] = [table, "sa.MetaData()", *table_parts(before), *indexes]
        yield from Call("before = sa.Table", tuple(parts), spread=True).lines(1)
        yield f"with op.batch_alter_table({table}, copy_from=before) as batch:"
    yield from _in_batch([call for call in calls if not call.dialect], depth=1)
    if own := [call for call in calls if call.dialect]:
        yield f'{_INDENT}if op.get_context().dialect.name == "{own[0].dialect}":'
        yield from _in_batch(own, depth=2)


def _in_batch(calls: Sequence[Call], *, depth: int) -> Iterator[str]:
    for call in calls:
        lines = replace(call, function=f"batch.{call.function}").lines(depth + 1)
        yield from (_INDENT * depth + line for line in lines)
