"""What changes from one design to another."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.difference import Aspect, Difference, TableChange, compare
from tests.design.documents import column, design, table


def _between(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Difference:
    return compare(design(*old), design(*new))


def _columns(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> TableChange:
    """What changes in a table with these columns."""
    (change,) = _between([table("Post", *old)], [table("Post", *new)]).changed_tables
    return change


def _renames(change: TableChange) -> list[tuple[str, str]]:
    return [(each.old.name, each.new.name) for each in change.changed_columns if each.is_renamed]


def test_nothing_changes_between_equal_designs() -> None:
    """Words, examples, rules and order are nothing to a database."""
    old = [table("User"), table("Post", column("a"), column("authorId", references="User"))]
    new = [
        table("User", description="x"),
        table(
            "Post",
            column("authorId", references="User"),
            column("a", description="y", isHidden=True),
            access={"list": "public"},
        ),
    ]
    assert _between(old, old).is_empty
    assert _between(old, new).is_empty


def test_tables_and_columns_come_and_go() -> None:
    """What only one of the designs has is added or removed."""
    difference = _between([table("Post", column("a")), table("Tag")], [table("Post", column("b")), table("Label")])
    assert [each.name for each in difference.added_tables] == ["Label"]
    assert [each.name for each in difference.removed_tables] == ["Tag"]
    (change,) = difference.changed_tables
    assert [each.name for each in change.added_columns] == ["b"]
    assert [each.name for each in change.removed_columns] == ["a"]
    assert not change.is_renamed


@pytest.mark.parametrize(
    ("old", "new", "aspects"),
    [
        ({}, {"type": "Int"}, {Aspect.TYPE}),
        ({"type": "Decimal"}, {"type": "Decimal", "precision": 5}, {Aspect.TYPE}),
        ({}, {"dbType": "citext"}, {Aspect.TYPE}),
        ({}, {"isRequired": True}, {Aspect.NULLABILITY}),
        ({}, {"defaultValue": "x"}, {Aspect.NULLABILITY, Aspect.DEFAULT}),
        ({"isRequired": True}, {"isRequired": True, "defaultValue": "x"}, {Aspect.DEFAULT}),
        ({}, {"isUnique": True}, {Aspect.UNIQUE}),
        ({"isIndexed": True}, {}, {Aspect.INDEX}),
        ({}, {"references": "Post"}, {Aspect.REFERENCE}),
        ({"references": "Post"}, {"references": {"table": "Post", "onDelete": "cascade"}}, {Aspect.REFERENCE}),
        ({"references": "Post"}, {"references": {"table": "Post", "onDelete": "setNull"}}, set()),
        ({}, {"maxLength": 5}, {Aspect.LIMITS}),
        ({}, {"dbName": "other"}, {Aspect.NAME}),
        ({"isRequired": True}, {"isPrimaryKey": True}, {Aspect.KEY}),
    ],
)
def test_a_change_says_what_changes(old: dict[str, Any], new: dict[str, Any], aspects: set[Aspect]) -> None:
    """Each aspect is told apart, and a longer way to say the same is no change."""
    difference = _between(
        [table("Post", {**column("x"), **old})],
        [table("Post", {**column("x"), **new})],
    )
    found = {
        aspect for table_ in difference.changed_tables for each in table_.changed_columns for aspect in each.aspects
    }
    assert found == aspects


def test_an_id_makes_a_rename() -> None:
    """A column known by its former name is renamed, not dropped."""
    change = _columns([column("phone")], [column("mobile", id="phone")])
    assert _renames(change) == [("phone", "mobile")]
    assert not change.added_columns
    assert not change.removed_columns


def test_a_former_name_makes_a_rename_until_a_migration_holds_it() -> None:
    """By hand the same; afterwards it may stay or go."""
    old, declared, gone = [column("phone")], [column("mobile", renamedFrom="phone")], [column("mobile")]
    assert _renames(_columns(old, declared)) == [("phone", "mobile")]
    assert _between([table("Post", *declared)], [table("Post", *declared)]).is_empty
    assert _between([table("Post", *declared)], [table("Post", *gone)]).is_empty


def test_a_former_name_that_stays_does_not_take_a_later_column() -> None:
    """Long after the rename there is a new column under the former name; the old line changes nothing."""
    columns = [column("mobile", renamedFrom="phone"), column("phone")]
    assert _between([table("Post", *columns)], [table("Post", *columns)]).is_empty


def test_an_id_may_go_once_a_migration_holds_the_name() -> None:
    """What is left has the same name, so it is the same column."""
    assert _between([table("Post", column("mobile", id="phone"))], [table("Post", column("mobile"))]).is_empty


def test_a_new_column_under_a_former_name_is_new() -> None:
    """Renamed and added again in one go: the rows keep their numbers under the new name."""
    for declared in ({"id": "phone"}, {"renamedFrom": "phone"}):
        change = _columns([column("phone")], [column("mobile", **declared), column("phone")])
        assert _renames(change) == [("phone", "mobile")]
        assert [each.name for each in change.added_columns] == ["phone"]


def test_two_columns_may_change_their_names() -> None:
    """Ids tell which is which."""
    change = _columns([column("a"), column("b")], [column("b", id="a"), column("a", id="b")])
    assert sorted(_renames(change)) == [("a", "b"), ("b", "a")]


def test_a_rename_back_is_a_rename() -> None:
    """The id is the name again, and is not written."""
    assert _renames(_columns([column("mobile", id="phone")], [column("phone")])) == [("mobile", "phone")]


def test_what_hangs_on_a_rename_does_not_change() -> None:
    """References and indexes follow the table and the column that they mean."""
    difference = _between(
        [
            table("User", column("mail", isUnique=True)),
            table(
                "Post",
                column("userId", references="User"),
                column("to", references={"table": "User", "column": "mail"}, dbName="recipient"),
                indexes=[{"columns": ["userId", "id"]}],
            ),
        ],
        [
            table("Account", column("address", isUnique=True, id="mail"), id="User"),
            table(
                "Post",
                column("accountId", references="Account", id="userId"),
                column("to", references={"table": "Account", "column": "address"}, dbName="recipient"),
                indexes=[{"columns": ["accountId", "id"]}],
            ),
        ],
    )
    assert not difference.added_tables
    assert not difference.removed_tables
    assert [each.is_renamed for each in difference.changed_tables] == [True, False]
    aspects = [each.aspects for change in difference.changed_tables for each in change.changed_columns]
    assert aspects == [{Aspect.NAME}, {Aspect.NAME}]
    assert not any(change.added_indexes or change.removed_indexes for change in difference.changed_tables)


def test_indexes_come_and_go() -> None:
    """An index is what it covers, its name, its condition and whether it is unique."""
    base, unique = {"columns": ["a", "b"]}, {"columns": ["a", "b"], "isUnique": True}
    (change,) = _between(
        [table("Post", column("a"), column("b"), indexes=[base])],
        [table("Post", column("a"), column("b"), indexes=[unique])],
    ).changed_tables
    assert [each.is_unique for each in change.removed_indexes] == [False]
    assert [each.is_unique for each in change.added_indexes] == [True]
