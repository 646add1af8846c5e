"""`gatewright design import`: tables from other tools and databases."""

from __future__ import annotations

from dataclasses import replace as with_changes
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewright.cli.console import Refused, notice, say
from gatewright.cli.generate import engine_fragments

if TYPE_CHECKING:
    from gatewright.design.difference import Difference
    from gatewright.design.document import Column, DefaultValue, Design, Table
    from gatewright.design.importers.imported import Imported


def import_(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A file, the URL of a database, package.module:Base of SQLAlchemy, or -."
        ),
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Replace tables even if that drops columns.")] = False,
    format: Annotated[  # noqa: A002 (shown in help)
        str | None,
        typer.Option(
            metavar="NAME", help="The format, where the name and the content do not tell.", show_default=False
        ),
    ] = None,
) -> None:
    """Add tables to db.design.json, with the columns that the engine needs. Tables with other names are kept.

    What a design cannot hold is listed.
    """
    from gatewright.cli.import_sources import read_source, shown
    from gatewright.design.completion import complete, with_engine
    from gatewright.design.difference import compare
    from gatewright.design.document import Design
    from gatewright.design.files import FILE_NAME, load_design, save_design
    from gatewright.design.problems import naming_file
    from gatewright.design.reading import read_design
    from gatewright.design.schema_file import keep_schema
    from gatewright.design.writing import write_design

    path, fragments = Path(FILE_NAME), engine_fragments()
    present = load_design(path, engine=fragments) if path.exists() else Design(())
    known = complete(present, fragments)
    with naming_file(shown(source)):
        imported = read_source(source, format, known)
        taken = _taken(imported, present, fragments)
    # Read again as a whole: each table may be valid and still conflict with another.
    with naming_file(f"{FILE_NAME} with {shown(source)}"):
        joined = read_design(write_design(with_engine(_joined(present, taken), fragments)), engine=fragments)
    difference = compare(known, complete(joined, fragments))
    if not replace:
        _refuse_losses(difference)
    keep_schema(path.parent)
    is_changed = save_design(path, joined)
    for note in imported.notes:
        notice(note)
    _report(difference, is_changed)


def _taken(imported: Imported, present: Design, fragments: list[Table]) -> Design:
    """The tables of the source, as a design."""
    from gatewright.design.reading import design_of

    names = _names(imported.raw)
    others = [table for table in present.tables if table.name not in names]
    engine = [table for table in fragments if table.name not in {other.name for other in others}]
    design = design_of(imported.raw, engine=[*engine, *others])
    if imported.adds_rules:
        return design
    own = {table.name: table for table in present.tables}
    tables = (_with_rules(table, own.get(table.name), imported) for table in design.tables)
    return with_changes(design, tables=tuple(tables))


def _with_rules(table: Table, present: Table | None, imported: Imported) -> Table:
    """The table with what a database knows nothing of, from the table of that name in the design."""
    if present is None:
        return table
    from gatewright.design.soft_deletion import as_designed

    if present.soft_delete:
        table = as_designed(table, present)
    columns = {column.name: column for column in present.columns}
    return with_changes(
        table,
        id=present.id,
        renamed_from=present.renamed_from,
        description=table.description or present.description,
        example=present.example,
        access=present.access,
        audit=present.audit,
        soft_delete=present.soft_delete,
        columns=tuple(_column_with_rules(column, columns.get(column.name), imported) for column in table.columns),
    )


def _column_with_rules(column: Column, present: Column | None, imported: Imported) -> Column:
    if present is None:
        return column
    default = _default(column, present)
    is_filled = default is not None or present.is_updated_at
    return with_changes(
        column,
        id=present.id,
        renamed_from=present.renamed_from,
        description=column.description or present.description,
        example=present.example,
        db_type=present.db_type if _is_type_unknown(column, present, imported) else column.db_type,
        default_value=default,
        is_required=_is_required(column, present, is_filled=is_filled),
        is_updated_at=present.is_updated_at,
        pattern=column.pattern or present.pattern,
        is_hidden=present.is_hidden,
        is_read_only=present.is_read_only,
        is_input=present.is_input,
    )


def _is_type_unknown(column: Column, present: Column, imported: Imported) -> bool:
    """Whether the source cannot say what the `dbType` is: of SQLite, and of a key that counts there only."""
    if column.db_type is not None or column.type is not present.type:
        return False
    return imported.lacks_types or (column.counts_up and present.default_value is None)


def _is_required(column: Column, present: Column, *, is_filled: bool) -> bool | None:
    """What the design says already, while it means the same; otherwise no more than is needed."""
    if column.is_not_null == present.is_not_null and is_filled == present.is_filled:
        return present.is_required
    return None if column.is_not_null == is_filled else column.is_not_null


def _default(column: Column, present: Column) -> DefaultValue | None:
    """The default; one that Gatewright works out for each row is not in the database."""
    from gatewright.design.document import DefaultFunction

    if column.counts_up and present.default_value is None:
        # What a database makes of any key of one whole number, and no change to its migrations.
        return None
    is_worked_out = column.default_value is None and isinstance(present.default_value, DefaultFunction)
    return present.default_value if is_worked_out else column.default_value


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


def _report(difference: Difference, is_changed: bool) -> None:
    from gatewright.cli.design import describe
    from gatewright.design.files import FILE_NAME

    if is_changed:
        say("\n".join([f"{FILE_NAME} was written.", *describe(difference)]))
    else:
        say(f"{FILE_NAME} already contains these tables.")
