"""Canonical writing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.design.completion import complete
from gatewright.design.document import Design
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.reading import read_design, read_snapshot
from gatewright.design.writing import write_design, write_snapshot
from tests.design.documents import ENGINE, TUTORIAL, column, design, table, text

CANONICAL = """\
{
  "$schema": "./.gatewright/design.schema.json",
  "version": 1,
  "tables": [
    {
      "name": "RefreshToken",
      "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": true, "defaultValue": "cuid()"},
        {"name": "token", "type": "String", "isRequired": true, "isUnique": true},
        {"name": "userId", "type": "String", "isRequired": true, "references": "User"},
        {"name": "expiresAt", "type": "DateTime", "isRequired": true},
        {"name": "createdAt", "type": "DateTime", "defaultValue": "now()"}
      ]
    }
  ]
}
"""


def test_the_example_of_the_contract_is_canonical() -> None:
    """Read and written again, not a byte of it changes."""
    assert write_design(read_design(CANONICAL, engine=ENGINE)) == CANONICAL


def test_the_tutorials_tables_are_written_in_that_form() -> None:
    """Taken in as JavaScript, they come out as the contract prints them."""
    written = write_design(import_javascript(TUTORIAL))
    assert '        {"name": "isEmailVerified", "type": "Boolean", "defaultValue": false},\n' in written
    assert CANONICAL.split('"tables": [\n')[1].removesuffix("    }\n  ]\n}\n") in written
    assert write_design(read_design(written)) == written


def test_every_key_survives() -> None:
    """A document that uses the whole vocabulary means the same after it was written."""
    everything = text(
        table("User", column("phone", isInput=True, minLength=3, maxLength=20, pattern="^[0-9]+$", example="123")),
        table(
            "Post",
            column("title", isRequired=True, isUnique=True, dbName="headline", description='A "line"\nand {another}'),
            column("price", "Decimal", precision=8, scale=2, minValue=0, maxValue=99.5, defaultValue="1.50"),
            column("extra", "Json", defaultValue={"a": [{"b": None}]}, isHidden=True),
            column("note", "Json", defaultValue='"text"', example="null"),
            column("state", "Enum", enumValues=["a", "b"], isIndexed=True, dbType="varchar(8)", isReadOnly=True),
            column("parentId", references={"table": "Post", "onDelete": "setNull", "onUpdate": "cascade"}),
            column("mobile", id="phone"),
            column("fax", renamedFrom="telex"),
            column("changedAt", "DateTime", isUpdatedAt=True),
            column("authorId", references="User"),
            id="Article",
            dbName="articles",
            description="A post.",
            example={"title": "x"},
            softDelete=True,
            indexes=[{"columns": ["title", "state"], "isUnique": True, "name": "by_title", "where": "state = 'a'"}],
            access={"list": "public", "create": ["authenticated", "permission:post.write"], "ownerColumn": "authorId"},
            relationships=[
                {
                    "name": "tags",
                    "type": "ManyToMany",
                    "fromTable": "Post",
                    "fromColumn": "id",
                    "toTable": "User",
                    "toColumn": "id",
                    "throughTable": "PostTag",
                    "throughFromColumn": "a",
                    "throughToColumn": "b",
                    "onDelete": "cascade",
                    "onUpdate": "restrict",
                }
            ],
        ),
    )
    read = read_design(everything)
    written = write_design(read)
    assert read_design(written) == read
    assert write_design(read_design(written)) == written
    assert _keys(json.loads(everything)) <= _keys(json.loads(written))


def test_long_columns_are_broken_and_short_ones_are_not() -> None:
    """No line is longer than 120 characters when it can be helped."""
    long = column("title", description="word " * 40, isRequired=True)
    short = column("body", "Text")
    lines = write_design(design(table("Post", long, short))).splitlines()
    assert '        {"name": "body", "type": "Text"}' in lines
    assert '          "isRequired": true,' in lines


def test_a_document_without_a_schema_is_kept_without_one() -> None:
    """Nothing is added to a document that only was read and written."""
    assert "$schema" not in write_design(design(table("Post")))


def test_a_snapshot_keeps_what_is_marked_as_the_engines() -> None:
    """Read again, a completed design is the same, down to who owns a column."""
    completed = complete(_post(), ENGINE)
    assert read_snapshot(write_snapshot(completed)) == completed
    assert "isSystem" not in write_design(completed)


def _post() -> Design:
    return read_design(text(table("Post", column("authorId", references="User"))), engine=ENGINE)


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


_words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=20)
_columns = st.builds(
    lambda description, default, required, example: column(
        "title", description=description, defaultValue=f"{default} ", isRequired=required, example=example
    ),
    _words,
    _words,
    st.booleans(),
    _words,
)


@settings(max_examples=50)
@given(st.lists(_columns, max_size=1), _words)
def test_any_text_survives_writing(columns: list[dict[str, Any]], description: str) -> None:
    """Writing is the inverse of reading, whatever the texts are, and has one form."""
    read = design(table("Post", *columns, description=description))
    written = write_design(read)
    assert read_design(written) == read
    assert write_design(read_design(written)) == written


def test_the_order_of_keys_in_a_document_does_not_matter() -> None:
    """One design has one text."""
    one = {"tables": [{"columns": [{"type": "Int", "isPrimaryKey": True, "name": "id"}], "name": "Album"}]}
    other = {"tables": [{"name": "Album", "columns": [{"name": "id", "isPrimaryKey": True, "type": "Int"}]}]}
    assert write_design(read_design(json.dumps(one))) == write_design(read_design(json.dumps(other)))


def test_flags_that_say_nothing_are_not_written() -> None:
    """`isUnique: false` is what no mention means."""
    written = write_design(design(table("Post", column("title", isUnique=False), access={"list": "none"})))
    assert "isUnique" not in written
    assert "access" not in written
