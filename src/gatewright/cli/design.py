"""`gatewright design`: the design document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewright.cli.console import Refused, WrongUse, example, say
from gatewright.cli.generate import engine_fragments

if TYPE_CHECKING:
    from gatewright.design.difference import Difference, TableChange
    from gatewright.design.document import Design, Table

app = typer.Typer(help="Import, export, check and compare designs.", epilog=example("gatewright design check"))


@app.command("import", epilog=example("gatewright design import tables.js", "gatewright design import - < tables.js"))
def import_(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="Tables as JSON or JavaScript literals; - reads standard input.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables even if that drops columns.")] = False,
) -> None:
    """Add tables to db.design.json, with the columns that the engine needs. Tables with other names are kept."""
    from gatewright.design.completion import complete
    from gatewright.design.difference import compare
    from gatewright.design.document import Design
    from gatewright.design.files import FILE_NAME, load_design, save_design
    from gatewright.design.importers.javascript import parse_javascript
    from gatewright.design.problems import naming_file
    from gatewright.design.reading import design_of, read_design
    from gatewright.design.schema_file import keep_schema
    from gatewright.design.writing import write_design

    path, fragments = Path(FILE_NAME), engine_fragments()
    present = load_design(path, engine=fragments) if path.exists() else Design(())
    text = _text(source)
    with naming_file(_shown(source)):
        raw = parse_javascript(text)
        others = [table for table in present.tables if table.name not in _names(raw)]
        taken = design_of(raw, engine=[*fragments, *others])
    # Read again as a whole: each table may be valid and still conflict with another.
    with naming_file(f"{FILE_NAME} with {_shown(source)}"):
        joined = read_design(write_design(complete(_joined(present, taken), fragments)), engine=fragments)
    difference = compare(complete(present, fragments), complete(joined, fragments))
    if not replace:
        _refuse_losses(difference)
    keep_schema(path.parent)
    if save_design(path, joined):
        say("\n".join([f"{FILE_NAME} was written.", *describe(difference)]))
    else:
        say(f"{FILE_NAME} already contains these tables.")


@app.command(epilog=example("gatewright design check"))
def check() -> None:
    """Report every error in db.design.json; the exit status is 1 if there is one.

    It also lists closed references, which callers can set only to rows that they may read, and the line that opens
    each.
    """
    from gatewright.design.files import load_complete_design

    design = load_complete_design(Path(), engine_fragments())
    engine = sum(table.is_system for table in design.tables)
    summary = f"No errors. {len(design.tables) - engine} table(s) are yours, {engine} are the engine's."
    say("\n".join([summary, *_closed_lines(design)]))


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


def describe(difference: Difference) -> Iterator[str]:
    """Each change of the database on a line."""
    yield from (f"+ {table.name}" for table in difference.added_tables)
    yield from (f"- {table.name}" for table in difference.removed_tables)
    for change in difference.changed_tables:
        yield from _table_lines(change)


def _table_lines(change: TableChange) -> Iterator[str]:
    name = change.new.name
    if change.is_renamed:
        yield f"~ {name} (table {change.old.database_name} is renamed to {change.new.database_name})"
    yield from (f"+ {name}.{column.name}: {column.type}" for column in change.added_columns)
    yield from (f"- {name}.{column.name}: {column.type}" for column in change.removed_columns)
    for column in change.changed_columns:
        yield f"~ {name}.{column.new.name}: {', '.join(sorted(column.aspects))}"
    yield from (f"+ {name}, index on {', '.join(index.columns)}" for index in change.added_indexes)
    yield from (f"- {name}, index on {', '.join(index.columns)}" for index in change.removed_indexes)


def _text(source: str) -> str:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise WrongUse(f"{source} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Refused(f"{_shown(source)} is not UTF-8.") from None


def _shown(source: str) -> str:
    return "standard input" if source == "-" else source


def _names(raw: Any) -> set[str]:
    """The names of the tables in raw values, of which nothing is known yet."""
    tables = raw.get("tables", [raw]) if isinstance(raw, dict) else raw
    return (
        {str(table.get("name")) for table in tables if isinstance(table, dict)} if isinstance(tables, list) else set()
    )


def _joined(present: Design, taken: Design) -> Design:
    """The tables of both; of one name, the one of *taken*, in the place that it had."""
    from gatewright.design.document import Design

    tables = {table.name: table for table in (*present.tables, *taken.tables)}
    return Design(tuple(tables.values()))


def _refuse_losses(difference: Difference) -> None:
    lost = [
        f"{change.new.name}.{column.name}" for change in difference.changed_tables for column in change.removed_columns
    ]
    if lost:
        raise Refused(f"The import lacks columns of the design: {', '.join(lost)}. Add --replace to drop them.")


def _former(source: str, fragments: list[Table]) -> Design:
    from gatewright.design.completion import complete
    from gatewright.design.problems import naming_file
    from gatewright.design.reading import read_design

    text = _text(source)
    with naming_file(_shown(source)):
        return complete(read_design(text, engine=fragments), fragments)


def _newest_snapshot() -> Design:
    """The design of the newest migration; an empty one without migrations."""
    from gatewright.migrations.histories import app_history

    history = app_history(Path())
    return history.revisions.design_at(history.head)
