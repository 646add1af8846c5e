"""What `gatewright doctor` finds when somebody changed the tables by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrations.apps import POST, App, post

CHANGES = {
    "DROP TABLE posts": "The table posts is missing.",
    "ALTER TABLE posts DROP COLUMN body": "The column posts.body is missing.",
    "ALTER TABLE posts ADD COLUMN mine INTEGER": "The column posts.mine is in no migration.",
    "DROP INDEX ix_posts_author_id": "ix_posts_author_id on posts is missing.",
    "CREATE INDEX ix_mine ON posts (title)": "ix_mine on posts is in no migration.",
    "DROP TABLE gatewright_revocations": "The table gatewright_revocations is missing.",
}


@pytest.mark.parametrize("statement", CHANGES)
async def test_a_change_by_hand_is_found(app: App, statement: str) -> None:
    """Each in a sentence."""
    app.make("start")
    await app.apply()
    assert await app.drift() == []
    await app.run(statement)
    assert await app.drift() == [CHANGES[statement]]


async def test_a_change_of_a_column_is_found(tmp_path: Path, postgres_url: str) -> None:
    """Its NULL, its type and its default; SQLite has no statement that changes these."""
    app = App(tmp_path, postgres_url)
    app.write(post({"name": "views", "type": "Int", "defaultValue": 3}))
    app.make("start")
    await app.apply()
    await app.run("ALTER TABLE posts ALTER COLUMN title DROP NOT NULL")
    await app.run("ALTER TABLE posts ALTER COLUMN body TYPE VARCHAR(10)")
    await app.run("ALTER TABLE posts ALTER COLUMN views SET DEFAULT 4")
    assert await app.drift() == [
        "The column posts.body differs in its type.",
        "The column posts.title differs in its NULL.",
        "The column posts.views differs in its default.",
    ]


async def test_other_peoples_tables_are_no_drift(app: App) -> None:
    """A database may be shared."""
    app.make("start")
    await app.apply()
    await app.run("CREATE TABLE theirs (id INTEGER)")
    assert await app.drift() == []


async def test_an_index_of_ones_own_says_nothing_about_a_design_that_went_on(app: App) -> None:
    """Drift is between the database and its migrations, not between these and the design."""
    app.make("start")
    await app.apply()
    app.write(post({"name": "views", "type": "Int"}))
    assert await app.drift() == []
    app.write(POST)
    assert await app.drift() == []
