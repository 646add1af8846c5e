"""Switching `softDelete` on and off: no row is lost without a yes, and no deleted row comes back to life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from gatewright.migrations.losses import DataLoss
from tests.migrations.apps import App, post
from tests.migrations.test_app_history import add_post

pytestmark = pytest.mark.both_databases

SLUG = {"name": "slug", "type": "String", "isUnique": True}
INDEXES = [
    {"columns": ["title", "authorId"], "isUnique": True},
    {"columns": ["summary", "slug"], "isUnique": True, "where": "title <> 'x'"},
]
SUMMARY = {"name": "summary", "type": "String"}
KEPT: dict[str, Any] = post(SLUG, SUMMARY, softDelete=True, indexes=INDEXES)
LOST: dict[str, Any] = post(SLUG, SUMMARY, indexes=INDEXES)
COMMENT: dict[str, Any] = {
    "name": "Comment",
    "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {"name": "postId", "type": "String", "isRequired": True, "references": "Post"},
        {"name": "quotedId", "type": "String", "references": {"table": "Post", "onDelete": "setNull"}},
        {"name": "parentId", "type": "String", "references": {"table": "Comment", "onDelete": "cascade"}},
    ],
    "softDelete": True,
}
DELETED = "'2026-01-01 00:00:00.000000+00:00'"


async def change_to(app: App, *tables: dict[str, Any], **options: Any) -> None:
    """Bring the database to a design with *tables*, by a revision."""
    app.write(*tables)
    app.make(**options)
    await app.apply()


async def add(app: App, key: str, *, deleted: bool = False) -> None:
    """A post beside that of `add_post`, with the same title and slug."""
    await app.run(
        "INSERT INTO posts (id, title, author_id, slug, summary, deleted_at) "
        f"VALUES ('{key}', 'Hello', 'u', 's', 'a', {DELETED if deleted else 'NULL'})"
    )


@pytest.mark.parametrize(
    "drafted", [pytest.param(False, id="revision"), pytest.param(True, id="draft", marks=pytest.mark.extra)]
)
async def test_switching_it_on_keeps_every_row_and_frees_the_values_of_deleted_ones(app: App, drafted: bool) -> None:
    """The column comes, unique rules are over the rows that are not deleted, and nothing else of the rows changes."""
    await change_to(app, LOST)
    await add_post(app)
    app.write(KEPT)
    if drafted:
        assert (await app.draft()).waiting == ()
    app.make()
    await app.apply()
    assert await app.rows("SELECT id, title, deleted_at FROM posts") == [("p", "Hello", None)]
    assert await app.drift() == []
    for rule in ("title = 'Hello'", "slug = 's', summary = 'a', title = 'y'"):
        await app.run(f"UPDATE posts SET {rule} WHERE id = 'p'")
        with pytest.raises(IntegrityError):
            await app.run(
                "INSERT INTO posts (id, title, author_id, slug, summary) SELECT 'q', title, author_id, slug, summary "
                "FROM posts WHERE id = 'p'"
            )
    await app.run(f"UPDATE posts SET deleted_at = {DELETED}, title = 'Hello'")
    await add(app, "q", deleted=True)
    await add(app, "r")


async def test_switching_it_off_asks_before_deleted_rows_go_and_none_comes_back(app: App) -> None:
    """What users deleted is deleted then; rows that are not stay, and values are unique in the whole table again."""
    await change_to(app, KEPT)
    await add_post(app)
    await add(app, "q", deleted=True)
    app.write(LOST)
    with pytest.raises(DataLoss, match="Post keeps deleted rows no longer, and those that it kept go for good"):
        app.make()
    (loss,) = (await app.draft()).waiting
    assert "(1 now)" in str(loss)
    assert len(await app.rows("SELECT id FROM posts")) == 2
    await change_to(app, LOST, allow_data_loss=True)
    assert await app.rows("SELECT id FROM posts") == [("p",)]
    assert await app.drift() == []


async def test_a_column_that_stays_does_not_bring_rows_back(app: App) -> None:
    """Where the design has a `deletedAt` of its own, the column stays, with all rows that are not deleted."""
    own = {"name": "deletedAt", "type": "DateTime", "dbName": "gone on", "isIndexed": True}
    plain = post(own, {"name": "slug", "type": "String", "isUnique": True})
    await change_to(app, plain)
    await change_to(app, {**plain, "softDelete": True})
    assert await app.drift() == []
    await add_post(app)
    await app.run(f"INSERT INTO posts (id, title, author_id, \"gone on\") VALUES ('q', 'Hello', 'u', {DELETED})")
    app.write(plain)
    with pytest.raises(DataLoss):
        app.make()
    await change_to(app, plain, allow_data_loss=True)
    assert await app.rows('SELECT id, "gone on" FROM posts') == [("p", None)]
    assert await app.drift() == []


async def test_going_back_asks_too(app: App) -> None:
    """The revision that switched it on is taken back without bringing rows to life."""
    await change_to(app, LOST)
    await add_post(app)
    await change_to(app, KEPT)
    await add(app, "q", deleted=True)
    with pytest.raises(DataLoss, match=r"Post keeps deleted rows no longer.*\(1 now\)"):
        await app.roll_back()
    await app.roll_back(allow_data_loss=True)
    app.write(LOST)
    assert await app.rows("SELECT id FROM posts") == [("p",)]
    assert await app.drift() == []


async def test_rows_that_refer_to_deleted_ones_go_or_are_emptied_as_their_references_say(app: App) -> None:
    """Deleted comments go with the deleted post that they name; a live comment loses what it quotes."""
    await change_to(app, post(softDelete=True), COMMENT)
    await add_post(app)
    await app.run(f"INSERT INTO posts (id, title, author_id, deleted_at) VALUES ('q', 'Hello', 'u', {DELETED})")
    await app.run(f"INSERT INTO comments (id, post_id, deleted_at) VALUES ('a', 'q', {DELETED})")
    await app.run(f"INSERT INTO comments (id, post_id, parent_id, deleted_at) VALUES ('b', 'p', 'a', {DELETED})")
    await app.run("INSERT INTO comments (id, post_id, quoted_id) VALUES ('c', 'p', 'q')")
    await change_to(app, post(), COMMENT, allow_data_loss=True)
    assert await app.rows("SELECT id FROM posts") == [("p",)]
    assert await app.rows("SELECT id, quoted_id FROM comments") == [("c", None)]
    assert await app.drift() == []
    assert await app.find_damage() == []


@pytest.mark.extra
async def test_deleted_rows_of_a_table_that_moves_to_another_schema_go_too(tmp_path: Path, postgres_url: str) -> None:
    """Together with those that refer to them; counted where they are before."""
    app = App(tmp_path, postgres_url)
    await change_to(app, post(softDelete=True, dbSchema="blog"), {**COMMENT, "dbSchema": "talk"})
    await add_post(app, "blog.posts")
    await app.run(f"INSERT INTO blog.posts (id, title, author_id, deleted_at) VALUES ('q', 'a', 'u', {DELETED})")
    await app.run(f"INSERT INTO talk.comments (id, post_id, deleted_at) VALUES ('a', 'q', {DELETED})")
    app.write(post(dbSchema="old"), {**COMMENT, "dbSchema": "talk"})
    (loss,) = (await app.draft()).waiting
    assert "(1 now)" in str(loss)
    app.make(allow_data_loss=True)
    await app.apply()
    assert await app.rows("SELECT id FROM old.posts") == [("p",)]
    assert await app.rows("SELECT id FROM talk.comments") == []
    assert await app.drift() == []


@pytest.mark.extra
async def test_a_migration_that_lets_others_write_keeps_these_rules_too(tmp_path: Path, postgres_url: str) -> None:
    """`migrate apply --online`: indexes are made afterwards, and deleted rows are gone by then."""
    app = App(tmp_path, postgres_url)
    await change_to(app, LOST)
    await add_post(app)
    app.write(KEPT)
    app.make()
    await app.apply(online=True)
    assert await app.drift() == []
    await add(app, "q", deleted=True)
    app.write(LOST)
    app.make(allow_data_loss=True)
    await app.apply(online=True)
    assert await app.drift() == []
    assert await app.rows("SELECT id FROM posts") == [("p",)]


@pytest.mark.extra
async def test_renames_keep_the_rules_and_the_rows(app: App) -> None:
    """The table, its unique column and the column with the time of deletion get other names in one change."""
    own = {"name": "deletedAt", "type": "DateTime"}
    await change_to(app, post(SLUG, own, softDelete=True))
    await add_post(app)
    await app.run(f"UPDATE posts SET slug = 's', deleted_at = {DELETED}")
    renamed = post({**SLUG, "name": "path", "renamedFrom": "slug"}, {**own, "dbName": "gone"}, softDelete=True)
    await change_to(app, {**renamed, "name": "Article", "renamedFrom": "Post"})
    assert await app.drift() == []
    assert await app.rows("SELECT id, path FROM articles WHERE gone IS NOT NULL") == [("p", "s")]
    await app.run("INSERT INTO articles (id, title, author_id, path) VALUES ('q', 'Hello', 'u', 's')")
    with pytest.raises(IntegrityError):
        await app.run("INSERT INTO articles (id, title, author_id, path) VALUES ('r', 'Hello', 'u', 's')")
    await app.roll_back()


async def test_a_column_that_a_reference_names_stays_unique_in_the_whole_table(app: App) -> None:
    """Databases accept a reference only to a column that is unique in all rows; it becomes so, and back."""
    refers = {**COMMENT, "columns": [COMMENT["columns"][0], {"name": "slug", "type": "String"}]}
    refers["columns"][1]["references"] = {"table": "Post", "column": "slug"}
    await change_to(app, KEPT)
    await change_to(app, KEPT, refers)
    assert await app.drift() == []
    await change_to(app, KEPT, allow_data_loss=True)
    assert await app.drift() == []
