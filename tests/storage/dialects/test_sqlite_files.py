"""SQLite's files: private from the start, and never another file than the one that was opened."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Executable, select, text, true, update
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core.engine_tables import built_in_design
from gatewright.errors import Unavailable
from gatewright.features.users import queries as users
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import Row
from gatewright.storage.schema import Schema
from tests.conftest import make_settings
from tests.live import until

Change = Callable[[Path], None]


def _move_file(file: Path) -> None:
    file.rename(file.with_name("moved"))


def _delete_file(file: Path) -> None:
    os.link(file, file.with_name("moved"))
    file.unlink()


def _replace_file(file: Path) -> None:
    _move_file(file)
    shutil.copy(file.with_name("moved"), file)


def _move_log(file: Path) -> None:
    _move_file(file.with_name(f"{file.name}-wal"))


def _move_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("moved"))


def _put_back(file: Path, change: Change) -> None:
    if change is _move_folder:
        file.parent.with_name("moved").rename(file.parent)
    else:
        where = file.with_name(f"{file.name}-wal") if change is _move_log else file
        file.with_name("moved").rename(where)


CHANGES = pytest.mark.parametrize("change", [_move_file, _delete_file, _replace_file, _move_log, _move_folder])


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """A migrated database in a folder of its own."""
    folder = tmp_path / "data"
    folder.mkdir()
    return Path(shutil.copy(sqlite_template, folder / "gatewright.db"))


@pytest.fixture
async def db(file: Path) -> AsyncIterator[Database]:
    """It, open and written to."""
    db = open_database(f"sqlite:///{file}", Schema(built_in_design()))
    await db.start()
    await write(db)
    yield db
    await db.stop()


async def write(db: Database) -> None:
    await db.write(lambda tx: tx.run(text("UPDATE users SET role = role")))


async def read(db: Database) -> None:
    await db.read(lambda tx: tx.one(select(true())))


async def read_hot(db: Database) -> None:
    await db.fetch(users.FIND_BY_EMAIL_KEY, email_key="nobody")


@CHANGES
async def test_nothing_is_answered_from_a_file_that_nobody_finds_again(
    db: Database, file: Path, change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    """What is written then would be lost. One line says so, another one when the file is back."""
    change(file)
    for call in (write, read, read_hot, write):
        with pytest.raises(Unavailable):
            await call(db)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(lines) == 1
    assert f"{file}{'-wal' if change is _move_log else ''} was moved, deleted or replaced" in lines[0]
    _put_back(file, change)
    await read(db)
    for call in (write, read_hot):
        await call(db)
    assert "is back" in caplog.messages[-1]


@pytest.mark.parametrize("shares_commits", [True, False])
async def test_a_write_alone_notices_it(db: Database, file: Path, shares_commits: bool) -> None:
    """A hot statement that writes looks for itself, and does not wait for the next poll."""
    statement = HotStatement("write", _write_role, Row, shares_commits)
    assert await db.fetch(statement) is None
    _move_file(file)
    with pytest.raises(Unavailable):
        await db.fetch(statement)
    _put_back(file, _move_file)
    assert await db.fetch(statement) is None


def _write_role(schema: Schema) -> Executable:
    return update(schema["User"]).values(role=schema["User"].c.role).returning(schema["User"].c.id)


async def test_no_empty_database_is_made_where_one_was_lost(db: Database, file: Path) -> None:
    """SQLite makes a file for every connection that finds none, such as a thread's first."""
    _move_file(file)
    for _ in range(8):
        with pytest.raises(Unavailable):
            await read(db)
    assert not file.exists()


def test_a_server_answers_503_until_its_file_is_back(file: Path) -> None:
    """Reads, writes, guarded routes and readiness; then it goes on, and no answered write is lost."""
    auth = Gatewright(make_settings(f"sqlite:///{file}"))
    names = {"password": "securepassword", "firstName": "John", "lastName": "Doe"}
    with TestClient(auth.create_app(), base_url="http://localhost:3000") as client:
        token = client.post("/auth/register", json={"email": "a@example.com", **names}).json()["accessToken"]
        own = {"Authorization": f"Bearer {token}"}
        _move_file(file)
        assert client.post("/auth/register", json={"email": "b@example.com", **names}).status_code == 503
        assert client.get("/users/profile", headers=own).status_code == 503
        until(lambda: client.get("/health/ready").status_code == 503, what="the server not ready", seconds=10)
        assert client.get("/auth/sessions", headers=own).status_code == 503
        _put_back(file, _move_file)
        until(lambda: client.get("/health/ready").status_code == 200, what="the server ready", seconds=10)
        assert client.post("/auth/register", json={"email": "b@example.com", **names}).status_code == 201
        assert client.get("/users/profile", headers=own).status_code == 200


async def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    """Its log and the log's index too, whatever the environment lets new files have."""
    file = tmp_path / "new.db"
    before = os.umask(0)
    try:
        db = open_database(f"sqlite:///{file}", Schema(built_in_design()))
        await apply_all(db, HISTORIES)
        await db.start()
        await write(db)
        assert [mode(path) for path in db.files] == [0o600] * 3
        await db.stop()
    finally:
        os.umask(before)


async def test_a_start_takes_an_older_database_from_others(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A database of an earlier version was readable by all; the log says what was changed."""
    file.chmod(0o644)
    auth = Gatewright(make_settings(f"sqlite:///{file}"))
    async with auth.lifespan(None):
        assert {mode(path) for path in auth.database.files} == {0o600}
    assert f"{file} was readable by other users" in caplog.text


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_restart_takes_the_file_that_is_there_then(db: Database, file: Path) -> None:
    """Such as a backup that was put in its place, without the log of the former one."""
    _replace_file(file)
    with pytest.raises(Unavailable):
        await write(db)
    await db.stop()
    await db.start()
    await write(db)
