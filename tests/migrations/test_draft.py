"""The draft of `gatewright dev`: remade as the design changes, and sealed by `migrate make`."""

from __future__ import annotations

import shutil

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.histories import DRAFTS, histories_of
from gatewright.migrations.losses import DataLoss
from gatewright.migrations.status import check_current, read_standings
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.migrations.apps import POST, App, post, without
from tests.migrations.test_app_history import add_post

VIEWS = {"name": "views", "type": "Int"}


async def test_the_draft_follows_the_design(app: App) -> None:
    """Each change is in the database at once, and the rows stay."""
    assert (await app.draft()).is_changed
    await add_post(app)
    app.write(post(VIEWS))
    assert (await app.draft()).is_changed
    app.write(post(VIEWS, {"name": "isDraft", "type": "Boolean", "defaultValue": True}))
    await app.draft()
    assert await app.drift() == []
    assert [tuple(map(bool, row)) for row in await app.rows("SELECT title, is_draft FROM posts")] == [(True, True)]
    assert not (await app.draft()).is_changed


async def test_nothing_of_a_draft_is_among_the_apps_revisions(app: App) -> None:
    """What others apply is sealed; the drafts lie where version control does not look."""
    await app.draft()
    assert app.history.head is None
    assert (app.folder / DRAFTS.parent / ".gitignore").read_text() == "*\n"


async def test_what_would_lose_data_waits_for_a_yes(app: App) -> None:
    """A column with values in it; one without goes at once."""
    app.write(post(VIEWS))
    await app.draft()
    await add_post(app)
    app.write(POST)
    assert (await app.draft()).is_changed
    app.write(without("title"))
    waiting = await app.draft()
    assert [loss.place for loss in waiting.waiting] == ["Post.title"]
    assert not waiting.is_changed
    assert await app.rows("SELECT title FROM posts") == [("Hello",)]
    assert (await app.draft(allow_data_loss=True)).is_changed
    assert await app.drift() == []


async def test_a_change_that_is_undone_leaves_no_draft(app: App) -> None:
    """The database is at the sealed revision again."""
    app.make("start")
    await app.draft()
    app.write(post(VIEWS))
    drafted = await app.draft()
    app.write(POST)
    back = await app.draft()
    assert (back.before, back.after) == (drafted.after, app.history.head)


async def test_sealing_needs_no_database_and_changes_none(app: App) -> None:
    """The sealed revision has the draft's id, so the database is at it."""
    await app.draft()
    await add_post(app)
    app.write(post(VIEWS))
    drafted = await app.draft()
    app.make("views")
    assert app.history.head == drafted.after
    assert await app.apply() == []
    assert await app.rows("SELECT title FROM posts") == [("Hello",)]


async def test_a_design_that_went_on_is_sealed_too(app: App) -> None:
    """Without `dev` at work, the database comes from the draft to the sealed revision, with its rows."""
    await app.draft()
    await add_post(app)
    app.write(post(VIEWS))
    app.make("views")
    await app.apply()
    assert await app.rows("SELECT title, views FROM posts") == [("Hello", None)]
    assert await app.drift() == []
    assert await app.apply() == []


async def test_a_draft_on_an_older_revision_is_taken_back_before_newer_ones_are_applied(app: App) -> None:
    """Somebody else's revision came in meanwhile; rows in the draft's own tables need a yes."""
    app.make("start")
    await app.draft()
    await add_post(app)
    app.write(post(VIEWS))
    await app.draft()
    await app.run("UPDATE posts SET views = 1")
    shutil.copytree(app.folder, app.folder.parent / "theirs", ignore=shutil.ignore_patterns(".gatewright"))
    theirs = App(app.folder.parent / "theirs", app.url)
    theirs.write(post({"name": "stars", "type": "Int"}))
    made = theirs.make("stars")
    assert made is not None
    for file in made.parent.glob(f"{made.name[:12]}*"):
        shutil.copy(file, app.folder / "migrations" / "versions")
    app.write(post(VIEWS, {"name": "stars", "type": "Int"}))
    with pytest.raises(DataLoss, match=r"Post\.views is dropped"):
        await app.apply()
    assert [loss.place for loss in (await app.draft()).waiting] == ["Post.views"]
    await app.draft(allow_data_loss=True)
    assert await app.rows("SELECT title, views, stars FROM posts") == [("Hello", None, None)]
    assert await app.drift() == []


async def test_a_draft_can_be_rolled_back(app: App) -> None:
    """To the revision that it was made on."""
    app.make("start")
    await app.apply()
    app.write(post(VIEWS))
    await app.draft()
    rolled = await app.roll_back()
    assert rolled.after == app.history.head
    app.write(POST)
    assert await app.drift() == []


async def test_a_database_with_the_draft_of_the_design_may_be_used(app: App) -> None:
    """The app that `dev` starts is content with it, and with no other."""
    await app.draft()
    db = open_database(app.url, Schema(app.design))
    await db.start()
    await check_current(db, histories_of(app.folder))
    assert (await read_standings(db, histories_of(app.folder)))[1].is_draft
    await db.stop()
    app.write(post(VIEWS))
    db = open_database(app.url, Schema(app.design))
    await db.start()
    with pytest.raises(SetupError, match="no migration holds"):
        await check_current(db, histories_of(app.folder))
    await db.stop()


async def test_a_change_that_rows_do_not_allow_changes_nothing(app: App) -> None:
    """Two posts of one title, and a title that is to be unique."""
    await app.draft()
    await add_post(app)
    await app.run("INSERT INTO posts (id, title, author_id) VALUES ('q', 'Hello', 'u')")
    app.write(post(VIEWS, indexes=[{"columns": ["title"], "isUnique": True}]))
    with pytest.raises(SetupError, match="failed, and the database is as it was"):
        await app.draft()
    app.write(POST)
    assert await app.drift() == []
    assert not (await app.draft()).is_changed


async def test_a_run_that_ends_before_its_commit_leaves_the_database_as_it_was(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft's files are there before the database names it, and the next run takes them as they are."""
    await app.draft()
    app.write(post(VIEWS))

    def end(*_: object) -> None:
        assert len(list(app.history.drafts)) == 2
        raise KeyboardInterrupt

    monkeypatch.setattr("gatewright.migrations.running.set_revision", end)
    with pytest.raises(KeyboardInterrupt):
        await app.draft()
    monkeypatch.undo()
    assert (await app.draft()).is_changed
    assert await app.drift() == []


async def test_only_so_many_drafts_are_kept(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in the database is among them."""
    monkeypatch.setattr("gatewright.migrations.revision_files._DRAFTS_KEPT", 2)
    for number in range(4):
        sqlite_app.write(post({"name": f"c{number}", "type": "Int"}))
        await sqlite_app.draft()
    assert len(list((sqlite_app.folder / DRAFTS).glob("*.py"))) == 2
    sqlite_app.write(POST)
    assert (await sqlite_app.draft()).is_changed


async def test_a_draft_whose_files_are_gone_is_refused_with_a_way_out(app: App) -> None:
    """As after `git clean`, where the database is a server: nothing is lost, and what was restored is taken up."""
    app.make("start")
    app.write(post(VIEWS))
    await app.draft()
    await add_post(app)
    kept = (app.folder / DRAFTS).rename(app.folder / "kept")
    way_out = rf"restore {DRAFTS}, or drop the development database and create it again\.$"
    for run in (app.draft, app.apply, app.roll_back):
        with pytest.raises(SetupError, match=way_out):
            await run()
    assert await app.rows("SELECT title, views FROM posts") == [("Hello", None)]
    kept.rename(app.folder / DRAFTS)
    assert not (await app.draft()).is_changed
    assert await app.drift() == []
