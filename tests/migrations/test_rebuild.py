"""SQLite changes a table by making it anew: what hangs on the old one has to hang on the new one."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.storage.schema import Schema
from tests.migrations.apps import POST, App, post

ID = POST["columns"][0]
CASCADE = {"onDelete": "cascade"}
COMMENT: dict[str, Any] = {
    "name": "Comment",
    "columns": [
        ID,
        {"name": "postId", "type": "String", "isRequired": True, "references": {"table": "Post", **CASCADE}},
        {"name": "parentId", "type": "String", "references": {"table": "Comment", **CASCADE}},
    ],
}
UNIQUE_TITLE = {
    **POST,
    "columns": [{**each, "isUnique": True} if each["name"] == "title" else each for each in POST["columns"]],
}
STARS = {"name": "stars", "type": "Int", "defaultValue": 3, "minValue": 1}
STAFF = {"name": "User", "columns": [ID, {"name": "isStaff", "type": "Boolean", "defaultValue": False}]}
STATEMENTS = (
    "INSERT INTO users (id, email, email_key, created_at, updated_at) "
    "VALUES ('u', 'e', 'e', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    "INSERT INTO posts (id, title, author_id) VALUES ('p', 'Hello', 'u')",
    "INSERT INTO comments (id, post_id) VALUES ('c', 'p')",
    "INSERT INTO comments (id, post_id, parent_id) VALUES ('d', 'p', 'c')",
    "INSERT INTO refresh_tokens (id, token, user_id, last_used_at, auth_time, amr, expires_at, created_at) VALUES "
    "('r', 't', 'u', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'pwd', '2026-01-01 00:00:00', "
    "'2026-01-01 00:00:00')",
)


async def prepared(app: App) -> None:
    """A database with rows that go when their parents go."""
    app.write(POST, COMMENT)
    app.make("start")
    await app.apply()
    for statement in STATEMENTS:
        await app.run(statement)


@pytest.mark.parametrize(
    "tables",
    [
        [post({"name": "isDraft", "type": "Boolean", "defaultValue": False}), COMMENT],
        [UNIQUE_TITLE, COMMENT],
        [POST, COMMENT, STAFF],
        [POST, {**COMMENT, "columns": [*COMMENT["columns"], STARS]}],
    ],
    ids=["a parent", "a parent's new rule", "users", "a child that refers to itself"],
)
async def test_no_row_is_lost_when_a_table_is_made_anew(sqlite_app: App, tables: list[dict[str, Any]]) -> None:
    """Children that would be deleted with their parent's row stay, and still are afterwards."""
    await prepared(sqlite_app)
    sqlite_app.write(*tables)
    assert "copy_from" in sqlite_app.made("anew")
    await sqlite_app.apply()
    assert await sqlite_app.rows("SELECT id, post_id, parent_id FROM comments ORDER BY id") == [
        ("c", "p", None),
        ("d", "p", "c"),
    ]
    assert await sqlite_app.rows("SELECT id FROM refresh_tokens") == [("r",)]
    await sqlite_app.roll_back(allow_data_loss=True)
    assert len(await sqlite_app.rows("SELECT id FROM comments")) == 2
    await sqlite_app.run("DELETE FROM posts")
    assert await sqlite_app.rows("SELECT id FROM comments") == []
    await sqlite_app.run("DELETE FROM users")
    assert await sqlite_app.rows("SELECT id FROM refresh_tokens") == []


async def test_a_column_that_no_design_knows_is_not_lost_silently(sqlite_app: App) -> None:
    """Making the table anew would drop it with its rows' values."""
    await prepared(sqlite_app)
    await sqlite_app.run("ALTER TABLE posts ADD COLUMN mine TEXT")
    sqlite_app.write(post({"name": "motto", "type": "Text"}), COMMENT)
    sqlite_app.make("just a column")
    await sqlite_app.apply()
    new = {"name": "isDraft", "type": "Boolean", "defaultValue": True}
    sqlite_app.write(post({"name": "motto", "type": "Text"}, new), COMMENT)
    sqlite_app.make("anew")
    with pytest.raises(SetupError, match="posts has columns that no design knows: mine"):
        await sqlite_app.apply()


async def test_rows_get_their_values_when_a_column_becomes_required(app: App) -> None:
    """The time of the migration, a key for each, or what was given; on every database."""
    app.make("start")
    await app.apply()
    for statement in STATEMENTS[:2]:
        await app.run(statement.replace("'2026-01-01 00:00:00'", "CURRENT_TIMESTAMP"))
    await app.run("INSERT INTO posts (id, title, author_id) VALUES ('q', 'Bye', 'u')")
    app.write(
        post(
            {"name": "slug", "type": "String", "isUnique": True, "defaultValue": "cuid()"},
            {"name": "number", "type": "Uuid", "isUnique": True, "defaultValue": "uuid7()"},
            {"name": "token", "type": "String", "isUnique": True, "defaultValue": "ulid()"},
            {"name": "changedAt", "type": "DateTime", "isUpdatedAt": True},
            {"name": "day", "type": "Date", "defaultValue": "now()"},
            {"name": "hour", "type": "Time", "defaultValue": "now()"},
            {"name": "price", "type": "Decimal", "precision": 9, "scale": 2, "isRequired": True},
            {"name": "picture", "type": "Bytes", "defaultValue": "aGVsbG8="},
            {"name": "data", "type": "Json", "isRequired": True},
            {"name": "since", "type": "DateTime", "isRequired": True},
        )
    )
    app.make("more", defaults={"Post.price": "1.5", "Post.data": '{"a": 1}', "Post.since": "2026-01-31T12:00:00+02:00"})
    await app.apply()
    assert await app.drift() == []
    table = Schema(app.design)["Post"]
    rows = await app.read(lambda tx: tx.all(table.select()))
    assert len({row["slug"] for row in rows}) == len({row["number"] for row in rows}) == 2
    assert all(len(row["slug"]) == 24 and len(row["token"]) == 26 for row in rows)
    assert {row["picture"] for row in rows} == {b"hello"}
    assert {str(row["price"]) for row in rows} == {"1.50"}
    assert [row["data"] for row in rows] == [{"a": 1}] * 2
    assert {row["since"].isoformat() for row in rows} == {"2026-01-31T10:00:00+00:00"}
    await app.roll_back(allow_data_loss=True)
    assert len(await app.rows("SELECT id FROM posts")) == 2
