"""The source of a revision, as a person would write it, and may change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gatewright.design.python_text import docstring_text, literal
from gatewright.migrations.calls import IMPORTS, Call
from gatewright.migrations.fills import fill_lines, imports_of
from gatewright.migrations.losses import HOW_TO_REQUIRE
from gatewright.migrations.operations import (
    AlterTable,
    Change,
    FillRows,
    OnDatabase,
    Operation,
    Rebuild,
    Refuse,
    RefuseEmptyRows,
    RefuseRows,
    copy_of,
)
from gatewright.migrations.tables import TableShape, in_schema
from gatewright.storage.checks import quoted_name, quoted_table, sql_text

_INDENT = "    "


def render(
    message: str,
    revision: str,
    parents: Sequence[str],
    upgrade: Iterable[Operation],
    downgrade: Iterable[Operation],
) -> str:
    """The source of the revision with the id *revision* that follows *parents*.

    Args:
        message: What it is for, on one line.
        upgrade: The operations to it.
        downgrade: The operations back.
    """
    up = _function("upgrade", upgrade, HOW_TO_REQUIRE)
    down = _function("downgrade", downgrade, "change this downgrade() so that it gives them one")
    body = "\n".join([*up, "", "", *down])
    standard = imports_of(body)
    head = [
        f'"""{docstring_text(message)}',
        "",
        f"Revision: {revision}",
        f"Follows: {' and '.join(parents) or 'nothing'}",
        '"""',
        "",
        *((*standard, "") if standard else ()),
        *(("import sqlalchemy as sa", "from alembic import op") if "op." in body else ()),
        *(line for name, line in reversed(IMPORTS.items()) if name in body),
        *(("",) if "op." in body else ()),
        f"revision = {literal(revision)}",
        f"down_revision = {_down_revision(parents)}",
        "branch_labels = None",
        "depends_on = None",
    ]
    return "\n".join(head) + "\n\n\n" + body + "\n"


def _down_revision(parents: Sequence[str]) -> str:
    if len(parents) > 1:
        return f"({', '.join(map(literal, parents))})"
    return literal(parents[0] if parents else None)


def _function(name: str, operations: Iterable[Operation], way_out: str) -> Iterator[str]:
    yield f"def {name}() -> None:"
    lines = [line for operation in operations for line in _lines(operation, way_out)]
    yield from (f"{_INDENT}{line}" for line in lines or ["pass"])


def _lines(operation: Operation, way_out: str) -> Iterator[str]:
    match operation:
        case Call():
            yield from operation.lines(1)
        case FillRows(table, fill):
            yield from fill_lines(table, fill)
        case RefuseEmptyRows():
            yield from _refusal(operation, way_out)
        case Refuse(words):
            yield f"raise RuntimeError({literal(words)})"
        case RefuseRows():
            yield from _refuse_rows(operation)
        case AlterTable():
            yield from _batch(operation)
        case OnDatabase():
            yield from _on_database(operation)
        case Rebuild(table):
            yield from _rebuild(table, operation.changes)


def _refuse_rows(refuse: RefuseRows) -> Iterator[str]:
    """Statements that refuse rows which do not fit, with their number and the key of one."""
    table, columns = quoted_table(refuse.table), ", ".join(map(quoted_name, refuse.key)) or "1"
    if len(refuse.conditions) == 1 and not refuse.conditions[0][0]:
        yield f"unfit = {_sql(f'FROM {table} WHERE {refuse.conditions[0][1]}')}"
    else:
        yield "unfit = {"
        for dialect, condition in refuse.conditions:
            yield f"{_INDENT}{literal(dialect)}: {_sql(f'FROM {table} WHERE {condition}')},"
        yield "}[op.get_context().dialect.name]"
    yield 'count = op.get_bind().execute(sa.text("SELECT count(*) " + unfit)).scalar()'
    yield "if count:"
    example = ""
    if refuse.key:
        one = _sql(f"SELECT {columns} ")
        yield f'{_INDENT}example = op.get_bind().execute(sa.text({one} + unfit + " LIMIT 1")).first()'
        example = f", such as {', '.join(refuse.key)} {{', '.join(map(repr, example))}}"
    yield f"{_INDENT}raise RuntimeError("
    yield f"{_INDENT * 2}{literal(f'{refuse.table}.{refuse.column} {refuse.words}')}"
    yield f'{_INDENT * 2}f" ({{count}}{example})."'
    yield f"{_INDENT})"


def _sql(text: str) -> str:
    """*text* as a literal for `sa.text`."""
    return literal(sql_text(text).text)


def _on_database(operation: OnDatabase) -> Iterator[str]:
    if operation.comment:
        yield f"# {operation.comment}"
    yield f'if op.get_context().dialect.name == "{operation.dialect}":'
    for call in operation.calls:
        yield from (_INDENT + line for line in call.lines(2))


def _rebuild(table: TableShape, changes: Sequence[Change]) -> Iterator[str]:
    yield "# SQLite builds the table again, since only that renames its constraints."
    yield 'if op.get_context().dialect.name == "sqlite":'
    first, *others = copy_of(table).lines(2)
    yield from (_INDENT + line for line in (f"renamed = {first}", *others))
    name = " as batch" if changes else ""
    named = _table_source(table.name)
    yield f'{_INDENT}with op.batch_alter_table({named}, recreate="always", copy_from=renamed){name}:'
    yield from _changes(changes, depth=2) if changes else [f"{_INDENT * 2}pass"]


def _batch(alter: AlterTable) -> Iterator[str]:
    copy_from = ""
    if alter.before is not None:
        yield "# SQLite rebuilds the table, from its former definition."
        first, *others = alter.before.lines(1)
        yield from (f"before = {first}", *others)
        copy_from = ", copy_from=before"
    yield f"with op.batch_alter_table({_table_source(alter.table)}{copy_from}) as batch:"
    yield from _changes([change for change in alter.changes if not change.dialect], depth=1)
    if own := [change for change in alter.changes if change.dialect]:
        yield f'{_INDENT}if op.get_context().dialect.name == "{own[0].dialect}":'
        yield from _changes(own, depth=2)


def _table_source(full_name: str) -> str:
    """The arguments that name a table, as source."""
    name, schema = in_schema(full_name)
    return ", ".join([literal(name), *(f"{keyword}={literal(value)}" for keyword, value in schema)])


def _changes(changes: Iterable[Change], *, depth: int) -> Iterator[str]:
    for change in changes:
        yield from (_INDENT * depth + line for line in change.call.lines(depth + 1))


def _refusal(refuse: RefuseEmptyRows, way_out: str) -> Iterator[str]:
    """Statements that refuse rows without a value in a column that becomes NOT NULL.

    Args:
        way_out: What to do about such rows.
    """
    name = literal(refuse.column.name)
    column = "" if refuse.is_new else f", sa.column({name}, {refuse.column.type})"
    where = "" if refuse.is_new else f".where(rows.c[{name}].is_(None))"
    table, schema = in_schema(refuse.table)
    named = f", schema={literal(schema[0][1])}" if schema else ""
    yield f"rows = sa.table({literal(table)}{column}{named})"
    yield f"empty = sa.select(sa.literal(1)).select_from(rows){where}"
    yield "if op.get_bind().execute(empty.limit(1)).first() is not None:"
    yield "    raise RuntimeError("
    yield f"        {literal(f'{refuse.table}.{refuse.column.name} is required, ')}"
    yield '        "and rows that are there have no value for it: "'
    yield f"        {literal(way_out + '.')}"
    yield "    )"
