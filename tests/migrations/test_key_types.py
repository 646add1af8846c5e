"""Keys that run out of numbers get larger ones: Int becomes BigInt, and what refers to them follows."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.losses import DataLoss, RowsViolateChange
from tests.migrations.apps import App
from tests.migrations.test_changes import as_made_at_once, structure

LARGE = 2**31


def tables(kind: str, *, counts: bool, **keys: Any) -> list[dict[str, Any]]:
    """Posts with parents, and notes whose key is a post's."""
    key: dict[str, Any] = {"name": "id", "type": kind, "isPrimaryKey": True}
    if counts:
        key["defaultValue"] = "autoincrement()"
    parent = {"name": "parentId", "type": kind, "references": "Post"}
    owned = {
        "name": "postId",
        "type": kind,
        "isPrimaryKey": True,
        "references": {"table": "Post", "onDelete": "cascade"},
    }
    text = {"name": "text", "type": "String"}
    return [
        {"name": "Post", "columns": [key, parent, text], **keys},
        {"name": "Note", "columns": [owned, {"name": "number", "type": "Int", "isPrimaryKey": True}, text]},
    ]


@pytest.mark.both_databases
@pytest.mark.parametrize("counts", [True, False])
async def test_a_key_becomes_larger_with_what_refers_to_it(app: App, counts: bool) -> None:
    """Rows and references stay, the database is what the design would have made, and the key counts on."""
    app.write(*tables("Int", counts=counts))
    app.make("before")
    await app.apply()
    before = await app.read(structure)
    await app.run("INSERT INTO posts (id, parent_id, text) VALUES (1, NULL, 'a'), (2, 1, 'b')")
    await app.run("INSERT INTO notes (post_id, number, text) VALUES (2, 1, 'c')")
    app.write(*tables("BigInt", counts=counts))
    app.make("after")
    await app.apply()
    assert await app.read(structure) == await as_made_at_once(app)
    assert await app.drift() == []
    assert await app.rows("SELECT id, parent_id FROM posts ORDER BY id") == [(1, None), (2, 1)]
    await app.run(f"INSERT INTO posts (id, parent_id, text) VALUES ({LARGE}, 2, 'd')")
    await app.run(f"INSERT INTO notes (post_id, number, text) VALUES ({LARGE}, 1, 'e')")
    with pytest.raises(DataLoss, match="Post.id"):
        await app.roll_back()
    await app.run(f"DELETE FROM posts WHERE id = {LARGE}")
    assert await app.rows("SELECT post_id FROM notes") == [(2,)]
    await app.roll_back()
    assert await app.read(structure) == before


@pytest.mark.both_databases
async def test_the_counter_goes_as_far_as_the_key(app: App) -> None:
    """PostgreSQL's sequence of an Int ends at 2,147,483,647; also under a new name of the table."""
    app.write(*tables("Int", counts=True))
    app.make("before")
    await app.apply()
    app.write(*tables("BigInt", counts=True, renamedFrom="Post", dbName="The: posts"))
    app.make("after")
    await app.apply()
    last = LARGE - 1
    await app.run(f"""INSERT INTO "The\\: posts" (id, text) VALUES ({last}, 'a')""")
    if app.url.startswith("postgresql"):
        await app.rows(f"SELECT setval(pg_get_serial_sequence('\"The\\: posts\"', 'id'), {last})")
    await app.run("""INSERT INTO "The\\: posts" (text) VALUES ('b')""")
    assert await app.rows("""SELECT id FROM "The\\: posts" ORDER BY id""") == [(last,), (LARGE,)]
    assert await app.drift() == []


async def test_smaller_numbers_are_refused_where_rows_do_not_fit(sqlite_app: App) -> None:
    """Before anything changes, with their number and the key of one."""
    sqlite_app.write(*tables("BigInt", counts=False))
    sqlite_app.make("before")
    await sqlite_app.apply()
    await sqlite_app.run(f"INSERT INTO posts (id) VALUES ({LARGE})")
    sqlite_app.write(*tables("Int", counts=False))
    with pytest.raises(RowsViolateChange, match=rf"Post.id .*\(1, such as id {LARGE}\)"):
        await sqlite_app.draft(allow_data_loss=True)


def test_other_types_of_keys_are_refused_by_name(sqlite_app: App) -> None:
    """A number can't become a UUID; nothing is written."""
    sqlite_app.write(*tables("Int", counts=False))
    sqlite_app.make("before")
    sqlite_app.write(*tables("Uuid", counts=False))
    with pytest.raises(SetupError, match=r"Post.id: changing the type \(Int to Uuid\)"):
        sqlite_app.make("after", allow_data_loss=True)
