"""A column that is null where the design asks for it, although each new row gets a value there."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.exc import IntegrityError

from gatewright.errors import SetupError
from gatewright.migrations.histories import histories_of
from gatewright.migrations.status import check_current
from tests.migrations.apps import App, post

VIEWS = {"name": "views", "type": "Int", "defaultValue": 3}
NULLABLE = {**VIEWS, "isRequired": False}
INSERT = "INSERT INTO posts (id, title, author_id, views) VALUES ('p', 't', 'u', :views)"


async def has_null(app: App) -> bool:
    """Whether posts take NULL in their views."""
    try:
        await app.run(INSERT, views=None)
    except IntegrityError:
        return False
    await app.run("DELETE FROM posts")
    return True


@pytest.fixture
async def installed(app: App) -> App:
    """An app whose users have a row, at its first revision."""
    app.write(post(VIEWS))
    app.make("start")
    await app.apply()
    await app.run(
        "INSERT INTO users (id, email, email_key, created_at, updated_at) "
        "VALUES ('u', 'a@b.example', 'a@b.example', '2026-01-31 12:00:00', '2026-01-31 12:00:00')"
    )
    return app


def made_by_an_earlier_version(app: App) -> None:
    """Make the first revision as it was made when a default meant NOT NULL, whatever the design said."""
    path = app.make("start")
    assert path is not None
    snapshot = next(path.parent.glob("*.design.json"))
    raw = json.loads(snapshot.read_text("utf-8"))
    column = next(column for table in raw["tables"] for column in table["columns"] if column["name"] == "views")
    assert column["isNullable"] is True
    del column["isNullable"]
    snapshot.write_text(json.dumps(raw), "utf-8")
    line = 'sa.Column("views", sa.Integer(), server_default="3", nullable=True)'
    source = path.read_text("utf-8")
    assert line in source
    path.write_text(source.replace(line, line.replace("True", "False")), "utf-8")


@pytest.mark.both_databases
async def test_null_is_allowed_where_the_design_asks_for_it(installed: App) -> None:
    """There and back; a row without a value gets the default, and on the way back a row with NULL."""
    assert not await has_null(installed)
    installed.write(post(NULLABLE))
    installed.make("null")
    await installed.apply()
    assert await installed.drift() == []
    await installed.run("INSERT INTO posts (id, title, author_id) VALUES ('p', 't', 'u')")
    assert await installed.rows("SELECT views FROM posts") == [(3,)]
    await installed.run("UPDATE posts SET views = NULL")
    await installed.roll_back(allow_data_loss=True)
    assert await installed.rows("SELECT views FROM posts") == [(3,)]
    await installed.run("DELETE FROM posts")
    assert not await has_null(installed)
    assert await installed.drift() == []


@pytest.mark.both_databases
async def test_a_database_of_an_earlier_version_keeps_not_null_until_a_revision_changes_it(app: App) -> None:
    """It starts as it is, has no drift and gets no draft; `migrate make` writes the one change there is."""
    app.write(post(NULLABLE))
    made_by_an_earlier_version(app)
    await app.apply()
    assert await app.drift() == []
    await app._with(lambda db: check_current(db, histories_of(app.folder)))
    drafted = await app.draft()
    assert not drafted.is_changed
    source = app.made("null")
    assert source.count("alter_column") == 2
    assert "nullable=True" in source.partition("def downgrade")[0]
    await app.apply()
    assert await app.drift() == []
    assert app.make("again") is None


def test_another_word_about_null_is_a_change_of_the_design(sqlite_app: App) -> None:
    """In an app whose snapshot is of this version, `isRequired` is no detail of an earlier one."""
    sqlite_app.write(post(NULLABLE))
    sqlite_app.make("start")
    sqlite_app.write(post(VIEWS))
    assert "nullable=False" in sqlite_app.made("required").partition("def downgrade")[0]


async def test_a_start_refuses_a_design_that_asks_for_null_later(sqlite_app: App) -> None:
    """The earlier rule excuses only what an earlier version was asked for."""
    sqlite_app.write(post(VIEWS))
    sqlite_app.make("start")
    await sqlite_app.apply()
    sqlite_app.write(post(NULLABLE))
    with pytest.raises(SetupError, match="no migration holds"):
        await sqlite_app._with(lambda db: check_current(db, histories_of(sqlite_app.folder)))


def test_a_reference_with_a_default_may_be_set_to_null(sqlite_app: App) -> None:
    """`setNull` is its default then, as for every column that may be null."""
    editor = {"name": "editorId", "type": "String", "references": "User", "defaultValue": "u", "isRequired": False}
    sqlite_app.write(post(editor))
    column = sqlite_app.design.table("Post").column("editorId")
    assert (column.is_not_null, str(column.on_delete)) == (False, "setNull")
