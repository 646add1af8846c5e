"""Applying an app's own revisions, going back, and refusing what cannot be."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from gatewright import Gatewright
from gatewright.core.engine_tables import built_in_design
from gatewright.errors import SetupError
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES, histories_of
from gatewright.migrations.losses import DataLoss
from gatewright.migrations.status import check_current, read_standings
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.conftest import make_settings
from tests.migrations.apps import POST, App, post, without


async def add_post(app: App, table: str = "posts") -> None:
    """A user, and a post of theirs."""
    await app.run(
        "INSERT INTO users (id, email, email_key, created_at, updated_at) "
        "VALUES ('u', 'e', 'e', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
    )
    await app.run(f"INSERT INTO {table} (id, title, author_id) VALUES ('p', 'Hello', 'u')")


async def test_the_first_revision_makes_all_tables(app: App) -> None:
    """The engine's are in the app's own history, and the built-in design's history is not used."""
    app.make("start")
    applied = await app.apply()
    assert [each.history.name for each in applied] == ["kernel", "app"]
    assert await app.tables() == {"posts", "users", "refresh_tokens", "email_verifications"}
    assert await app.apply() == []


async def test_each_revision_is_applied_in_its_turn(app: App) -> None:
    """A database that was left behind catches up."""
    app.make("start")
    await app.apply()
    for name in ("one", "two", "three"):
        app.write(post(*({"name": each, "type": "Int"} for each in ("one", "two", "three")[: len(name)])))
        app.make(name)
    await app.apply()
    assert await app.drift() == []


async def test_rolling_back_takes_one_revision_back_or_as_many_as_are_named(app: App) -> None:
    """And applies again."""
    first = app.make("start")
    app.write(post({"name": "views", "type": "Int"}))
    app.make("views")
    app.write(post())
    app.make("no views", allow_data_loss=True)
    await app.apply()
    assert first is not None
    rolled = await app.roll_back(to=first.name[:12])
    assert rolled.after == first.name[:12]
    await app.apply()
    await app.roll_back(to="base")
    assert await app.tables() == set()
    with pytest.raises(SetupError, match="nothing to roll back"):
        await app.roll_back()
    await app.apply()
    assert await app.drift() == []


async def test_rolling_back_what_rows_would_lose_needs_a_yes(app: App) -> None:
    """What is empty goes without."""
    app.make("start")
    await app.apply()
    await add_post(app)
    app.write(post({"name": "views", "type": "Int"}))
    app.make("views")
    await app.apply()
    await app.roll_back()
    await app.apply()
    await app.run("UPDATE posts SET views = 1")
    with pytest.raises(DataLoss, match=r"Post\.views is dropped"):
        await app.roll_back()
    assert await app.rows("SELECT views FROM posts") == [(1,)]
    await app.roll_back(allow_data_loss=True)
    assert await app.rows("SELECT title FROM posts") == [("Hello",)]


async def test_going_back_to_a_revision_that_was_never_applied_is_refused(app: App) -> None:
    """The answer names those that can be."""
    app.make("start")
    await app.apply()
    with pytest.raises(SetupError, match="can go back to base"):
        await app.roll_back(to="nonsense")


async def test_a_revision_that_fails_leaves_the_database_as_it_was(app: App) -> None:
    """Rows that stand against a rule are no traceback: the refusal names the script, and what the database said."""
    app.make("start")
    await app.apply()
    await add_post(app)
    await app.run("INSERT INTO posts (id, title, author_id) VALUES ('q', 'Hello', 'u')")
    app.write(post({"name": "views", "type": "Int"}))
    app.make("views")
    app.write(post({"name": "views", "type": "Int"}, indexes=[{"columns": ["title"], "isUnique": True}]))
    failing = app.make("unique titles")
    assert failing is not None
    before = await app.rows("SELECT version_num FROM alembic_version")
    with pytest.raises(SetupError, match=f"{failing.name} failed, and the database is as it was.*(?i:unique)"):
        await app.apply()
    assert await app.rows("SELECT version_num FROM alembic_version") == before
    await app.run("DELETE FROM posts WHERE id = 'q'")
    await app.apply()
    assert await app.drift() == []


async def test_a_script_of_ones_own_that_fails_is_named(app: App) -> None:
    """Whatever it raises."""
    first = app.make("start")
    assert first is not None
    (first.parent / "mine.py").write_text(
        f'revision = "mine"\ndown_revision = "{first.name[:12]}"\ndef upgrade():\n    raise ValueError("halfway")\n'
    )
    with pytest.raises(SetupError, match="mine.py failed.*ValueError: halfway"):
        await app.apply()
    assert await app.tables() == set()


async def test_a_database_of_somebody_elses_revisions_is_not_touched(app: App) -> None:
    """It may be a newer one."""
    app.make("start")
    await app.apply()
    await app.run("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(SetupError, match="revision ffffffffffff, which is not in"):
        await app.apply()


async def test_a_database_from_before_the_design_is_not_touched(app: App) -> None:
    """It has users already, by the built-in design."""
    app.make("start")
    await apply_all(open_database(app.url, Schema(built_in_design())), HISTORIES)
    with pytest.raises(SetupError, match="built-in design"):
        await app.apply()


async def test_status_says_what_is_left(app: App) -> None:
    """In the order in which it will be applied."""
    first = app.make("start")
    app.write(post({"name": "views", "type": "Int"}))
    second = app.make("views")
    assert first is not None
    assert second is not None
    db = open_database(app.url, Schema(app.design))
    await db.start()
    kernel, own = await read_standings(db, histories_of(app.folder))
    assert (kernel.revision, kernel.is_current) == (None, False)
    assert own.pending == (first.name[:12], second.name[:12])
    await apply_all(db, histories_of(app.folder))
    _, own = await read_standings(db, histories_of(app.folder))
    assert (own.revision, own.pending, own.is_current) == (second.name[:12], (), True)
    await db.stop()


async def test_a_start_needs_a_migration_for_what_the_design_says(app: App) -> None:
    """Without one, statements would name columns that are not there."""
    db = open_database(app.url, Schema(app.design))
    await db.start()
    with pytest.raises(SetupError, match="kernel"):
        await check_current(db, histories_of(app.folder))
    await app.apply()
    with pytest.raises(SetupError, match="no migration yet.*migrate make"):
        await check_current(db, histories_of(app.folder))
    app.make("start")
    with pytest.raises(SetupError, match="not up to date.*migrate apply"):
        await check_current(db, histories_of(app.folder))
    await app.apply()
    await check_current(db, histories_of(app.folder))
    await db.stop()
    app.write(post({"name": "views", "type": "Int"}))
    db = open_database(app.url, Schema(app.design))
    await db.start()
    with pytest.raises(SetupError, match="no migration holds.*migrate make"):
        await check_current(db, histories_of(app.folder))
    await db.stop()


async def test_gatewright_takes_the_design_of_its_folder(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """It migrates by the app's own revisions in development."""
    monkeypatch.chdir(app.folder)
    app.make("start")
    auth = Gatewright(make_settings(app.url))
    assert {table.name for table in auth.design.tables} >= {"Post", "User"}
    async with auth.lifespan(None):
        assert await app.tables() == {"posts", "users", "refresh_tokens", "email_verifications"}


def test_a_design_that_is_wrong_stops_gatewright(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a path to what is wrong, or to what is not built yet."""
    monkeypatch.chdir(sqlite_app.folder)
    sqlite_app.write(without("id"))
    with pytest.raises(SetupError, match=r"tables\[0\]\.columns: there is no primary key"):
        Gatewright(make_settings(sqlite_app.url))
    sqlite_app.write({**POST, "dbName": "a.b"})
    with pytest.raises(SetupError, match="a dot or a double quote is not built yet"):
        Gatewright(make_settings(sqlite_app.url))


async def test_the_ordinary_alembic_command_works_too(app: App) -> None:
    """A team can leave: the folder is Alembic's own layout, and needs nothing of ours."""
    app.make("start")
    app.write(post({"name": "isDraft", "type": "Boolean", "defaultValue": False}))
    app.make("drafts")
    assert (await alembic(app, "upgrade", "head")).returncode == 0
    assert "posts" in await app.tables()
    await app.apply()  # Only the kernel's are left.
    await add_post(app)
    assert (await alembic(app, "downgrade", "-1")).returncode == 0
    assert await app.rows("SELECT title FROM posts") == [("Hello",)]
    assert (await alembic(app, "revision", "-m", "mine")).returncode == 0
    await app.apply()
    assert (await alembic(app, "current")).stdout.strip().endswith("(head)")


async def alembic(app: App, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Alembic's own command, in an interpreter that can't import gatewright."""
    program = "import sys; sys.modules['gatewright'] = None; from alembic.config import main; main()"
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, *arguments],
        cwd=app.folder,
        env={**os.environ, "DATABASE_URL": app.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


async def test_a_sealed_revision_stays_as_somebody_edited_it(app: App) -> None:
    """What the script says is done, whatever the design said."""
    path = app.make("start")
    assert path is not None
    path.write_text(path.read_text() + '    op.execute("SELECT 1")\n')
    edited = path.read_bytes()
    await app.apply()
    app.write(post({"name": "views", "type": "Int"}))
    app.make("views")
    await app.draft()
    await app.apply()
    assert path.read_bytes() == edited


def test_a_snapshot_that_a_merge_broke_is_named(sqlite_app: App) -> None:
    """The file, and the line in it."""
    made = sqlite_app.make("start")
    assert made is not None
    snapshot = next(made.parent.glob("*.design.json"))
    snapshot.write_text("<<<<<<< HEAD\n" + snapshot.read_text())
    with pytest.raises(SetupError, match=f"^migrations/versions/{snapshot.name}: not JSON: line 1"):
        sqlite_app.make("more")
