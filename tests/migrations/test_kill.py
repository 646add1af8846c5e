"""`migrate apply` and `migrate make` are ended without warning, and run again."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from gatewright.migrations.merge import merge
from gatewright.migrations.revisions import Revisions
from gatewright.storage.schema import Schema
from tests.migrations.apps import POST, App, post
from tests.migrations.processes import applying, making, merging
from tests.migrations.test_app_history import add_post
from tests.migrations.test_merge import branch

LOOPS = 30


def killed_after(process: BaseProcess, seconds: float | None) -> int | None:
    """Wait for that long, or to the end, and end what is still at work; the exit status."""
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode


def length_of(process: BaseProcess) -> float:
    """How long it takes when nobody ends it, in seconds."""
    began = time.perf_counter()
    process.join()
    assert process.exitcode == 0
    return time.perf_counter() - began


def growing() -> Iterator[dict[str, Any]]:
    """A design that gets one more column each time, under which another has a new name.

    The column makes SQLite's table anew, and the name comes with an index that is called after it.
    """
    columns: list[dict[str, Any]] = [{"name": "word", "type": "String", "isIndexed": True}]
    for number in range(LOOPS + 1):
        yield post(*columns)
        columns[0] = {**columns[0], "name": f"word{number}", "id": "word"}
        columns.append({"name": f"column{number}", "type": "Boolean", "defaultValue": False})


@pytest.mark.extra
async def test_apply_can_be_killed_at_any_moment(app: App) -> None:
    """The database is at one revision or at the next, its rows are there, and the next run completes."""
    designs = growing()
    app.write(next(designs))
    app.make("start")
    whole = length_of(applying(app.folder, app.url))
    await add_post(app)
    chance = random.Random(4)  # noqa: S311 (moments, no secrets)
    statuses, reached = set(), set()
    for number, design in enumerate(designs):
        app.write(design)
        app.make("one more")
        # Longer and longer, for a machine that has become slower since the first run was timed; and some to the end,
        # since what a killed one leaves comes on top of what the next has to do.
        moment = chance.uniform(0, whole * (1 + number / 8)) if number % 5 else None
        statuses.add(killed_after(applying(app.folder, app.url), moment))
        ((at,),) = await app.rows("SELECT version_num FROM alembic_version")
        columns = await app.read(lambda tx: set(tx.connection.exec_driver_sql("SELECT * FROM posts").keys()))
        assert columns == {c.name for c in Schema(app.history.revisions.design_at(at))["Post"].columns}
        reached.add(at)
    assert -signal.SIGKILL in statuses
    assert len(reached) > 1
    await app.apply()
    assert await app.drift() == []
    assert await app.rows("SELECT title FROM posts") == [("Hello",)]


async def test_two_processes_at_once_apply_each_revision_once(app: App) -> None:
    """One waits for the other."""
    for design in list(growing())[:4]:
        app.write(design)
        app.make("one more")
    both = [applying(app.folder, app.url) for _ in range(2)]
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    assert await app.drift() == []


def test_make_can_be_killed_at_any_moment(sqlite_app: App) -> None:
    """There is a revision with its snapshot, or none."""
    sqlite_app.write(POST)
    sqlite_app.make("start")
    versions = sqlite_app.folder / "migrations" / "versions"
    chance = random.Random(4)  # noqa: S311 (moments, no secrets)
    for number in range(LOOPS):
        sqlite_app.write(post(*({"name": f"c{each}", "type": "Int"} for each in range(number + 1))))
        killed_after(making(sqlite_app.folder), chance.uniform(0, 0.06))
        for revision in Revisions(versions):
            assert revision.snapshot_file.is_file()
            compile(revision.file.read_bytes(), revision.file, "exec")
    sqlite_app.make("the rest")
    assert sqlite_app.make("nothing") is None


def test_merge_can_be_killed_at_any_moment(sqlite_app: App, tmp_path: Path) -> None:
    """Both branches come last as before, or the merge does, with its snapshot."""
    sqlite_app.write(POST)
    sqlite_app.make("start")
    first = {"name": "Article", "renamedFrom": "Post"}
    branch(sqlite_app, tmp_path / "other", [{**post(), **first}], [post({"name": "views", "type": "Int"})])
    versions = sqlite_app.folder / "migrations" / "versions"
    before = {path.name for path in versions.iterdir()}
    whole = length_of(merging(sqlite_app.folder))
    chance = random.Random(4)  # noqa: S311 (moments, no secrets)
    ends = set()
    for _ in range(LOOPS):
        for path in versions.iterdir():
            if path.name not in before:
                path.unlink()
        killed_after(merging(sqlite_app.folder), chance.uniform(0, 2 * whole))
        found = Revisions(versions)
        assert all(revision.snapshot_file.is_file() for revision in found)
        ends.add(sum(revision.is_merge for revision in found))
    assert ends == {0, 1}
    merge(sqlite_app.folder)
    assert sqlite_app.history.head is not None


def test_a_snapshot_without_its_script_is_no_revision(sqlite_app: App) -> None:
    """It is what a killed run may leave."""
    made = sqlite_app.make("start")
    assert made is not None
    made.unlink()
    assert sqlite_app.history.head is None
    again = sqlite_app.make("start")
    assert again == made
    assert made.exists()
