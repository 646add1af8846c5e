"""Changes that rows which are there stand against: refused in one sentence, and nothing is half done."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.losses import DataLoss, RowsViolateChange
from tests.migrations.apps import POST, App, post, without
from tests.migrations.test_app_history import add_post

VIEWS = {"name": "views", "type": "Int"}
PRICE = {"name": "price", "type": "Int", "isRequired": True}
BODY = {"name": "body", "type": "Text"}
WAY_OUT = "give it a default, or make it optional, fill it, and then require it."

with_body: dict[str, Any] = {**POST, "columns": [*without("body")["columns"], {**BODY, "isRequired": True}]}
short_body: dict[str, Any] = {**POST, "columns": [*without("body")["columns"], {**BODY, "maxLength": 3}]}


async def made(app: App, *, rows: bool) -> None:
    """The first revision, applied, and a post where there are to be rows."""
    app.make("start")
    await app.apply()
    if rows:
        await add_post(app)


@pytest.mark.parametrize("table", [post(PRICE), with_body], ids=["new column", "nullable column"])
async def test_a_required_column_that_rows_have_no_value_for_is_refused_by_its_revision(
    app: App, table: dict[str, Any]
) -> None:
    """The refusal is one sentence that says what to do; what came before it in the same run is undone too."""
    await made(app, rows=True)
    app.write(post(VIEWS))
    app.make("views")
    app.write({**table, "columns": [*table["columns"], VIEWS]})
    failing = app.make("more", allow_data_loss=True)
    assert failing is not None
    column = "posts.body" if table is with_body else "posts.price"
    with pytest.raises(SetupError) as caught:
        await app.apply()
    assert str(caught.value) == (
        f"{failing.name} failed, and the database is as it was: {column} is required, "
        f"and rows that are there have no value for it: {WAY_OUT}"
    )
    app.write(POST)
    # As the first revision left it.
    assert await app.drift() == []
    assert await app.rows("SELECT title, body FROM posts") == [("Hello", None)]


@pytest.mark.parametrize("table", [post(PRICE), with_body], ids=["new column", "nullable column"])
async def test_it_works_on_an_empty_table(app: App, table: dict[str, Any]) -> None:
    """Nobody's row stands against it, whether it is applied or drafted."""
    await made(app, rows=False)
    app.write(table)
    assert (await app.draft()).is_changed
    app.make("more", allow_data_loss=True)
    assert await app.apply() == []
    await app.roll_back()
    await app.apply()
    assert await app.drift() == []


async def test_rows_that_have_a_value_stand_against_nothing(app: App) -> None:
    """A column that becomes required needs one in each row only."""
    await made(app, rows=True)
    await app.run("UPDATE posts SET body = 'text'")
    app.write(with_body)
    assert (await app.draft()).is_changed
    app.make("body", allow_data_loss=True)
    assert await app.apply() == []
    assert await app.drift() == []


@pytest.mark.parametrize("allow_data_loss", [False, True])
async def test_a_draft_never_asks_for_what_can_only_fail(app: App, allow_data_loss: bool) -> None:
    """The sentence comes instead of the question, and the draft stays where it was."""
    app.write(post(VIEWS))
    await app.draft()
    await add_post(app)
    app.write(without("title", post(VIEWS, PRICE)))
    with pytest.raises(RowsViolateChange) as caught:
        await app.draft(allow_data_loss=allow_data_loss)
    assert str(caught.value) == (f"Post.price is required, and rows that are there have no value for it: {WAY_OUT}")
    app.write(post(VIEWS))
    assert await app.rows("SELECT title, views FROM posts") == [("Hello", None)]
    assert not (await app.draft()).is_changed
    assert await app.drift() == []
    app.write(post(VIEWS, {**PRICE, "defaultValue": 1}))
    assert (await app.draft()).is_changed
    assert await app.rows("SELECT title, price FROM posts") == [("Hello", 1)]


async def test_rows_that_do_not_fit_are_no_question_either(app: App) -> None:
    """A bound that is tightened loses nothing: it is kept, or not."""
    await app.draft()
    await add_post(app)
    await app.run("UPDATE posts SET body = 'text'")
    app.write(short_body)
    with pytest.raises(
        RowsViolateChange,
        match=r"Post\.body takes less than before, .* do not fit: change these first \(1, such as id 'p'\)\.$",
    ):
        await app.draft(allow_data_loss=True)
    await app.run("UPDATE posts SET body = 'new'")
    assert (await app.draft()).is_changed
    assert await app.drift() == []


async def test_going_back_to_a_required_column_needs_words_in_the_script(app: App) -> None:
    """What becomes of the rows then, nobody else knows; what is written there counts."""
    await made(app, rows=True)
    app.write(without("title"))
    revision = app.make("no title", allow_data_loss=True)
    assert revision is not None
    await app.apply()
    with pytest.raises(DataLoss, match=r"Post\.title is required.*\nAdd --allow-data-loss to go back all the same\.$"):
        await app.roll_back()
    with pytest.raises(
        SetupError, match=r"posts\.title is required.*: change this downgrade\(\) so that it gives them one\.$"
    ):
        await app.roll_back(allow_data_loss=True)
    source = revision.read_text("utf-8")
    start = "def downgrade() -> None:\n"
    revision.write_text(source.replace(start, start + '    op.execute("DELETE FROM posts")\n'), "utf-8")
    assert (await app.roll_back(allow_data_loss=True)).before == revision.name[:12]
    app.write(POST)
    assert await app.rows("SELECT title FROM posts") == []


async def test_a_revision_that_a_person_changed_has_the_last_word(app: App) -> None:
    """Who takes the refusal out and fills the column by hand is not refused."""
    await made(app, rows=True)
    app.write(with_body)
    revision = app.make("body", allow_data_loss=True)
    assert revision is not None
    source = revision.read_text("utf-8")
    start = "def upgrade() -> None:\n"
    revision.write_text(source.replace(start, start + """    op.execute("UPDATE posts SET body = 'old'")\n"""), "utf-8")
    await app.apply()
    assert await app.rows("SELECT body FROM posts") == [("old",)]
    assert await app.drift() == []


async def test_a_default_that_the_revision_has_is_taken_also_from_a_draft(app: App) -> None:
    """The draft is taken back for it, which is a loss only where rows have something in what it brought."""
    app.make("start")
    app.write(post(VIEWS))
    await app.draft()
    await add_post(app)
    app.write(post(VIEWS, PRICE))
    with pytest.raises(RowsViolateChange):
        await app.draft()
    app.make("price", defaults={"Post.price": "7"})
    await app.run("UPDATE posts SET views = 1")
    assert [loss.place for loss in (await app.draft()).waiting] == ["Post.views"]
    with pytest.raises(DataLoss, match=r"run: gatewright migrate rollback --allow-data-loss$"):
        await app.apply()
    await app.run("UPDATE posts SET views = NULL")
    await app.apply()
    assert await app.rows("SELECT title, price FROM posts") == [("Hello", 7)]
    assert await app.drift() == []


@pytest.mark.both_databases
async def test_an_expression_gives_each_row_its_value(app: App) -> None:
    """It sees the other columns, a colon in it is no parameter, and the column is required afterwards."""
    await made(app, rows=True)
    app.write(post({"name": "slug", "type": "String", "isRequired": True}))
    source = app.made("slug", expressions={"Post.slug": "lower(title) || ':x' || id"})
    assert "UPDATE posts SET slug = (lower(title)" in source
    await app.apply()
    assert await app.rows("SELECT slug FROM posts") == [("hello:xp",)]
    assert await app.drift() == []


def test_an_expression_is_for_a_column_that_becomes_required(sqlite_app: App) -> None:
    """Any other place is an error that names those there are."""
    sqlite_app.make("start")
    sqlite_app.write(post(PRICE))
    with pytest.raises(SetupError, match=r"--default-sql Post.cost: no such column becomes required \(Post.price\)"):
        sqlite_app.make("price", expressions={"Post.cost": "1"})


@pytest.mark.both_databases
async def test_a_draft_that_dropped_a_required_column_can_be_taken_back(app: App) -> None:
    """The values are gone, which needs a yes; then each row has an empty one, and the draft is no dead end."""
    await made(app, rows=True)
    app.write(without("title"))
    assert (await app.draft(allow_data_loss=True)).is_changed
    with pytest.raises(DataLoss, match="Post.title comes back, and its values do not: each row gets an empty one"):
        await app.roll_back()
    await app.roll_back(allow_data_loss=True)
    app.write(POST)
    assert await app.rows("SELECT id, title FROM posts") == [("p", "")]
    assert await app.drift() == []


def test_the_refusal_is_written_as_a_person_would(sqlite_app: App) -> None:
    """The linter and the formatter have nothing to say, with long names and short ones, up and down."""
    long = {"name": "theNumberOfPeopleWhoHaveReadIt", "type": "Int", "isRequired": True}
    sqlite_app.write(post(long, BODY | {"name": "a", "type": "Int"}))
    sqlite_app.make("start")
    sqlite_app.write(without("title", post(PRICE, {"name": "a", "type": "Int", "isRequired": True})))
    assert "raise RuntimeError" in sqlite_app.made("more", allow_data_loss=True)
    folder = str(sqlite_app.folder / "migrations")
    for command in (["check", "--select=E,F,I,UP,S,B"], ["format", "--diff"]):
        options = ["--isolated", "--line-length=120", "--target-version=py311"]
        message = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options, folder], capture_output=True, text=True, check=False
        )
        assert message.returncode == 0, message.stdout
