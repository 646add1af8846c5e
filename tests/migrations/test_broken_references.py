"""Rows of SQLite that refer to missing ones, as its own shell leaves them.

No migration stumbles over what it did not break, and doctor names the rows with the way out.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from gatewright.errors import SetupError
from tests.migrations.apps import POST, App, post
from tests.migrations.test_rebuild import COMMENT, STATEMENTS

NOTE: dict[str, Any] = {
    "name": "Note",
    "columns": [
        POST["columns"][0],
        {"name": "postId", "type": "String", "references": {"table": "Post", "onDelete": "setNull"}},
    ],
}
VIEWS = post({"name": "isDraft", "type": "Boolean", "defaultValue": False})


async def prepared(app: App) -> None:
    """A post, a comment and a note; the post is deleted as a connection does it that does not ask for references."""
    app.write(POST, COMMENT, NOTE)
    app.make("start")
    await app.apply()
    for statement in STATEMENTS[:3]:
        await app.run(statement)
    await app.run("INSERT INTO notes (id, post_id) VALUES ('n', 'p')")
    shell(app, "DELETE FROM posts")


def shell(app: App, *statements: str) -> None:
    """Run *statements* as SQLite's own shell does."""
    with sqlite3.connect(app.url.removeprefix("sqlite:///")) as connection:
        for statement in statements:
            connection.execute(statement)


async def test_a_row_that_refers_to_a_missing_one_stops_no_start_and_no_migration(sqlite_app: App) -> None:
    """With nothing to migrate, with a table made anew, and back: what was broken before is as it was."""
    await prepared(sqlite_app)
    assert await sqlite_app.apply() == []
    sqlite_app.write(VIEWS, {**COMMENT, "columns": [*COMMENT["columns"], {"name": "text", "type": "Text"}]}, NOTE)
    sqlite_app.make("unrelated")
    assert len(await sqlite_app.apply()) == 1
    await sqlite_app.roll_back(allow_data_loss=True)
    assert await sqlite_app.rows("SELECT id, post_id FROM comments") == [("c", "p")]
    assert await sqlite_app.draft() is not None


async def test_a_migration_that_breaks_references_is_refused(sqlite_app: App) -> None:
    """Also where some were broken before: the new ones are counted. The database is as it was."""
    await prepared(sqlite_app)
    for statement in (
        "INSERT INTO posts VALUES ('q', 'Hi', NULL, 'u')",
        "INSERT INTO comments VALUES ('d', 'q', NULL)",
    ):
        await sqlite_app.run(statement)
    sqlite_app.write(VIEWS, COMMENT, NOTE)
    path = sqlite_app.make("breaks")
    assert path is not None
    broken = path.read_text("utf-8").replace(
        "def upgrade() -> None:\n", 'def upgrade() -> None:\n    op.execute("DELETE FROM posts")\n'
    )
    path.write_text(broken, "utf-8")
    with pytest.raises(SetupError, match=r"reference missing rows: 1 of comments\.post_id to posts\. Nothing"):
        await sqlite_app.apply()
    assert await sqlite_app.rows("SELECT id FROM posts") == [("q",)]


async def test_doctor_names_table_count_and_the_way_out(sqlite_app: App) -> None:
    """A statement for each reference, which does what it says: a row that may go without keeps its other values."""
    await prepared(sqlite_app)
    shell(sqlite_app, "INSERT INTO comments VALUES ('e', 'nowhere', NULL)")
    found = sorted(await sqlite_app.find_damage())
    assert [line.partition(" Restore")[0] for line in found] == [
        "1 row(s) of notes.post_id reference missing rows of posts.",
        "2 row(s) of comments.post_id reference missing rows of posts.",
    ]
    shell(sqlite_app, *(line.partition("or run: ")[2] for line in found))
    assert await sqlite_app.find_damage() == []
    assert await sqlite_app.rows("SELECT id, post_id FROM notes") == [("n", None)]
    assert await sqlite_app.rows("SELECT id FROM comments") == []
