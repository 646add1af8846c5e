"""What `softDelete` means for a design, and what does not go together with it."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.completion import complete
from gatewright.design.document import ColumnType, Design, Index
from gatewright.design.reading import read_design, read_snapshot
from gatewright.design.soft_deletion import fully_unique
from gatewright.design.writing import write_snapshot
from tests.design.documents import ENGINE, column, problems_of, table, text

LIVE = "deleted_at IS NULL"
TIME = {"name": "deletedAt", "type": "DateTime"}


def _completed(*tables: dict[str, Any]) -> Design:
    return complete(read_design(text(*tables), engine=ENGINE), ENGINE)


def kept(*columns: dict[str, Any], **keys: object) -> dict[str, Any]:
    return table("Post", *columns, softDelete=True, **keys)


def test_the_time_of_deletion_is_a_column_that_clients_cannot_set() -> None:
    """It is empty in rows that are not deleted, and last unless the design has it elsewhere."""
    post = _completed(kept(column("title"))).table("Post")
    assert [each.name for each in post.columns] == ["id", "title", "deletedAt"]
    added = post.column("deletedAt")
    assert (added.type, added.is_not_null, added.is_read_only) == (ColumnType.DATE_TIME, False, True)
    own = _completed(kept({**TIME, "isHidden": True, "dbName": "Gone"}, column("title"))).table("Post")
    assert [each.name for each in own.columns] == ["id", "deletedAt", "title"]
    assert (own.column("deletedAt").is_hidden, own.column("deletedAt").is_read_only) == (True, True)
    assert {index.where for index in own.indexes} == {'"Gone" IS NOT NULL'}


def test_values_are_unique_among_the_rows_that_are_not_deleted() -> None:
    """Of one column and of several, and where a condition limits the index already."""
    indexes = [
        {"columns": ["a", "b"], "isUnique": True, "name": "both"},
        {"columns": ["a", "title"], "isUnique": True, "where": "b = 'x' OR a = 'y'"},
        {"columns": ["b"]},
    ]
    post = _completed(kept(column("title", isUnique=True), column("a"), column("b"), indexes=indexes)).table("Post")
    assert not post.column("title").is_unique
    assert post.indexes == (
        Index(("a", "b"), is_unique=True, name="both", where=LIVE),
        Index(("a", "title"), is_unique=True, where=f"{LIVE} AND (b = 'x' OR a = 'y')"),
        Index(("b",)),
        Index(("title",), is_unique=True, where=LIVE),
        Index(("deletedAt",), where="deleted_at IS NOT NULL"),
    )
    assert post.index_name(post.indexes[3]) == "uq_posts_title"


def test_a_completed_design_stays_as_it_is() -> None:
    """Completed once more, and read from its snapshot."""
    design = _completed(kept(column("title", isUnique=True), indexes=[{"columns": ["title"], "where": "title > 'a'"}]))
    assert complete(design, ENGINE) == design
    assert read_snapshot(write_snapshot(design)) == design


def test_names_of_added_indexes_are_as_long_as_databases_accept() -> None:
    """A unique constraint's long name is shortened by itself; that of an index is not."""
    names = ["a" * 60, "a" * 59 + "b"]
    post = _completed(kept(*(column(name, isUnique=True) for name in names))).table("Post")
    shown = [post.index_name(index) for index in post.indexes if index.is_unique]
    assert len(set(shown)) == 2
    assert {len(name) for name in shown} == {63}


def test_what_a_reference_names_is_unique_in_the_whole_table() -> None:
    """A column, and columns together; both are listed for the reader."""
    pair = [{"columns": ["a", "b"], "isUnique": True}]
    post = kept(column("a", isRequired=True), column("b", isRequired=True), column("c", isUnique=True), indexes=pair)
    key = {"columns": ["a", "b"], "table": "Post", "toColumns": ["a", "b"]}
    own = [column(name, isReadOnly=True) for name in "ab"]
    refers = column("postC", references={"table": "Post", "column": "c"})
    design = _completed(post, table("Note", *own, refers, foreignKeys=[key]))
    listed = [(each.name, [column.name for column in columns]) for each, columns in fully_unique(design)]
    assert listed == [("Post", ["c"]), ("Post", ["a", "b"])]
    assert list(fully_unique(_completed(post))) == []


@pytest.mark.parametrize(
    ("own", "key", "words"),
    [
        ({"type": "String"}, "type", "softDelete keeps the time of deletion in Post.deletedAt; make it DateTime"),
        ({"isRequired": True}, "isRequired", "softDelete sets Post.deletedAt, which is empty until"),
        ({"isUnique": True}, "isUnique", "leave isUnique out"),
        ({"isUpdatedAt": True}, "isUpdatedAt", "leave isUpdatedAt out"),
        ({"defaultValue": "now()"}, "defaultValue", "leave defaultValue out"),
        ({"name": "deleted_at"}, "name", "Post.deleted_at is deleted_at in the database, like the column deletedAt"),
        ({"name": "gone", "dbName": "deleted_at"}, "name", "rename it"),
        ({"name": "deleted_at", "dbName": "gone"}, "name", "Post.deleted_at is deleted_at in the code"),
    ],
)
def test_a_column_that_cannot_hold_the_time_of_deletion_is_named(own: dict[str, Any], key: str, words: str) -> None:
    """With what to change."""
    (problem,) = problems_of(kept({**TIME, **own}), engine=ENGINE)
    assert problem.startswith(f"tables[0].columns[1].{key}: ")
    assert words in problem


@pytest.mark.parametrize("action", ["cascade", "setDefault"])
def test_rows_are_not_lost_with_a_row_that_is_kept(action: str) -> None:
    """Rows that cascade are kept as well, or the design is refused; and only a real delete sets a default."""
    to_post = {"table": "Post", "onDelete": action}
    line = table("Line", column("postId", references=to_post))
    (problem,) = problems_of(kept(), line, engine=ENGINE)
    assert problem.startswith("tables[1].columns[1].references: Post has softDelete")
    if action == "cascade":
        assert problems_of(kept(), {**line, "softDelete": True}, engine=ENGINE) == []
    key = {"columns": ["postId"], "table": "Post", "toColumns": ["id"], "onDelete": action}
    (problem,) = problems_of(kept(), table("Line", column("postId", isReadOnly=True), foreignKeys=[key]), engine=ENGINE)
    assert problem.startswith("tables[1].foreignKeys[0].onDelete: Post has softDelete")


def test_rows_of_a_join_table_may_cascade() -> None:
    """They say only which rows belong together, and stay for the case that both come back."""
    keys = [
        column(name, isPrimaryKey=True, references={"table": to, "onDelete": "cascade"})
        for name, to in (("postId", "Post"), ("tagId", "Tag"))
    ]
    assert problems_of(kept(), table("Tag"), {"name": "PostTag", "columns": keys}, engine=ENGINE) == []


def test_a_key_of_several_columns_that_clients_set_is_refused() -> None:
    """They are set one by one, so that nothing looks whether the row that they name together is deleted."""
    pair = [{"columns": ["a", "b"], "isUnique": True}]
    access = {"read": "public"}
    post = kept(column("a", isRequired=True), column("b", isRequired=True), indexes=pair, access=access)
    key = {"columns": ["a", "b"], "table": "Post", "toColumns": ["a", "b"]}
    line = table("Line", column("a"), column("b"), foreignKeys=[key])
    assert problems_of(post, line, engine=ENGINE) == [
        'tables[1].foreignKeys[0].columns: callers could name a deleted Post; mark "a" and "b" isReadOnly, or refer by '
        "one column"
    ]
