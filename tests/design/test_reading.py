"""Reading a document: what it means, and that all that is wrong is said at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatewright.design.document import (
    ColumnType,
    DefaultFunction,
    OnDelete,
    Reference,
    RelationshipType,
    Rule,
    RuleKind,
)
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of, parse_table, read_design, read_snapshot
from tests.design.documents import ENGINE, ID, column, design, problems_of, table, text


def test_the_vocabulary_becomes_typed_objects() -> None:
    """Every key of a column and a table ends where it belongs."""
    read = design(
        table("User"),
        table(
            "BlogPost",
            column("title", isRequired=True, maxLength=200, pattern="^[A-Z]"),
            column("authorId", references={"table": "User", "onDelete": "cascade"}),
            column("price", "Decimal", precision=10, scale=2, minValue=0.5),
            column("state", "Enum", enumValues=["draft", "live"], defaultValue="draft", isIndexed=True),
            access={"list": "public", "update": ["owner", "role:EDITOR"], "delete": "none", "ownerColumn": "authorId"},
            indexes=[{"columns": ["title", "state"], "isUnique": True, "name": "by_title"}],
            softDelete=True,
            relationships=[{"name": "tags", "type": "ManyToMany", "toTable": "User", "throughTable": "PostTag"}],
        ),
    )
    post = read.table("BlogPost")
    assert post.database_name == "blog_posts"
    assert post.column("title").max_length == 200
    assert post.column("authorId").references == Reference("User", "id", OnDelete.CASCADE)
    assert post.column("state").default_value == "draft"
    assert post.access.list == (Rule(RuleKind.PUBLIC),)
    assert post.access.update == (Rule(RuleKind.OWNER), Rule(RuleKind.ROLE, "EDITOR"))
    assert post.access.delete == post.access.read == ()
    assert post.indexes[0].columns == ("title", "state")
    assert post.soft_delete
    assert post.relationships[0].type is RelationshipType.MANY_TO_MANY


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, False),
        ({"isRequired": True}, True),
        ({"defaultValue": ""}, True),
        ({"isUnique": True}, False),
    ],
)
def test_not_null_follows_from_the_column(keys: dict[str, Any], expected: bool) -> None:
    """Required, key, default and time of change are NOT NULL; all else may be null."""
    read = design(table("Post", column("title", **keys), column("changedAt", "DateTime", isUpdatedAt=True)))
    assert read.table("Post").column("title").is_not_null is expected
    assert read.table("Post").column("id").is_not_null
    assert read.table("Post").column("changedAt").is_not_null


def test_a_reference_restricts_when_required_and_else_sets_null() -> None:
    """What becomes of a row follows from its column when the design does not say."""
    read = design(
        table("User"),
        table("Post", column("authorId", isRequired=True, references="User"), column("editorId", references="User")),
    ).table("Post")
    assert read.column("authorId").on_delete is OnDelete.RESTRICT
    assert read.column("editorId").on_delete is OnDelete.SET_NULL
    assert read.column("id").on_delete is None


def test_all_problems_come_at_once_with_path_and_suggestion() -> None:
    """The message that the contract prints, and the others beside it."""
    found = problems_of(
        table("User"),
        table("Post", column("title", "Sting"), column("authorId", references="Usr"), colour="red", acess={}),
    )
    assert found == [
        "tables[1].colour: unknown key",
        'tables[1].acess: unknown key; did you mean "access"?',
        'tables[1].columns[1].type: no type "Sting"; did you mean "String"?',
        'tables[1].columns[2].references: no table "Usr"; did you mean "User"?',
    ]


def test_one_mistake_gives_one_line() -> None:
    """What follows from a mistake that was named is not named too."""
    broken_key = {"name": "id", "type": "Strnig", "isPrimaryKey": "yes", "defaultValue": 5}
    assert len(problems_of({"name": "Post", "columns": [broken_key]})) == 2
    assert problems_of({"name": "Post", "colums": []}) == [
        'tables[0].colums: unknown key; did you mean "columns"?',
        "tables[0].columns: is missing",
    ]


def test_problems_come_table_by_table() -> None:
    """A person mends a document from top to bottom."""
    found = problems_of(table("class"), *(table(f"T{i}", column("x", "Nope")) for i in range(12)))
    assert [line.partition(":")[0] for line in found] == [
        "tables[0].name",
        *(f"tables[{i}].columns[1].type" for i in range(1, 13)),
    ]


@pytest.mark.parametrize("raw", [None, 5, "x", True, [], {"tables": None}, {"tables": [None]}, {"tables": {}}])
def test_what_is_no_document_is_said_so(raw: object) -> None:
    """Any JSON value in place of a document is a clean error."""
    with pytest.raises(DesignError):
        read_design(json.dumps(raw))


WRONG: list[object] = [None, True, -1, 1.5, "", "x y", [], {}, [[]], {"a": 1}, 2**80]


@pytest.mark.parametrize("wrong", WRONG)
def test_no_key_takes_any_value_without_a_check(wrong: object) -> None:
    """Whatever stands behind a key, the answer is a design or a DesignError, never a traceback."""
    every = table("Post", column("title"), column("authorId", references="Post"))
    for key in ("name", "columns", "access", "indexes", "relationships", "softDelete", "dbName", "example", "id"):
        problems_of({**every, key: wrong})
    for key in (
        *("name", "type", "references", "defaultValue", "minLength", "maxLength", "minValue", "pattern"),
        *("precision", "scale", "enumValues", "dbType", "isHidden", "isInput", "description", "example", "renamedFrom"),
    ):
        for column_type in ColumnType:
            problems_of(table("Post", {"name": "x", "type": column_type, key: wrong}))
    for key in ("list", "create", "ownerColumn"):
        problems_of({**every, "access": {key: wrong}})
    for key in ("columns", "isUnique", "name", "where"):
        problems_of({**every, "indexes": [{"columns": ["title"], key: wrong}]})
    problems_of({**every, "indexes": [wrong], "relationships": [wrong]})


def test_a_repeated_key_is_an_error() -> None:
    """Of two values for one key JSON would silently take the last."""
    with pytest.raises(DesignError, match=r'tables\[0\]: the key "name" is repeated'):
        read_design('{"tables": [{"name": "A", "name": "B", "columns": []}]}')


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not JSON: line 1, column 2"),
        ("", "not JSON: line 1, column 1"),
        ('{"tables": [}', "not JSON: line 1, column 13"),
        ('{"version": NaN, "tables": []}', "NaN is not a number in JSON"),
        ('{"version": 1e999, "tables": []}', "version: the number is too large"),
        ('{"version": ' + "9" * 5000 + ', "tables": []}', "not JSON"),
        ('{"version": 2, "tables": []}', "version: this version of Gatewright reads version 1, not 2"),
        ('{"version": true, "tables": []}', "version: this version of Gatewright reads version 1, not true"),
        ("[" * 100_000, "nested more than 32 levels"),
        ('{"tables": ' + "[" * 40 + "]" * 40 + "}", "nested more than 32 levels"),
        (" " * (8 * 1024 * 1024 + 1), "longer than 8 MiB"),
        ('{"tables": [], "a\\u0000b": 1}', "control character (U+0000), in the key"),
        ('{"tables": [], "$schema": "\\ud800"}', "half of a surrogate pair (U+D800)"),
        ('{"tables": [], "$schema": "a\\u202eb"}', "a bidirectional control character (U+202E)"),
    ],
)
def test_what_json_lets_pass_is_refused(document: str, message: str) -> None:
    """Broken, enormous and misleading texts end in one clear error."""
    with pytest.raises(DesignError) as caught:
        read_design(document)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00", b'{"tables": [], "$schema": "\xe9"}', b"\x80"])
def test_bytes_have_to_be_utf_8(content: bytes) -> None:
    """Another encoding is said, with the byte that gave it away."""
    with pytest.raises(DesignError, match="not UTF-8: byte"):
        read_design(content)


def test_a_byte_order_mark_is_passed_over() -> None:
    """Some editors of Windows write one."""
    assert read_design(("\ufeff" + text(table("Post"))).encode()) == design(table("Post"))


def test_a_message_is_as_short_as_a_person_reads() -> None:
    """A document with thousands of mistakes gives fifty lines, and values are cut short."""
    with pytest.raises(DesignError) as caught:
        read_design(text(*[{"name": "x" * 5_000 + "\n", "columns": 5}] * 700))
    lines = str(caught.value).splitlines()
    assert len(lines) == 51
    assert lines[-1] == f"… and {len(caught.value.problems) - 50} more"
    assert max(map(len, lines)) < 250
    assert len(caught.value.problems) == 1000


def test_a_value_can_not_forge_a_line() -> None:
    """Line ends in keys and values come out escaped."""
    found = problems_of(table("Post\nforged: line"), {**table("Album"), "x\ny": 1})
    assert len(found) == 2
    assert not any("\n" in line for line in found)


def test_ids_of_former_names_are_not_given_twice() -> None:
    """A new column that would take a used id gets -2."""
    read = design(table("Post", column("mobile", id="phone"), column("phone"), column("fax", id="fax")))
    assert [each.id for each in read.table("Post").columns] == [None, "phone", "phone-2", None]
    assert read.table("Post").column("fax").identity == "fax"


def test_two_equal_ids_are_an_error() -> None:
    """An id is what a column is known by."""
    assert problems_of(table("Post", column("a", id="x"), column("b", id="x"))) == [
        "tables[0].columns[2].id: is also the id of tables[0].columns[1]; change one of them"
    ]


def test_the_engines_tables_can_be_referred_to_without_being_held() -> None:
    """A design that only holds Post may refer to User all the same."""
    post = table("Post", column("authorId", references="User"), access={"read": "owner", "ownerColumn": "authorId"})
    assert problems_of(post, engine=ENGINE) == []
    assert problems_of(post) == ['tables[0].columns[1].references: no table "User"']


def test_the_engines_marks_are_no_words_of_a_document() -> None:
    """Nobody declares a column the engine's, or makes one nullable that is not."""
    assert problems_of(table("Post", column("title", isSystem=True, isNullable=True))) == [
        "tables[0].columns[1].isSystem: unknown key",
        "tables[0].columns[1].isNullable: unknown key",
    ]
    assert read_snapshot(text(table("Post", column("title", isSystem=True)))).table("Post").column("title").is_system


def test_a_fragment_is_read_from_plain_values() -> None:
    """Features declare their tables in the document's vocabulary."""
    fragment = parse_table(table("Passkey", column("userId", references="User"), column("name", isNullable=True)))
    assert fragment.column("userId").references == Reference("User")
    assert fragment.column("name").is_nullable
    assert fragment.column("id").default_value is DefaultFunction.CUID


def test_a_wrong_fragment_names_the_place_in_it() -> None:
    """Paths begin at the table, since there is no document around it."""
    with pytest.raises(DesignError) as caught:
        parse_table(table("Passkey", column("x", "Strin"), column("y", maxLength=0)))
    assert str(caught.value).splitlines() == [
        'columns[1].type: no type "Strin"; did you mean "String"?',
        "columns[2].maxLength: is 0, so no value fits",
    ]


def test_an_importer_may_hand_over_a_list_or_one_table() -> None:
    """Both are documents without their frame."""
    assert design_of([table("Post")]).tables == design_of(table("Post")).tables == design(table("Post")).tables
    assert design_of({"tables": [{"name": "Post", "columns": [ID]}]}).tables == design(table("Post")).tables
