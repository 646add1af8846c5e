"""`gatewright design`: the design document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import example, say
from gatewright.cli.generate import engine_fragments

if TYPE_CHECKING:
    from gatewright.design.difference import Difference, TableChange
    from gatewright.design.document import Check, Design, ForeignKey, Table

app = typer.Typer(help="Import, export, check and compare designs.", epilog=example("gatewright design check"))


@app.command(epilog=example("gatewright design check"))
def check() -> None:
    """Report every error in db.design.json; the exit status is 1 if there is one.

    It also lists closed references, which callers can set only to rows that they may read, and the line that opens
    each; and columns whose values stay taken after their row is deleted, although its table has softDelete.
    """
    from gatewright.design.files import load_complete_design

    design = load_complete_design(Path(), engine_fragments())
    engine = sum(table.is_system for table in design.tables)
    summary = f"No errors. {len(design.tables) - engine} table(s) are yours, {engine} are the engine's."
    say("\n".join([summary, *_placed_lines(design), *_closed_lines(design), *_taken_lines(design)]))


@app.command(epilog=example("gatewright design diff", "git show main:db.design.json | gatewright design diff -"))
def diff(
    former: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="The design to compare with; - reads standard input. Default: the design of the newest migration.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what db.design.json changes in the database, compared with an earlier design."""
    from gatewright.design.difference import compare, keep_ids
    from gatewright.design.files import load_complete_design

    fragments = engine_fragments()
    old = _newest_snapshot() if former is None else _former(former, fragments)
    lines = list(describe(compare(old, keep_ids(old, load_complete_design(Path(), fragments)))))
    say("\n".join(lines) or "The database stays as it is.")


def _placed_lines(design: Design) -> Iterator[str]:
    placed = [f"{table.name} ({table.db_schema})" for table in design.tables if table.db_schema is not None]
    if placed:
        yield f"Schemas, which SQLite does not have; this app needs PostgreSQL: {', '.join(placed)}."


def _closed_lines(design: Design) -> Iterator[str]:
    from gatewright.design.settable import closed_references
    from gatewright.design.writing import write_reference

    lines = [
        f'  {table.name}.{column.name}: "references": {write_reference(reference)}'
        for table, column, reference in closed_references(design)
    ]
    if lines:
        yield "Closed references: callers can set them only to rows that they may read. Paste a line to open one."
        yield from lines


def _taken_lines(design: Design) -> Iterator[str]:
    from gatewright.design.soft_deletion import fully_unique

    lines = [
        f"  {table.name}.{' and '.join(column.name for column in columns)}" for table, columns in fully_unique(design)
    ]
    if lines:
        yield "Values that deleted rows keep, since a reference needs them to be unique in the whole table:"
        yield from lines


def describe(difference: Difference) -> Iterator[str]:
    """Each change of the database on a line."""
    yield from (f"+ {table.name}" for table in difference.added_tables)
    yield from (f"- {table.name}" for table in difference.removed_tables)
    for change in difference.changed_tables:
        yield from _table_lines(change)


def _table_lines(change: TableChange) -> Iterator[str]:
    name = change.new.name
    if change.is_renamed:
        yield f"~ {name} (table {change.old.full_name} is renamed to {change.new.full_name})"
    yield from (f"+ {name}.{column.name}: {column.type}" for column in change.added_columns)
    yield from (f"- {name}.{column.name}: {column.type}" for column in change.removed_columns)
    for column in change.changed_columns:
        yield f"~ {name}.{column.new.name}: {', '.join(sorted(column.aspects))}"
    yield from (f"+ {name}, index on {', '.join(index.columns)}" for index in change.added_indexes)
    yield from (f"- {name}, index on {', '.join(index.columns)}" for index in change.removed_indexes)
    yield from (f"+ {name}, {_rule(rule)}" for rule in change.added_rules)
    yield from (f"- {name}, {_rule(rule)}" for rule in change.removed_rules)


def _rule(rule: Check | ForeignKey) -> str:
    from gatewright.design.document import Check

    if isinstance(rule, Check):
        return f"check {rule.name}"
    return f"foreign key on {', '.join(rule.columns)} to {rule.table}"


def _former(source: str, fragments: list[Table]) -> Design:
    from gatewright.cli.import_sources import read_text, shown
    from gatewright.design.completion import complete
    from gatewright.design.problems import naming_file
    from gatewright.design.reading import read_design

    text = read_text(source)
    with naming_file(shown(source)):
        return complete(read_design(text, engine=fragments), fragments)


def _newest_snapshot() -> Design:
    """The design of the newest migration; an empty one without migrations."""
    from gatewright.migrations.histories import app_history

    history = app_history(Path())
    return history.revisions.design_at(history.head)
