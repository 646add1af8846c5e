"""`gatewright design export`: the design in the formats of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from gatewright.cli.console import WrongUse, notice, say
from gatewright.cli.generate import engine_fragments

if TYPE_CHECKING:
    from gatewright.design.document import Design
    from gatewright.design.exporters.exported import Exported

Format = Literal["sql", "dbml", "mermaid", "prisma", "svg", "json-schema"]
Dialect = Literal["postgresql", "sqlite"]
FORMATS: tuple[Format, ...] = get_args(Format)


def export(
    format: Annotated[Format, typer.Argument(help="What to write.", show_default=False)],  # noqa: A002 (shown in help)
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write; default: standard output.")
    ] = None,
    dialect: Annotated[
        Dialect | None, typer.Option(help="The database that SQL is for; default: postgresql.", show_default=False)
    ] = None,
) -> None:
    """Write the design, with the engine's tables, in another format. What the format cannot hold is listed."""
    from gatewright.design.files import load_complete_design

    if dialect is not None and format != "sql":
        raise WrongUse(f"--dialect is for sql, not for {format}.")
    exported = _exported(load_complete_design(Path(), engine_fragments()), format, dialect or "postgresql")
    if output is None:
        say(exported.text.removesuffix("\n"))
    else:
        _write(output, exported.text)
    for note in exported.notes:
        notice(note)


def _exported(design: Design, format: Format, dialect: Dialect) -> Exported:  # noqa: A002 (as above)
    match format:
        case "sql":
            from gatewright.storage.creation import export_sql

            return export_sql(design, dialect)
        case "dbml":
            from gatewright.design.exporters.dbml import export_dbml

            return export_dbml(design)
        case "mermaid":
            from gatewright.design.exporters.mermaid import export_mermaid

            return export_mermaid(design)
        case "prisma":
            from gatewright.design.exporters.prisma import export_prisma

            return export_prisma(design)
        case "svg":
            from gatewright.design.exporters.svg import export_svg

            return export_svg(design)
        case "json-schema":
            from gatewright.crud.row_schemas import export_json_schema

            return export_json_schema(design)


def _write(path: Path, text: str) -> None:
    from gatewright.files import write_whole

    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}.") from None
    say(f"{path} was written.")
