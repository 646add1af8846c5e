"""The migrations of two branches become one line again, by `migrate merge`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.merge import merge
from gatewright.migrations.revisions import Revisions
from tests.migrations.apps import POST, App, post, without
from tests.migrations.test_app_history import add_post
from tests.migrations.test_changes import as_made_at_once, structure
from tests.migrations.test_renames import renamed

VIEWS = {"name": "views", "type": "Int", "minValue": 0}
SLUG = {"name": "slug", "type": "String", "isUnique": True}
TAG = {"name": "Tag", "columns": [POST["columns"][0], {"name": "word", "type": "String"}]}
Tables = list[dict[str, Any]]


def branch(app: App, folder: Path, ours: Tables, theirs: Tables, **options: Any) -> tuple[str, str]:
    """Two migrations that both follow what *app* has."""
    shutil.copytree(app.folder, folder)
    other = App(folder, "sqlite://")
    other.write(*theirs)
    their_script = other.make("theirs", allow_data_loss=True, **options)
    app.write(*ours)
    our_script = app.make("ours", allow_data_loss=True)
    assert our_script is not None
    assert their_script is not None
    versions = our_script.parent
    for path in their_script.parent.glob(f"{their_script.name[:12]}*"):
        shutil.copy(path, versions / path.name)
    shutil.rmtree(folder)
    return our_script.name[:12], their_script.name[:12]


MERGES: dict[str, tuple[Tables, Tables, Tables]] = {
    "columns of one table": ([post(VIEWS)], [post(SLUG)], [post(VIEWS, SLUG)]),
    "new tables": ([POST, TAG], [POST, {**TAG, "name": "Word"}], [POST, TAG, {**TAG, "name": "Word"}]),
    "a rename and a new column": (
        [renamed(POST, "Article", title="headline")],
        [post(VIEWS, indexes=[{"columns": ["title", "views"]}])],
        [renamed(post(VIEWS, indexes=[{"columns": ["title", "views"]}]), "Article", title="headline")],
    ),
    "a rename and a new reference": (
        [renamed(POST, "Article")],
        [POST, {**TAG, "columns": [*TAG["columns"], {"name": "postId", "type": "String", "references": "Post"}]}],
        [
            renamed(POST, "Article"),
            {**TAG, "columns": [*TAG["columns"], {"name": "postId", "type": "String", "references": "Article"}]},
        ],
    ),
    "the same change": ([post(VIEWS)], [post(VIEWS, SLUG)], [post(VIEWS, SLUG)]),
    "a column that goes": ([without("body")], [post(VIEWS)], [without("body", post(VIEWS))]),
    "different keys of a column": (
        [post({**VIEWS, "defaultValue": 0})],
        [post({**VIEWS, "isIndexed": True})],
        [post({**VIEWS, "defaultValue": 0, "isIndexed": True})],
    ),
}
_SLOW = ("new tables", "the same change", "a rename and a new reference", "different keys of a column")


@pytest.mark.both_databases
@pytest.mark.parametrize("case", [pytest.param(n, marks=pytest.mark.extra if n in _SLOW else []) for n in MERGES])
async def test_a_database_of_each_branch_and_an_empty_one_get_the_merged_design(
    app: App, tmp_path: Path, case: str
) -> None:
    """With the rows and columns that the branch had made, whichever it was."""
    ours, theirs, merged = MERGES[case]
    if case == "different keys of a column":
        app.write(post(VIEWS))
    app.make("start")
    await app.apply()
    await add_post(app)
    (kept,) = await app.rows("SELECT id, author_id FROM posts")
    ids = branch(app, tmp_path / "other", ours, theirs)
    versions = app.folder / "migrations/versions"
    hidden = list(versions.glob(f"{ids[1]}*"))
    contents = {path: path.read_bytes() for path in hidden}
    for path in hidden:
        path.unlink()
    await app.apply()  # Our branch alone.
    for path, content in contents.items():
        path.write_bytes(content)
    assert merge(app.folder) is not None
    app.write(*merged)
    assert app.make("nothing more") is None
    await app.apply()
    assert await app.drift() == []
    table = "articles" if "rename" in case else "posts"
    assert await app.rows(f"SELECT id, author_id FROM {table}") == [kept]
    here = await app.read(structure)
    assert here == await as_made_at_once(app)
    # Back to our branch, and to where both part; then all of it at once.
    await app.roll_back(allow_data_loss=True)
    await app.roll_back(allow_data_loss=True)
    await app.apply()
    assert await app.read(structure) == here


async def test_what_both_changed_is_listed_and_nothing_is_written(sqlite_app: App, tmp_path: Path) -> None:
    """Each with its path and both ways; `--take` settles it."""
    sqlite_app.write(post(VIEWS))
    sqlite_app.make("start")
    await sqlite_app.apply()
    ours, theirs = branch(
        sqlite_app,
        tmp_path / "other",
        [post({**VIEWS, "maxValue": 9}, dbName="entries")],
        [without("body", post({**VIEWS, "maxValue": 5}, dbName="notes"))],
    )
    before = sorted(sqlite_app.folder.rglob("*"))
    with pytest.raises(SetupError) as caught:
        merge(sqlite_app.folder)
    swapped = ours > theirs
    assert f"Post.views.maxValue: {'5, and 9' if swapped else '9, and 5'}" in str(caught.value)
    assert f"Post.dbName: {'notes, and entries' if swapped else 'entries, and notes'}" in str(caught.value)
    assert sorted(sqlite_app.folder.rglob("*")) == before
    with pytest.raises(SetupError, match="--take x: the revisions to merge are"):
        merge(sqlite_app.folder, take="x")
    assert merge(sqlite_app.folder, take=theirs) is not None
    table = sqlite_app.history.revisions.design_at(sqlite_app.history.head).table("Post")
    assert (table.database_name, table.column("views").max_value) == ("notes", 5)
    await sqlite_app.apply()
    assert "notes" in await sqlite_app.tables()


def test_a_table_that_one_dropped_and_the_other_changed_is_a_conflict(sqlite_app: App, tmp_path: Path) -> None:
    """Neither way is taken by itself."""
    sqlite_app.make("start")
    branch(sqlite_app, tmp_path / "other", [], [post(VIEWS)])
    with pytest.raises(SetupError, match="Post: is (dropped, and is changed|changed, and is dropped)"):
        merge(sqlite_app.folder)


def test_designs_that_do_not_fit_together_are_refused(sqlite_app: App, tmp_path: Path) -> None:
    """Two columns of one name, a reference to what the other dropped: with the path, and nothing written."""
    sqlite_app.write(POST, TAG)
    sqlite_app.make("start")
    referring = post({"name": "tagId", "type": "String", "references": "Tag"})
    branch(sqlite_app, tmp_path / "other", [POST], [referring, TAG])
    with pytest.raises(SetupError, match='do not fit together:\n  tables.*no table "Tag"'):
        merge(sqlite_app.folder)


async def test_steps_of_a_person_in_the_other_branch_are_run(sqlite_app: App, tmp_path: Path) -> None:
    """A script that was edited does more than its designs say."""
    sqlite_app.make("start")
    await sqlite_app.apply()
    await add_post(sqlite_app)
    _, theirs = branch(sqlite_app, tmp_path / "other", [POST, TAG], [post({"name": "views", "type": "Text"})])
    (script,) = (sqlite_app.folder / "migrations/versions").glob(f"{theirs}*.py")
    text = script.read_text()
    step = "    op.execute(\"UPDATE posts SET views = 'counted'\")\n"
    script.write_text(text.replace("\n\n\ndef downgrade", f"\n{step}\n\ndef downgrade"))
    assert merge(sqlite_app.folder) is not None
    sqlite_app.write(post({"name": "views", "type": "Text"}), TAG)
    await sqlite_app.apply()
    assert await sqlite_app.drift() == []
    assert await sqlite_app.rows("SELECT views FROM posts") == [("counted",)]


async def test_steps_of_a_person_that_would_lose_columns_on_sqlite_are_refused(sqlite_app: App, tmp_path: Path) -> None:
    """The table that the script describes has not got the column of the other branch."""
    sqlite_app.make("start")
    await sqlite_app.apply()
    ours, theirs = branch(sqlite_app, tmp_path / "other", [post(SLUG)], [post(VIEWS)])
    for each in (ours, theirs):
        (script,) = (sqlite_app.folder / "migrations/versions").glob(f"{each}*.py")
        script.write_text(
            script.read_text().replace("\n\n\ndef downgrade", "\n    op.execute('SELECT 1')\n\n\ndef downgrade")
        )
    merge(sqlite_app.folder)
    with pytest.raises(SetupError, match="has steps of its own, and SQLite would lose"):
        await sqlite_app.apply()
    assert await sqlite_app.rows("SELECT count(*) FROM alembic_version") == [(1,)]


def test_one_line_needs_no_merge(sqlite_app: App) -> None:
    """And two heads name the command."""
    sqlite_app.make("start")
    assert merge(sqlite_app.folder) is None


def test_three_branches_are_joined_one_after_the_other(sqlite_app: App, tmp_path: Path) -> None:
    """Each merge joins two."""
    sqlite_app.make("start")
    versions = sqlite_app.folder / "migrations/versions"
    first = list(versions.iterdir())
    kept: dict[str, bytes] = {}
    for column in (VIEWS, SLUG, {"name": "mood", "type": "String"}):
        sqlite_app.write(post(column))
        sqlite_app.make("branch")
        for path in [path for path in versions.iterdir() if path not in first and path.is_file()]:
            kept[path.name] = path.read_bytes()
            path.unlink()
    for name, content in kept.items():
        (versions / name).write_bytes(content)
    assert len(Revisions(versions).heads) == 3
    with pytest.raises(SetupError, match="both come last .*Run: gatewright migrate merge"):
        sqlite_app.make("more")
    merge(sqlite_app.folder)
    merge(sqlite_app.folder)
    assert len(Revisions(versions).heads) == 1
    columns = {
        column.name for column in sqlite_app.history.revisions.design_at(sqlite_app.history.head).table("Post").columns
    }
    assert {"views", "slug", "mood"} <= columns
