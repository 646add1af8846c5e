"""The picture of a design."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.design.document import Column, ColumnType, Design, Reference, Table
from gatewright.design.exporters.layout import Box, lay_out
from gatewright.design.exporters.svg import export_svg
from tests.design.exporters.designs import HARD_TEXT, hard_design

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_is_well_formed_and_says_everything() -> None:
    """Every table and column is in it; texts are escaped, and nothing in it runs or is loaded."""
    text = export_svg(hard_design()).text
    root = ElementTree.fromstring(text)  # noqa: S314 (our own text)
    texts = [node.text for node in root.iter(f"{SVG}text")]
    for table in hard_design().tables:
        assert table.name in texts
        assert {column.name for column in table.columns} <= set(texts)
    assert HARD_TEXT in [node.text for node in root.iter(f"{SVG}title")]
    assert not list(root.iter(f"{SVG}script"))
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"href|url\(|@import| on[a-z]+=", text)


def test_characters_that_xml_cannot_hold_become_spaces() -> None:
    """A description may hold any character."""
    table = Table(
        name="Post",
        description="a\x00b\x1bc\ud800d\ufffe",
        columns=(Column(name="id", type=ColumnType.INT, is_primary_key=True),),
    )
    text = export_svg(Design((table,))).text
    assert "a b c d" in text
    ElementTree.fromstring(text.encode())  # noqa: S314 (our own text)


def test_each_reference_is_a_line_with_a_crows_foot() -> None:
    """And one that at most one row makes has a bar instead."""
    text = export_svg(hard_design()).text
    feet = re.findall(r'd="M[0-9.-]+ [0-9.-]+ L[0-9.-]+ [0-9.-]+ L', text)
    # Post, two sessions' tables, Odd.parentId and both columns of Pair; Odd.twinId is unique.
    assert len(feet) == 6
    curves = [path for path in re.findall(r'class="line" d="([^"]+)"', text) if "C" in path]
    assert len(curves) == 7


def test_referenced_tables_stand_left() -> None:
    """A chain of references reads from left to right, and a circle is drawn as well."""
    sizes = dict.fromkeys("cba", (100.0, 50.0))
    boxes = lay_out(sizes, [("c", "b"), ("b", "a")]).boxes
    assert boxes["a"].x < boxes["b"].x < boxes["c"].x
    circle = lay_out(sizes, [("c", "b"), ("b", "a"), ("a", "c"), ("a", "a")]).boxes
    assert len({box.x for box in circle.values()}) == 3


def test_a_chain_longer_than_the_stack_is_drawn() -> None:
    """No recursion: 1,500 tables in a row are ranked."""
    sizes = {str(number): (100.0, 50.0) for number in range(1_500)}
    links = [(str(number), str(number - 1)) for number in range(1, 1_500)]
    assert len(lay_out(sizes, links).boxes) == 1_500


@settings(max_examples=40)
@given(st.data())
def test_no_two_boxes_overlap(data: st.DataObject) -> None:
    """However the tables refer to each other; and no line to another box passes through one."""
    count = data.draw(st.integers(1, 14))
    names = [f"t{number}" for number in range(count)]
    sizes = {name: (float(data.draw(st.integers(60, 300))), float(data.draw(st.integers(40, 600)))) for name in names}
    links = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=30))
    layout = lay_out(sizes, links)
    for one, other in combinations([*layout.boxes.values(), *layout.lanes.values()], 2):
        assert not overlap(one, other)
    for box in layout.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_an_empty_design_is_a_picture_too() -> None:
    """Nothing is drawn, and nothing fails."""
    ElementTree.fromstring(export_svg(Design(())).text)  # noqa: S314 (our own text)


def test_a_table_that_is_referenced_and_not_there_has_no_line() -> None:
    """A fragment of a design can be drawn alone."""
    columns = (
        Column(name="id", type=ColumnType.INT, is_primary_key=True),
        Column(name="userId", type=ColumnType.STRING, references=Reference("User")),
    )
    assert "L" not in "".join(
        re.findall(r'class="line" d="([^"]+)"', export_svg(Design((Table(name="Post", columns=columns),))).text)
    )
