"""SQLite takes any value in any column: checks hold the engine's tables and an app's own to their columns' types."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from gatewright.errors import SetupError
from gatewright.features.users import queries as users
from gatewright.migrations.histories import KERNEL, histories_of
from gatewright.migrations.make import make
from gatewright.migrations.status import check_current
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.migrations.apps import POST, App, post

COLUMNS: list[dict[str, Any]] = [
    {"name": "isDraft", "type": "Boolean"},
    {"name": "at", "type": "DateTime"},
    {"name": "day", "type": "Date"},
    {"name": "hour", "type": "Time"},
    {"name": "number", "type": "Int"},
    {"name": "large", "type": "BigInt"},
    {"name": "ratio", "type": "Float"},
    {"name": "price", "type": "Decimal", "precision": 9, "scale": 2},
    {"name": "picture", "type": "Bytes"},
    {"name": "mark", "type": "Uuid"},
    {"name": "data", "type": "Json"},
]
WRONG: list[tuple[str, object]] = [
    *(("is_draft", value) for value in ("false", "true", "", 2, -1, b"\x01")),
    *(
        ("at", value)
        for value in (0, 1_700_000_000, 2460000.5, "yesterday", "2026-13-01T00:00:00", "2026-01-31", b"2026")
    ),
    ("at", "2026-01-31T12:00:00Z"),
    *(("day", value) for value in (20260131, "31.01.2026", "2026-01-31 00:00:00")),
    *(("hour", value) for value in (12, "noon", "25 h")),
    *((name, value) for name in ("number", "large") for value in ("many", 1.5, b"1")),
    *((name, "a lot") for name in ("ratio", "price")),
    ("picture", "a text"),
    *(("mark", value) for value in ("x", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736")),
    ("data", b"{}"),
]
RIGHT: list[tuple[str, object]] = [
    *(("is_draft", value) for value in (0, 1, True, "1", None)),
    *(
        ("at", value)
        for value in ("2026-01-31 12:00:00", "0001-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999", None)
    ),
    *(("day", value) for value in ("2026-01-31", None)),
    *(("hour", value) for value in ("12:30", "12:30:00.000001")),
    ("number", "5"),
    ("ratio", 1),
    ("price", "1.5"),
    ("mark", "4bf92f3577b34da6a3ce929d0e0e4736"),
    ("data", 5),
]
USER = "INSERT INTO users (id, email, email_key, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
MOMENT = "2026-01-01 00:00:00"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def opened(app: App) -> sqlite3.Connection:
    """The database, as any program opens it."""
    return sqlite3.connect(app.url.removeprefix("sqlite:///"), isolation_level=None)


async def prepared_before(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app, and its database, as a version left them that made no checks on types."""
    app.write(post(*COLUMNS))
    monkeypatch.setattr("gatewright.migrations.apply.hold_engine_columns", lambda *_: None)
    make(app.folder, replace(app.design, holds_types=False), "start")
    await app.apply()
    monkeypatch.undo()
    with closing(opened(app)) as connection:
        connection.execute("UPDATE gatewright_version SET version_num = 'k0006'")
        connection.execute("DROP TABLE gatewright_login_challenges")
        connection.execute(USER, ("u", "u", "u", MOMENT, MOMENT))
        connection.execute("INSERT INTO posts (id, title, author_id) VALUES ('p', 'Hello', 'u')")
    assert "sqlite_type" not in schema_of(app)


def schema_of(app: App) -> str:
    with closing(opened(app)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    return "\n".join(text for (text,) in rows)


async def test_a_generated_table_takes_what_its_columns_say(new_app: App) -> None:
    """Whoever writes it: SQLite itself refuses the rest."""
    with closing(opened(new_app)) as connection:
        for column, value in WRONG:
            with pytest.raises(sqlite3.IntegrityError, match=f"ck_posts_{column}_sqlite_type"):
                connection.execute(f"UPDATE posts SET {column} = ?", (value,))
        for column, value in RIGHT:
            connection.execute(f"UPDATE posts SET {column} = ?", (value,))


@pytest.fixture
async def new_app(sqlite_app: App) -> App:
    """An app with a column of each type, and a row."""
    sqlite_app.write(post(*COLUMNS))
    sqlite_app.make("start")
    await sqlite_app.apply()
    await sqlite_app.run(
        f"INSERT INTO users VALUES ('u', 'u', 'u', NULL, NULL, NULL, 0, 'USER', NULL, '{MOMENT}', '{MOMENT}')"
    )
    await sqlite_app.run("INSERT INTO posts (id, title, author_id) VALUES ('p', 'Hello', 'u')")
    return sqlite_app


ENGINE_WRONG: list[tuple[str, object]] = [
    ("is_email_verified", "false"),
    ("is_email_verified", 2),
    ("created_at", 1_700_000_000),
    ("disabled_at", "never"),
    ("password", b"$2b$12$bytes"),
    ("role", b"ADMIN"),
]


async def test_the_engines_tables_take_what_their_columns_say(new_app: App) -> None:
    """Text that an import of CSV leaves, moments in seconds, passwords as bytes."""
    with closing(opened(new_app)) as connection:
        for column, value in ENGINE_WRONG:
            with pytest.raises(sqlite3.IntegrityError, match=f"ck_users_{column}_sqlite"):
                connection.execute(f"UPDATE users SET {column} = ?", (value,))


async def test_an_upgrade_brings_the_engines_checks_and_asks_an_app_for_nothing(
    sqlite_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where an app's own migrations made the engine's tables; what else hangs on these stays."""
    await prepared_before(sqlite_app, monkeypatch)
    with closing(opened(sqlite_app)) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN mine TEXT COLLATE NOCASE DEFAULT 'a ) b'")
        connection.execute("CREATE INDEX mine ON users (lower(email)) WHERE disabled_at IS NULL")
        connection.execute("CREATE TRIGGER noted AFTER UPDATE ON users BEGIN UPDATE posts SET title = 'noted'; END")
        connection.execute("CREATE VIEW seen AS SELECT email FROM users")
    before = set(schema_of(sqlite_app).split("\n"))
    assert [applied.after for applied in await sqlite_app.apply()] == [KERNEL.head]
    after = schema_of(sqlite_app)
    for name in ("is_email_verified", "created_at", "password"):
        assert f"CONSTRAINT ck_users_{name}_sqlite_type CHECK" in after
    assert "CONSTRAINT ck_refresh_tokens_expires_at_sqlite_type" in after
    assert "CONSTRAINT ck_email_verifications_used_at_sqlite_type" in after
    assert "ck_posts" not in after
    lost = {line.strip().rstrip(",") for line in before} - {line.strip().rstrip(",") for line in after.split("\n")}
    assert {line for line in lost if not line.startswith("CREATE TABLE")} == set()
    await sqlite_app.run("UPDATE users SET role = 'ADMIN'")
    assert await sqlite_app.rows("SELECT users.id, mine, title, seen.email FROM users, posts, seen") == [
        ("u", "a ) b", "noted", "u")
    ]
    await sqlite_app.run("DELETE FROM posts")
    await check(sqlite_app)
    assert (await sqlite_app.draft()).is_changed is False


async def check(app: App) -> None:
    """As a start does."""
    db = open_database(app.url, Schema(app.design))
    await db.start()
    try:
        await check_current(db, histories_of(app.folder))
    finally:
        await db.stop()


async def test_rows_that_violate_the_engines_checks_are_listed_and_nothing_is_changed(
    sqlite_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, with their number and a statement that finds them; once they are right, the upgrade goes on."""
    await prepared_before(sqlite_app, monkeypatch)
    with closing(opened(sqlite_app)) as connection:
        connection.execute("UPDATE users SET is_email_verified = 'false', created_at = 1700000000")
    before = schema_of(sqlite_app)
    with pytest.raises(SetupError) as refused:
        await sqlite_app.apply()
    first, *listed = str(refused.value).splitlines()
    assert first.startswith("The database is as it was: rows have values that are not of their column's type")
    assert [line.partition(" that is not")[0].strip() for line in listed] == [
        "1 row(s) have a value in users.is_email_verified",
        "1 row(s) have a value in users.created_at",
    ]
    assert schema_of(sqlite_app) == before
    with closing(opened(sqlite_app)) as connection:
        for line in listed:
            assert len(connection.execute(line.partition("to find them: ")[2]).fetchall()) == 1
        connection.execute(f"UPDATE users SET is_email_verified = 0, created_at = '{MOMENT}'")
    await sqlite_app.apply()
    assert "ck_users_created_at_sqlite_type" in schema_of(sqlite_app)


async def test_an_app_gets_its_checks_with_its_next_migration(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when its design has not changed; rows that violate them are listed, all of them, and stay as they are."""
    await prepared_before(sqlite_app, monkeypatch)
    await sqlite_app.apply()
    source = sqlite_app.made("types")
    assert 'if op.get_context().dialect.name == "sqlite":' in source
    assert sqlite_app.make("nothing more") is None
    with closing(opened(sqlite_app)) as connection:
        connection.execute("UPDATE posts SET is_draft = 'maybe', number = 'many'")
    with pytest.raises(SetupError) as refused:
        await sqlite_app.apply()
    assert "1 row(s) have a value in posts.is_draft" in str(refused.value)
    assert "1 row(s) have a value in posts.number" in str(refused.value)
    assert "ck_posts" not in schema_of(sqlite_app)
    assert await sqlite_app.rows("SELECT is_draft, number FROM posts") == [("maybe", "many")]
    await sqlite_app.run("UPDATE posts SET is_draft = 1, number = 5")
    await sqlite_app.apply()
    for name in sorted({name for name, _ in WRONG}):
        assert schema_of(sqlite_app).count(f"CONSTRAINT ck_posts_{name}_sqlite_type") == 1
    assert schema_of(sqlite_app).count("CONSTRAINT ck_users_created_at_sqlite_type") == 1
    await sqlite_app.roll_back(allow_data_loss=True)
    assert "ck_posts" not in schema_of(sqlite_app)
    assert "ck_users_created_at_sqlite_type" in schema_of(sqlite_app)


async def test_an_older_revision_of_an_app_does_not_take_the_engines_checks_away(
    sqlite_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that makes the table of users anew from what it was then; also in a database that is new."""
    staff = {
        "name": "User",
        "columns": [POST["columns"][0], {"name": "isStaff", "type": "Boolean", "defaultValue": False}],
    }
    await prepared_before(sqlite_app, monkeypatch)
    sqlite_app.write(post(*COLUMNS), staff)
    make(sqlite_app.folder, replace(sqlite_app.design, holds_types=False), "staff")
    await sqlite_app.apply()
    assert schema_of(sqlite_app).count("CONSTRAINT ck_users_created_at_sqlite_type") == 1
    assert "is_staff BOOLEAN" in schema_of(sqlite_app)
    new = App(sqlite_app.folder, f"{sqlite_app.url}.new")
    await new.apply()
    assert new.url != sqlite_app.url
    assert schema_of(new).count("CONSTRAINT ck_users_created_at_sqlite_type") == 1


async def test_checks_on_types_are_for_sqlite_alone(app: App) -> None:
    """The same revisions run on every database, there and back."""
    app.write(post(*COLUMNS))
    app.make("start")
    app.write(post(*COLUMNS, {"name": "more", "type": "Boolean", "defaultValue": True}))
    app.make("more")
    await app.apply()
    assert await app.drift() == []
    await app.roll_back(allow_data_loss=True)
    await app.roll_back(allow_data_loss=True)
    assert await app.tables() == set()


async def test_a_draft_has_the_checks_too(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the design changes; taken back, the app's tables are as its revisions made them."""
    await prepared_before(sqlite_app, monkeypatch)
    await sqlite_app.draft()
    assert "ck_posts" not in schema_of(sqlite_app)
    sqlite_app.write(post(*COLUMNS, {"name": "more", "type": "Int"}))
    await sqlite_app.draft()
    assert "ck_posts_more_sqlite_type" in schema_of(sqlite_app)
    sqlite_app.write(post(*COLUMNS))
    await sqlite_app.draft()
    assert "ck_posts" not in schema_of(sqlite_app)
    assert "ck_users_created_at_sqlite_type" in schema_of(sqlite_app)


async def test_doctor_counts_what_is_not_what_its_column_says(new_app: App) -> None:
    """Also where checks were switched off while it was written, and texts that are bytes."""
    assert await new_app.find_damage() == []
    with closing(opened(new_app)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("UPDATE posts SET is_draft = 'false', at = 5, day = 'x', title = X'00'")
        connection.execute("UPDATE users SET is_email_verified = 'false'")
    found = await new_app.find_damage()
    assert sorted(line.partition(" that is not")[0] for line in found) == sorted(
        f"1 row(s) have a value in {place}"
        for place in ("users.is_email_verified", "posts.is_draft", "posts.at", "posts.day", "posts.title")
    )


async def test_what_is_read_is_never_more_than_what_is_stored(new_app: App, caplog: pytest.LogCaptureFixture) -> None:
    """Text is not true, and what is no moment is long past: by the engine's statements and by generated code alike."""
    with closing(opened(new_app)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("UPDATE posts SET is_draft = 'false', at = 1700000000, day = 20260131, hour = 'noon'")
        connection.execute("UPDATE users SET is_email_verified = 'false', created_at = 1700000000, updated_at = X'00'")
    posts = Schema(new_app.design)["Post"]
    columns = [posts.c.is_draft, posts.c.at, posts.c.day, posts.c.hour]
    plain: list[sa.ColumnElement[Any]] = [
        sa.column("is_draft", sa.Boolean()),
        sa.column("day", sa.Date()),
        sa.column("hour", sa.Time()),
    ]
    (row,) = await new_app.read(lambda tx: tx.all(sa.select(*columns)))
    assert row == {"is_draft": False, "at": LONG_AGO, "day": LONG_AGO.date(), "hour": LONG_AGO.time()}
    (row,) = await new_app.read(lambda tx: tx.all(sa.select(*plain).select_from(posts)))
    assert row == {"is_draft": False, "day": LONG_AGO.date(), "hour": LONG_AGO.time()}
    found = await new_app.fetch(users.FIND_BY_EMAIL_KEY, email_key="u")
    assert found is not None
    user = found.account
    assert (user.is_email_verified, user.created_at, user.updated_at) == (False, LONG_AGO, LONG_AGO)
    assert all("17000" not in message for message in caplog.messages)


async def test_a_moment_with_its_zone_is_that_moment(new_app: App) -> None:
    """Other programs write them, and older databases may hold them."""
    for stored, hour in (("2026-01-31 12:00:00+02:00", 10), ("2026-01-31T12:00:00Z", 12)):
        with closing(opened(new_app)) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            connection.execute("UPDATE posts SET at = ?", (stored,))
        (row,) = await new_app.read(lambda tx: tx.all(sa.select(Schema(new_app.design)["Post"].c.at)))
        assert row["at"] == datetime(2026, 1, 31, hour, tzinfo=UTC)
