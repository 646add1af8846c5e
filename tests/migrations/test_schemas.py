"""Tables in schemas of PostgreSQL: made, changed, renamed and moved with their rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gatewright.errors import SetupError
from gatewright.storage.checks import quoted_table
from tests.migrations.apps import App

ID = {"name": "id", "type": "Int", "isPrimaryKey": True, "defaultValue": "autoincrement()"}
ODD = "Ünï %(x)s :y"


def orders(schema: str | None, *columns: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A table of one name in any schema, with one of nearly everything that has a name in the database."""
    table = {
        "name": "Order",
        "columns": [
            ID,
            {"name": "code", "type": "String", "isUnique": True, "minLength": 1},
            {"name": "parentId", "type": "Int", "references": "Order"},
            *columns,
        ],
        "indexes": [{"columns": ["code", "parentId"], "isUnique": True}],
        "foreignKeys": [
            {"columns": ["code", "parentId"], "table": "Order", "toColumns": ["code", "parentId"], "name": "own"}
        ],
        **({"dbSchema": schema} if schema else {}),
    }
    return {**table, **keys}


def lines(schema: str | None, to: str = "Order") -> dict[str, Any]:
    """A table that refers to orders, also in another schema."""
    columns = [ID, {"name": "orderId", "type": "Int", "references": to}]
    return {"name": "Line", "columns": columns, **({"dbSchema": schema} if schema else {})}


@pytest.fixture
def pg_app(tmp_path: Path, postgres_url: str) -> App:
    """An app on PostgreSQL."""
    return App(tmp_path, postgres_url)


async def changed(app: App, *tables: dict[str, Any], **options: Any) -> str:
    """Apply a change of the design, and give its revision."""
    app.write(*tables)
    source = app.made("change", **options)
    await app.apply()
    assert await app.drift() == []
    return source


async def names_of(app: App, schema: str) -> set[str]:
    """What there is in a schema: tables, sequences, indexes."""
    rows = await app.rows(
        "SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        f"WHERE nspname = '{schema.replace(':', chr(92) + ':')}'"
    )
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    ("first", "second"), [(None, "sales"), ("sales", None), ("sales", "Order"), ("sales", ODD), (ODD, None)]
)
async def test_a_table_moves_to_another_schema_with_its_rows(
    pg_app: App, first: str | None, second: str | None
) -> None:
    """Its keys, indexes and sequence go along, references follow, and the way back is a move too."""
    await changed(pg_app, orders(first), lines("sales"))
    before = await names_of(pg_app, first or "public")
    table = sa.table("orders", schema=first)
    await pg_app.run(f"INSERT INTO {_sql(table)} (code) VALUES ('a')")
    await pg_app.run("INSERT INTO sales.lines (order_id) VALUES (1)")
    await changed(pg_app, orders(second), lines("sales"))
    moved = sa.table("orders", schema=second)
    assert await pg_app.rows(f"SELECT id, code FROM {_sql(moved)}") == [(1, "a")]
    await pg_app.run(f"INSERT INTO {_sql(moved)} (code) VALUES ('b')")
    expected = {name for name in before if "order" in name and not name.startswith("ix_lines")}
    assert expected <= await names_of(pg_app, second or "public")
    assert not expected & await names_of(pg_app, first or "public")
    await pg_app.roll_back(allow_data_loss=True)
    assert await pg_app.drift() == []
    assert await pg_app.rows(f"SELECT id, code FROM {_sql(table)} ORDER BY id") == [(1, "a"), (2, "b")]


def _sql(table: sa.TableClause) -> str:
    return quoted_table(str(table.fullname)).replace(":", "\\:")


async def test_a_table_is_renamed_and_moved_at_once_also_onto_the_place_of_another(pg_app: App) -> None:
    """Each row stays in its table, whatever that is called."""
    await changed(pg_app, orders("a"), orders("b", name="Sale", dbName="sales"))
    await pg_app.run("INSERT INTO a.orders (code) VALUES ('order')")
    await pg_app.run("INSERT INTO b.sales (code) VALUES ('sale')")
    first = orders("b", name="Order", dbName="sales")
    second = orders(None, name="Sale", dbName="orders")
    await changed(pg_app, first, second)
    assert await pg_app.rows("SELECT code FROM b.sales") == [("order",)]
    assert await pg_app.rows("SELECT code FROM orders") == [("sale",)]
    await pg_app.roll_back(allow_data_loss=True)
    assert await pg_app.drift() == []
    assert await pg_app.rows("SELECT code FROM a.orders") == [("order",)]


async def test_two_tables_of_one_name_are_two_tables(pg_app: App) -> None:
    """In each schema with keys and indexes of the same names; each change is made to its own table."""
    archived = orders("archive", name="OldOrder", dbName="orders")
    await changed(pg_app, orders(None), archived, lines("archive", "OldOrder"))
    note = {"name": "note", "type": "Text"}
    await changed(pg_app, orders(None), {**archived, "columns": [*archived["columns"], note]}, lines("archive"))
    await pg_app.run("INSERT INTO archive.orders (note) VALUES ('x')")
    await pg_app.run("ALTER TABLE archive.orders DROP COLUMN note")
    assert await pg_app.drift() == ["The column archive.orders.note is missing."]
    await pg_app.run("DROP TABLE archive.lines")
    assert "The table archive.lines is missing." in await pg_app.drift()


async def test_changes_of_rows_find_the_table_in_its_schema(pg_app: App) -> None:
    """Values for rows that are there, losses, and rows that do not fit."""
    await changed(pg_app, orders("sales"))
    await pg_app.run("INSERT INTO sales.orders (code) VALUES ('long')")
    state = {"name": "state", "type": "String", "isRequired": True}
    kind = {"name": "kind", "type": "Uuid", "isRequired": True, "defaultValue": "uuid()"}
    await changed(pg_app, orders("sales", state, kind), defaults={"Order.state": "new"})
    assert await pg_app.rows("SELECT state FROM sales.orders WHERE kind IS NOT NULL") == [("new",)]
    short = {**state, "maxLength": 2}
    pg_app.write(orders("sales", short, kind))
    pg_app.make("narrow", allow_data_loss=True)
    with pytest.raises(SetupError, match="1, such as id 1"):
        await pg_app.apply(allow_data_loss=True)
    await pg_app.run("UPDATE sales.orders SET state = 'ok'")
    await pg_app.apply(allow_data_loss=True)
    pg_app.write(orders("sales", kind))
    assert [loss.place for loss in (await pg_app.draft()).waiting] == ["Order.state"]
    await pg_app.draft(allow_data_loss=True)
    assert await pg_app.drift() == []


async def test_a_draft_moves_and_comes_back(pg_app: App) -> None:
    """As a revision does."""
    await changed(pg_app, orders(None))
    await pg_app.run("INSERT INTO orders (code) VALUES ('a')")
    pg_app.write(orders("sales"))
    await pg_app.draft()
    assert await pg_app.rows("SELECT code FROM sales.orders") == [("a",)]
    pg_app.write(orders(None))
    await pg_app.draft()
    assert await pg_app.rows("SELECT code FROM orders") == [("a",)]


async def test_sqlite_refuses_tables_in_schemas(sqlite_app: App) -> None:
    """Two tables could become one; nothing is changed."""
    sqlite_app.write(orders("sales"))
    sqlite_app.make("start")
    with pytest.raises(SetupError, match=r"SQLite has no schemas.*Order \(sales\)\. Set DATABASE_URL"):
        await sqlite_app.apply()
