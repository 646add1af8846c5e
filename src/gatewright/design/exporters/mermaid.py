"""Mermaid's entity relationship diagrams, which many sites draw in a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import Column, ColumnType, Design, Table
from gatewright.design.exporters.exported import Exported, Held, Losses
from gatewright.design.exporters.links import Link, links_of

_HELD: Held = {
    Table: frozenset(),
    Column: frozenset({"is_primary_key", "is_unique", "precision", "scale", "max_length", "description"}),
}
# A `%` may open a directive anywhere in the text, and `#` opens an entity.
_ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "%": "#37;"})


def export_mermaid(design: Design) -> Exported:
    """*design* as the text of an `erDiagram`, by the names of the design."""
    losses = Losses("Mermaid")
    losses.add_unheld(design, _HELD)
    links = links_of(design)
    keyed = {(link.table.name, name) for link in links for name in link.columns}
    lines = ["erDiagram"]
    for table in design.tables:
        lines += _entity(table, keyed)
    lines += [_relation(link) for link in links]
    return Exported("\n".join(lines) + "\n", losses.notes())


def _entity(table: Table, keyed: set[tuple[str, str]]) -> Iterator[str]:
    yield f'  "{table.name}" {{'
    for column in table.columns:
        keys = _keys(table, column, keyed)
        comment = "" if column.description is None else f' "{_comment(column.description)}"'
        yield f"    {_type(column)} {column.name}{f' {keys}' if keys else ''}{comment}"
    yield "  }"


def _keys(table: Table, column: Column, keyed: set[tuple[str, str]]) -> str:
    marks = (
        ("PK", column.is_primary_key),
        ("FK", (table.name, column.name) in keyed),
        ("UK", column.is_unique),
    )
    return ", ".join(mark for mark, holds in marks if holds)


def _type(column: Column) -> str:
    sizes = (column.precision, column.scale) if column.type is ColumnType.DECIMAL else (column.stored_limits[1],)
    given = ",".join(str(size) for size in sizes if size is not None)
    return f"{column.type}({given})" if given else str(column.type)


def _comment(text: str) -> str:
    return " ".join(text.split()).translate(_ENTITIES)


def _relation(link: Link) -> str:
    one, many = "|o" if link.is_optional else "||", "o|" if link.is_unique else "o{"
    return f'  "{link.to_table.name}" {one}--{many} "{link.table.name}" : "{", ".join(link.columns)}"'
