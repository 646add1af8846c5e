"""One picture of a whole design: boxes for tables, lines with crow's feet for references.

The picture carries its own colours for light and for dark pages, and needs no font and no script.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from gatewright.design.document import Column, Design, Table
from gatewright.design.exporters.exported import Exported, Held, Losses
from gatewright.design.exporters.layout import GAP_X, Box, Layout, lay_out, passed
from gatewright.design.exporters.links import links_of

_HELD: Held = {
    Table: frozenset({"description"}),
    Column: frozenset({"is_primary_key", "is_required", "is_unique", "description"}),
}
_CHARACTER = 7.4
_ROW = 20
_HEAD = 28
_FOOT = 6
_PAD = 10
_MARKS = 3
_SPACE = 2
_CROW, _HALF = 12, 6
_STYLE = """\
  .page { fill: #ffffff } .box { fill: #ffffff; stroke: #8c959f } .head { fill: #eaeef2 }
  .line { fill: none; stroke: #57606a; stroke-width: 1.2 }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
  .name { font-weight: bold } .type { fill: #59636e } .mark { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .box { fill: #161b22; stroke: #6e7681 } .head { fill: #21262d }
    .line { stroke: #9198a1 }
    text { fill: #e6edf3 } .type { fill: #9198a1 } .mark { fill: #58a6ff }
  }"""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the picture, from the table with the foreign key.

    Attributes:
        column, to_column: The rows of the boxes where it begins and ends.
        is_many: Whether many rows may stand at its beginning.
    """

    table: str
    column: str
    to_table: str
    to_column: str
    is_many: bool


def export_svg(design: Design) -> Exported:
    """*design* as an SVG picture, by the names of the design."""
    losses = Losses("The picture")
    losses.add_unheld(design, _HELD)
    lines = list(_lines(design))
    keyed = {(line.table, line.column) for line in lines}
    layout = lay_out({table.name: _size(table) for table in design.tables}, [(x.table, x.to_table) for x in lines])
    tables = {table.name: table for table in design.tables}
    drawn = [_drawn(line, layout, tables) for line in lines]
    boxes = [_box(table, layout.boxes[table.name], keyed) for table in design.tables]
    width, height = max(layout.width, 60), max(layout.height, 60)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img">'
    )
    page = f'<rect class="page" width="{width:g}" height="{height:g}"/>'
    title = f"<title>{len(design.tables)} tables: {', '.join(tables)}</title>"
    return Exported(
        "\n".join([head, title, f"<style>\n{_STYLE}\n</style>", page, *drawn, *boxes, "</svg>", ""]), losses.notes()
    )


def _lines(design: Design) -> Iterator[_Line]:
    for link in links_of(design):
        yield _Line(
            link.table.name,
            link.columns[0],
            link.to_table.name,
            link.to_columns[0],
            is_many=not link.is_unique,
        )


def _size(table: Table) -> tuple[float, float]:
    names = max(len(column.name) for column in table.columns)
    types = max(len(_type(column)) for column in table.columns)
    characters = max(_MARKS + names + _SPACE + types, len(table.name))
    return round(characters * _CHARACTER + 2 * _PAD, 1), _HEAD + _ROW * len(table.columns) + _FOOT


def _type(column: Column) -> str:
    return str(column.type) + ("" if column.is_not_null else "?")


def _box(table: Table, box: Box, keyed: set[tuple[str, str]]) -> str:
    lines = [
        f'<g transform="translate({box.x:g} {box.y:g})">',
        f"<title>{_text(table.description or table.name)}</title>",
        f'<rect class="box" width="{box.width:g}" height="{box.height:g}" rx="4"/>',
        f'<path class="head" d="M0.5 {_HEAD} V4.5 a4 4 0 0 1 4 -4 H{box.width - 4.5:g} a4 4 0 0 1 4 4 V{_HEAD} z"/>',
        f'<text class="name" x="{_PAD}" y="19">{_text(table.name)}</text>',
    ]
    for i, column in enumerate(table.columns):
        lines.append(_row(table, column, box, _HEAD + _ROW * i + 16, keyed))
    return "\n".join([*lines, "</g>"])


def _row(table: Table, column: Column, box: Box, y: float, keyed: set[tuple[str, str]]) -> str:
    mark = _mark(column, is_reference=(table.name, column.name) in keyed)
    texts = [
        f'<text class="mark" x="{_PAD}" y="{y:g}">{mark}</text>' if mark else "",
        f'<text x="{_PAD + _MARKS * _CHARACTER:g}" y="{y:g}">{_text(column.name)}</text>',
        f'<text class="type" x="{box.width - _PAD:g}" y="{y:g}" text-anchor="end">{_text(_type(column))}</text>',
    ]
    described = "".join(texts)
    if column.description is None:
        return described
    return f"<g><title>{_text(column.description)}</title>{described}</g>"


def _mark(column: Column, *, is_reference: bool) -> str:
    if column.is_primary_key:
        return "PK"
    return "FK" if is_reference else "UK" if column.is_unique else ""


def _drawn(line: _Line, layout: Layout, tables: dict[str, Table]) -> str:
    here, there = layout.boxes[line.table], layout.boxes[line.to_table]
    child, parent = layout.column[line.table], layout.column[line.to_table]
    start_y = here.y + _row_middle(tables[line.table], line.column)
    end_y = there.y + _row_middle(tables[line.to_table], line.to_column)
    goes_left = parent < child
    start_x = here.x if goes_left else here.x + here.width
    if parent == child:
        return _loop(line, start_x, start_y, there.x + there.width, end_y)
    end_x = there.x + there.width if goes_left else there.x
    points = [(start_x, start_y)]
    for number in passed(child, parent):
        lane = layout.lanes[line.to_table, number]
        sides = (lane.x + lane.width, lane.x) if goes_left else (lane.x, lane.x + lane.width)
        points += [(x, lane.y + lane.height / 2) for x in sides]
    points.append((end_x, end_y))
    way = -1 if goes_left else 1
    curves = _curves(points, way)
    return "\n".join([curves, *_ends(line, points[0], points[-1], way, -way)])


def _curves(points: list[tuple[float, float]], way: int) -> str:
    """A line through *points* that leaves and enters boxes level, and goes straight through a column."""
    path = [f"M{points[0][0]:g} {points[0][1]:g} h{way * _CROW * 1.5:g}"]
    for i in range(0, len(points), 2):
        (x, y), (to_x, to_y) = points[i], points[i + 1]
        begin = x + way * _CROW * 1.5 if i == 0 else x
        end = to_x - way * _CROW * 1.5 if i + 2 == len(points) else to_x
        middle = (begin + end) / 2
        path.append(f"C{middle:g} {y:g} {middle:g} {to_y:g} {end:g} {to_y:g}")
        path.append(f"H{points[i + 2][0]:g}" if i + 2 < len(points) else f"H{to_x:g}")
    return f'<path class="line" d="{" ".join(path)}"/>'


def _loop(line: _Line, x: float, y: float, to_x: float, to_y: float) -> str:
    """A line on the right of boxes that stand in one column, or of one box that refers to itself."""
    turn = max(x, to_x) + GAP_X * 0.45
    y, to_y = (y + _HALF / 2, to_y - _HALF / 2) if y == to_y else (y, to_y)
    path = f'<path class="line" d="M{x:g} {y:g} C{turn:g} {y:g} {turn:g} {to_y:g} {to_x:g} {to_y:g}"/>'
    return "\n".join([path, *_ends(line, (x, y), (to_x, to_y), 1, 1)])


def _ends(line: _Line, start: tuple[float, float], end: tuple[float, float], way: int, end_way: int) -> Iterator[str]:
    yield _foot(*start, way) if line.is_many else _bar(*start, way)
    # Many lines end at one place, so that nothing else fits there: `?` behind a type says that it may be empty.
    yield _bar(*end, end_way)


def _foot(x: float, y: float, way: int) -> str:
    tip = x + way * _CROW
    return f'<path class="line" d="M{x:g} {y - _HALF:g} L{tip:g} {y:g} L{x:g} {y + _HALF:g}"/>'


def _bar(x: float, y: float, way: int) -> str:
    return f'<path class="line" d="M{x + way * _HALF:g} {y - _HALF:g} v{2 * _HALF}"/>'


def _row_middle(table: Table, column: str) -> float:
    return _HEAD + _ROW * [found.name for found in table.columns].index(column) + _ROW / 2 + 1


def _text(text: str) -> str:
    """*text* as XML, without the characters that XML cannot hold."""
    kept = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
    return escape(kept, quote=True)
