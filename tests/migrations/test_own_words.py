"""What a design says in the database's own words: rows that it keeps, and drift that is found."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.losses import DataLoss
from tests.migrations.apps import App

ID = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
NAME = {"name": "name", "type": "String", "isRequired": True}
SHOUTED = {"name": "shouted", "type": "Text", "computed": {"expression": "upper(name)", "isStored": True}}
INSERT = "INSERT INTO things (id, name) VALUES ('1', 'ada')"


def thing(*columns: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {"name": "Thing", "columns": [ID, NAME, *columns], **keys}


async def change(app: App, *tables: dict[str, Any], **options: Any) -> None:
    app.write(*tables)
    app.make("change", **options)
    await app.apply()
    assert await app.drift() == []


@pytest.mark.both_databases
async def test_a_computed_column_is_computed_for_rows_that_are_there(app: App) -> None:
    """When it comes, when its expression changes, and after SQLite has rebuilt the table; nothing else changes."""
    await change(app, thing())
    await app.run(INSERT)
    await change(app, thing(SHOUTED))
    assert await app.rows("SELECT name, shouted FROM things") == [("ada", "ADA")]
    await change(app, thing(SHOUTED, {"name": "age", "type": "Int", "isUnique": True, "minValue": 0}))
    assert await app.rows("SELECT name, shouted FROM things") == [("ada", "ADA")]
    await change(
        app, thing({**SHOUTED, "computed": {"expression": "name || '!'", "isStored": True}}), allow_data_loss=True
    )
    assert await app.rows("SELECT name, shouted FROM things") == [("ada", "ada!")]
    await app.roll_back(allow_data_loss=True)
    assert await app.rows("SELECT name, shouted FROM things") == [("ada", "ADA")]


@pytest.mark.both_databases
async def test_what_is_computed_follows_a_rename(app: App) -> None:
    """The table and the column that it is computed from have other names; the values are the same."""
    check = {"name": "long", "expression": "length(name) > 1"}
    await change(app, thing(SHOUTED, {"name": "age", "type": "Int", "isUnique": True, "minValue": 0}, checks=[check]))
    await app.run(INSERT)
    computed = {"expression": "upper(title)", "isStored": True}
    columns = [{**NAME, "name": "title", "id": "name"}, {**SHOUTED, "computed": computed}]
    years = {"name": "years", "id": "age", "type": "Int", "isUnique": True, "minValue": 0}
    check = {"name": "long", "expression": "length(title) > 1"}
    await change(app, {"name": "Object", "id": "Thing", "columns": [ID, *columns, years], "checks": [check]})
    assert await app.rows("SELECT title, shouted, years FROM objects") == [("ada", "ADA", None)]
    await app.roll_back()
    assert await app.rows("SELECT name, shouted, age FROM things") == [("ada", "ADA", None)]


@pytest.mark.parametrize("is_computed_first", [True, False])
def test_a_column_that_becomes_computed_or_stops_loses_what_is_in_it(sqlite_app: App, is_computed_first: bool) -> None:
    """The values are not the same afterwards, so a yes is needed."""
    plain = {"name": "shouted", "type": "Text"}
    before, after = (SHOUTED, plain) if is_computed_first else (plain, SHOUTED)
    sqlite_app.write(thing(before))
    sqlite_app.make("start")
    sqlite_app.write(thing(after))
    with pytest.raises(DataLoss, match="Thing.shouted is (not )?computed"):
        sqlite_app.make("change")


@pytest.mark.both_databases
async def test_a_column_that_is_not_computed_any_more_may_get_a_value(app: App) -> None:
    """A required one needs it; the rows that are there get what is given."""
    await change(app, thing(SHOUTED))
    await app.run(INSERT)
    plain = {"name": "shouted", "type": "Text", "isRequired": True}
    await change(app, thing(plain), allow_data_loss=True, defaults={"Thing.shouted": "x"})
    assert await app.rows("SELECT name, shouted FROM things") == [("ada", "x")]


@pytest.mark.both_databases
async def test_a_check_that_rows_fail_leaves_the_database_as_it_was(app: App) -> None:
    """All of the migration or nothing."""
    await change(app, thing())
    await app.run(INSERT)
    app.write(thing(checks=[{"name": "long", "expression": "length(name) > 5"}]))
    app.make("check")
    with pytest.raises(SetupError, match="the database is as it was"):
        await app.apply()
    assert await app.rows("SELECT name FROM things") == [("ada",)]


@pytest.mark.both_databases
async def test_drift_in_the_database_s_own_words_is_found(app: App) -> None:
    """A check or a computed column that is missing, and a condition of an index that is there no longer."""
    index = {"columns": ["name"], "name": "some names", "where": "name <> 'a:b'"}
    check = {"name": "long :name", "expression": "length(name) > 1"}
    await change(app, thing(SHOUTED, indexes=[index], checks=[check]))
    await app.run('DROP INDEX "some names"')
    await app.run('CREATE INDEX "some names" ON things (name)')
    await app.run("ALTER TABLE things DROP COLUMN shouted")
    await app.run("ALTER TABLE things ADD COLUMN shouted TEXT")
    assert await app.drift() == [
        "The column things.shouted differs in its expression.",
        "some names on things differs in its condition.",
    ]


async def test_a_check_that_is_missing_is_found(tmp_path: Any, postgres_url: str) -> None:
    """SQLite has no statement that drops one."""
    app = App(tmp_path, postgres_url)
    await change(app, thing(checks=[{"name": "long :name", "expression": "length(name) > 1"}]))
    await app.run(r'ALTER TABLE things DROP CONSTRAINT "long \:name"')
    assert await app.drift() == ["long :name on things is missing."]


async def test_what_postgresql_does_not_compute_is_refused_before_it_starts(tmp_path: Any, postgres_url: str) -> None:
    """In words of ours, with the key that makes it work."""
    app = App(tmp_path, postgres_url)
    app.write(thing({**SHOUTED, "computed": {"expression": "upper(name)"}}))
    app.make("start")
    with pytest.raises(SetupError, match='"isStored": true in computed of Thing.shouted'):
        await app.apply()
    assert await app.tables() == set()


async def test_sqlite_computes_a_column_when_it_is_read(sqlite_app: App) -> None:
    """It stores nothing, and migrates like the others."""
    virtual = {**SHOUTED, "computed": {"expression": "upper(name)"}}
    await change(sqlite_app, thing())
    await sqlite_app.run(INSERT)
    await change(sqlite_app, thing(virtual))
    await change(sqlite_app, thing(virtual, {"name": "age", "type": "Int", "isUnique": True}))
    assert await sqlite_app.rows("SELECT shouted FROM things") == [("ADA",)]


def test_a_revision_names_the_types_that_a_person_would(sqlite_app: App) -> None:
    """With an import for each, and none of ours where SQLAlchemy has the type."""
    sqlite_app.write(thing({"name": "data", "type": "Json", "dbType": "jsonb"}))
    source = sqlite_app.made("types")
    assert 'sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)' in source
    assert "from alembic import op\nfrom sqlalchemy.dialects import postgresql\n" in source
    assert "gatewright" not in source.replace("gatewright_", "")


def test_what_is_unique_is_there_before_what_refers_to_it(sqlite_app: App) -> None:
    """Also when it is an index of the same table: PostgreSQL looks for it when it makes the reference."""
    numbers = [{"name": name, "type": "Int"} for name in "abcd"]
    key = {"columns": ["c", "d"], "table": "Thing", "toColumns": ["a", "b"], "name": "up"}
    sqlite_app.write(thing(*numbers, indexes=[{"columns": ["a", "b"], "isUnique": True}], foreignKeys=[key]))
    source = sqlite_app.made("start")
    upgrade = source[: source.index("def downgrade")]
    assert upgrade.index('op.create_index(op.f("uq_things_a_b")') < upgrade.index("batch.create_foreign_key")
