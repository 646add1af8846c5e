"""DBML: what its language has, and what is wrong with a text."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.document import Design
from gatewright.design.importers.dbml import read_dbml
from gatewright.design.importers.imported import MAX_TABLES, Imported, SourceFile
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of
from tests.design.documents import design, table


def read(text: str) -> Imported:
    return read_dbml([SourceFile("x.dbml", text)], Design(()))


def columns(text: str) -> dict[str, Any]:
    """The columns of the first table, by their names."""
    return {column["name"]: column for column in read(text).raw["tables"][0]["columns"]}


def error(text: str) -> str:
    with pytest.raises(DesignError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("default: -1", -1),
        ("default: 3", 3),
        ("default: `2`", 2),
        ("default: '7'", 7),
        ("default: null", None),
    ],
)
def test_defaults_of_numbers(setting: str, value: int | None) -> None:
    """Negative ones as well, which other readers refuse."""
    assert columns(f"Table a {{ id int [pk]\n n int [{setting}] }}")["n"].get("defaultValue") == value


def test_texts_are_read_as_the_official_parser_reads_them() -> None:
    """Escapes, common indentation, a backslash that joins lines, comments that look like text and the reverse."""
    text = r"""
    Table "a \"b\"" { // no } here
      id int [pk, note: 'it\'s // no comment']
      x varchar [note: '''
        one
          two \
    three
      ''']
      /* y int } */
    }
    """
    found = read(text).raw["tables"][0]
    assert found["dbName"] == 'a "b"'
    assert found["columns"][0]["description"] == "it's // no comment"
    assert found["columns"][1]["description"].splitlines()[0] == "one"
    assert len(found["columns"]) == 2


def test_the_side_that_refers_follows_from_the_sign() -> None:
    """Also at the column, with an alias, with optional ends, and in a block."""
    tables = "Table p as Q { id int [pk] }\nTable c { id int [pk]\n p_id int %s }\n"
    for inline, line in (
        ("[ref: > p.id]", ""),
        ("", "Ref: c.p_id > p.id"),
        ("", "Ref: Q.id < c.p_id"),
        ("", "Ref x: p.id ?<? c.p_id"),
        ("", "Ref { c.p_id - p.id }"),
        ("[ref: - p.id]", ""),
    ):
        raw = read(tables % inline + line).raw["tables"]
        assert raw[1]["columns"][1]["references"] == {"table": "P", "onDelete": "noAction"}
        assert "references" not in raw[0]["columns"][0]


def test_what_a_reference_cannot_be_is_listed() -> None:
    """A table that is missing, a column that is not unique, types that differ: the rest is imported."""
    text = """
    Table a { id int [pk]
      b_id int [ref: > gone.id]
      c_id int [ref: > c.plain]
      d_id varchar [ref: > c.id] }
    Table c { id int [pk]
      plain int }
    """
    imported = read(text)
    assert imported.notes == (
        "a: the reference from b_id is left out: there is no table gone.",
        "a: the reference from c_id is left out: plain of c is neither the key nor unique.",
        "a: the reference from d_id is left out: d_id is String, and what it refers to is Int.",
    )
    design_of(imported.raw)


def test_a_reference_may_lead_to_a_table_of_the_app() -> None:
    """One that the file does not hold."""
    known = design(table("Post"))
    text = "Table tags { id int [pk]\n post_id varchar [ref: > posts.id] }"
    imported = read_dbml([SourceFile("x.dbml", text)], known)
    assert imported.raw["tables"][0]["columns"][1]["references"] == {"table": "Post", "onDelete": "noAction"}
    assert [each["name"] for each in imported.raw["tables"]] == ["Tag"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Table a {\n  id int [pk]\n", "line 3, column 1: a name was expected, not the end"),
        ("Table a {\n  id\n}", "line 2, column 3"),
        ("Table a {\n  id int [pk\n}", 'line 3, column 1: "," was expected'),
        ("Table a { id int [note: 'x\n] }", "line 1, column 25: the text that begins with ' is not closed"),
        ("/* Table a", "line 1, column 1: the comment is not closed"),
        ("Table a { id int [pk] }\nTable a { id int [pk] }", 'line 2, column 7: there are two tables "a"'),
        ("Table a { id int [pk]\n id int }", 'line 2, column 2: there are two columns "id"'),
        ("Table a { id int [pk]\n ~gone\n}", 'line 2, column 3: there is no TablePartial "gone"'),
        ("CREATE TABLE a (id int);", 'line 1, column 1: "create" begins nothing in DBML'),
        ('{"tables": []}', "line 1, column 1: a word was expected"),
        ("use { table a } from './b'", "other files are not read"),
        ("Ref: a > b", "a column was expected"),
        ("Project x {" + "{" * 50_000, "is not closed"),
        ("Table a { id int [default: " + "(" * 50_000, '"]" is missing'),
    ],
)
def test_a_wrong_text_is_refused_with_its_line(text: str, message: str) -> None:
    """One clear error: half a file, another tool's file, nesting without end."""
    found = error(text)
    assert message in found
    assert "\n" not in found


def test_more_tables_than_an_app_can_have_are_refused() -> None:
    """Before the design is made of them."""
    text = "".join(f"Table t{number} {{ id int [pk] }}\n" for number in range(MAX_TABLES + 1))
    assert "a design takes at most" in error(text)
