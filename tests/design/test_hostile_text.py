"""Hostile text in every field of a design is an error, or comes out as the text that it was."""

from __future__ import annotations

import json

import pytest

from gatewright.design import document
from gatewright.design.document import ColumnType
from gatewright.design.kinds import DATABASE_NAME, TEXT, VALUE, Key, ListOf, keys_of
from gatewright.design.problems import DesignError
from gatewright.design.reading import read_design
from gatewright.design.writing import write_design
from tests.design.documents import ID, column, table, text

HOSTILE = [
    "'", '"', '"""', "'''", "\\", "\n", "a\nb", "{}", "{{ 7 * 7 }}", "{% raw %}", "${x}", "%s", "#", "`", "\0", "\r",
    "class", "None", "__class__", "__import__('os').system('id')", "'; DROP TABLE users; --", "\u202e", "\u2028",
    "</script><script>", "../../etc/passwd", "a" * 70_000, "\ud800", "🙂", " ", "", "-1", "\x1b[2J",
]  # fmt: skip

# Kinds of values that may be any text; all others end in a name, a number, or a choice from a list.
FREE = (TEXT, ListOf(TEXT), VALUE, DATABASE_NAME)


def documents(hostile: str) -> list[tuple[Key, str]]:
    """A document for each key of the vocabulary, with the text as its value."""
    reference = {"table": "Post", "column": "id"}
    relationship = {"name": "others", "type": "OneToMany", "toTable": "Post"}
    check = {"name": "positive", "expression": "id > 0"}
    foreign_key = {"columns": ["id"], "table": "Post", "toColumns": ["id"]}
    columns = [key for key in keys_of(document.Column) if key.name not in ("name", "type")]
    posts = [
        *((key, {**table("Post", column("title")), key.name: hostile}) for key in keys_of(document.Table)),
        *((key, table("Post", {**column("x"), key.name: hostile})) for key in keys_of(document.Column)),
        *((key, table("Post", column("x", "Json", **{key.name: hostile}))) for key in columns),
        *(
            (key, table("Post", column("x", references={**reference, key.name: hostile})))
            for key in keys_of(document.Reference)
        ),
        *((key, table("Post", indexes=[{"columns": ["id"], key.name: hostile}])) for key in keys_of(document.Index)),
        *((key, table("Post", access={key.name: hostile})) for key in keys_of(document.Access)),
        *((key, table("Post", checks=[{**check, key.name: hostile}])) for key in keys_of(document.Check)),
        *(
            (key, table("Post", column("x", computed={"expression": "id", key.name: hostile})))
            for key in keys_of(document.Computed)
        ),
        *(
            (key, table("Post", foreignKeys=[{**foreign_key, key.name: hostile}]))
            for key in keys_of(document.ForeignKey)
        ),
        *(
            (key, table("Post", relationships=[{**relationship, key.name: hostile}]))
            for key in keys_of(document.Relationship)
        ),
    ]
    return [(key, text(post)) for key, post in posts]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: ascii(value)[:20])
def test_a_hostile_text_is_an_error_or_stays_a_text(hostile: str) -> None:
    """What is taken is kept letter by letter and survives writing; where a name is meant, only a name gets in."""
    for key, written in documents(hostile):
        try:
            read = read_design(written)
        except DesignError as error:
            assert all(line.isprintable() for line in str(error).splitlines()), ascii(str(error))  # noqa: PT017
            continue
        assert key.kind in FREE or hostile in ("none",) or _is_plain(hostile), (key.name, hostile)
        assert read_design(write_design(read)) == read


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: ascii(value)[:20])
def test_a_hostile_key_is_an_unknown_key(hostile: str) -> None:
    """Also the keys of an object are somebody's text."""
    for raw in ({hostile: 1}, {**table("Post"), hostile: 1}, {"name": "Post", "columns": [{**ID, hostile: 1}]}):
        with pytest.raises(DesignError) as caught:
            read_design(json.dumps({"tables": [raw]}))
        assert all(line.isprintable() for line in str(caught.value).splitlines())


@pytest.mark.parametrize("hostile", ["'", '"""', "{% raw %}", "a\nb", "__class__", "\\", "'; DROP TABLE users; --"])
def test_texts_that_are_taken_are_kept_letter_by_letter(hostile: str) -> None:
    """Nothing is stripped, doubled or escaped on the way in."""
    read = read_design(
        text(
            table(
                "Post",
                column("x", description=hostile, defaultValue=hostile, example=hostile),
                column("y", ColumnType.JSON, defaultValue={hostile: hostile}),
            )
        )
    )
    x, y = read.table("Post").columns[1:]
    assert x.description == x.default_value == x.example == hostile
    assert json.loads(str(y.default_value)) == {hostile: hostile}


def _is_plain(hostile: str) -> bool:
    """Whether the text is a name that means nothing elsewhere; a name in the database may begin with underscores."""
    return hostile.replace("_", "").isalnum() and hostile.isascii()
