"""An app's own Alembic beside Gatewright: what it makes of a database that both use."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, inspect, text

from gatewright import migrations
from gatewright.core.engine_tables import built_in_design
from gatewright.errors import SetupError
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import BUILT_IN_TABLES, histories_of
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.migrations.apps import App, post

ENV = """
import asyncio
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

given = context.config.attributes

def run(connection):
    context.configure(connection=connection, target_metadata=given["metadata"], **given["options"])
    with context.begin_transaction():
        context.run_migrations()

async def run_async(url):
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()

if given["url"].startswith("sqlite"):
    engine = create_engine(given["url"])
    with engine.begin() as connection:
        run(connection)
    engine.dispose()
else:
    asyncio.run(run_async(given["url"].replace("postgresql:", "postgresql+asyncpg:")))
"""


class Host:
    """An app with models and an Alembic of its own, which keeps its place in a table of its own."""

    def __init__(self, folder: Path, url: str, **options: Any) -> None:
        self.folder = folder / "alembic"
        (self.folder / "versions").mkdir(parents=True)
        (self.folder / "env.py").write_text(ENV)
        (self.folder / "script.py.mako").write_bytes(
            (Path(migrations.__file__).parent / "layout/script.py.mako").read_bytes()
        )
        self.metadata = MetaData()
        self.config = Config()
        self.config.set_main_option("script_location", str(self.folder).replace("%", "%%"))
        options = {"include_name": migrations.include_name, "version_table": "host_version", **options}
        self.config.attributes.update(url=url, metadata=self.metadata, options=options)

    async def autogenerate(self) -> str:
        """The new revision's source, after it was applied."""
        script: Any = await asyncio.to_thread(command.revision, self.config, "change", autogenerate=True)
        await asyncio.to_thread(command.upgrade, self.config, "head")
        return Path(script.path).read_text()


def tables_of(connection: Any) -> set[str]:
    return set(inspect(connection).get_table_names())


@pytest.mark.parametrize("with_design", [False, True], ids=["built-in design", "design of its own"])
async def test_the_hosts_alembic_drops_none_of_our_tables(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, with_design: bool
) -> None:
    """It makes and drops its own, and no other; `upgrade` has executed what it wrote."""
    if with_design:
        app = App(tmp_path, database_url)
        app.write(post(dbName="wp_posts"))
        app.make("start")
        app.write(post(dbName="wp_posts"), post(name="Draft"))
        monkeypatch.chdir(tmp_path)
        db = open_database(database_url, Schema(app.design))
    else:
        db = open_database(database_url, Schema(built_in_design()))
    await apply_all(db, histories_of(tmp_path))
    ours = await db.migrate(tables_of)
    assert ours >= {"users", "gatewright_version", *(["wp_posts", "alembic_version"] if with_design else [])}

    host = Host(tmp_path, database_url)
    Table("papers", host.metadata, Column("id", Integer, primary_key=True))
    written = (await host.autogenerate()).partition("def downgrade")[0]
    assert (written.count("op.create_table("), written.count("drop")) == (1, 0)
    assert await db.migrate(tables_of) == {*ours, "papers", "host_version"}

    host.metadata.clear()
    written = (await host.autogenerate()).partition("def downgrade")[0]
    assert [line.strip() for line in written.splitlines() if "drop" in line] == ["op.drop_table('papers')"]
    assert await db.migrate(tables_of) == {*ours, "host_version"}


async def test_models_may_refer_to_our_tables(tmp_path: Path, database_url: str) -> None:
    """Their metadata then has a table of ours, which is neither made nor changed."""
    db = open_database(database_url, Schema(built_in_design()))
    await apply_all(db, histories_of(tmp_path))
    ours = await db.migrate(tables_of)
    host = Host(tmp_path, database_url, include_object=migrations.include_object)
    Table("users", host.metadata, Column("id", String, primary_key=True))
    Table("papers", host.metadata, Column("id", Integer, primary_key=True), Column("by", ForeignKey("users.id")))
    written = (await host.autogenerate()).partition("def downgrade")[0]
    assert written.count("op.create_table(") == 1
    assert "op.create_table('papers'" in written
    assert await db.migrate(tables_of) == {*ours, "papers", "host_version"}


async def test_a_table_of_the_hosts_in_another_schema_is_its_own(tmp_path: Path, postgres_url: str) -> None:
    """On PostgreSQL, with `include_schemas`, also when it is called as one of ours."""
    db = open_database(postgres_url, Schema(built_in_design()))
    await apply_all(db, histories_of(tmp_path))
    await db.migrate(lambda connection: connection.execute(text("CREATE SCHEMA shop")))
    ours = await db.migrate(tables_of)
    host = Host(tmp_path, postgres_url, include_schemas=True, include_object=migrations.include_object)
    Table("users", host.metadata, Column("id", Integer, primary_key=True), schema="shop")
    assert "drop" not in (await host.autogenerate()).partition("def downgrade")[0]
    assert await db.migrate(lambda connection: inspect(connection).get_table_names("shop")) == ["users"]
    host.metadata.clear()
    written = (await host.autogenerate()).partition("def downgrade")[0]
    assert [line.strip() for line in written.splitlines() if "drop" in line] == [
        "op.drop_table('users', schema='shop')"
    ]
    assert await db.migrate(tables_of) == {*ours, "host_version"}


def test_the_names_of_the_built_in_tables_are_all_there() -> None:
    """They are a list, since Alembic asks for a thousand names and no design is read for that."""
    assert set(BUILT_IN_TABLES) == {table.database_name for table in built_in_design().tables}


@pytest.mark.parametrize("schema", [None, "auth"])
def test_the_kernels_tables_are_hidden_in_every_schema(schema: str | None, clean_environment: None) -> None:
    """Nothing else is called as they are; names of a design are hidden where Gatewright's own connection finds them."""
    parents = {"schema_name": schema, "schema_qualified_table_name": None}
    assert not migrations.include_name("gatewright_sessions", "table", parents)
    assert migrations.include_name("users", "table", parents) is (schema is not None)
    assert migrations.include_name("gatewright_like_column", "column", parents)
    assert migrations.include_name(None, "schema", {})


def test_the_design_is_found_from_a_folder_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic may be run in a folder of the app. A design that cannot be read is named, and hides nothing."""
    (tmp_path / "db.design.json").write_text(json.dumps({"tables": [post(name="Category")]}))
    (tmp_path / "backend").mkdir()
    monkeypatch.chdir(tmp_path / "backend")
    assert not migrations.include_name("categories", "table", {"schema_name": None})
    (tmp_path / "backend/db.design.json").write_text("{")
    with pytest.raises(SetupError, match=r"db\.design\.json: .*design check"):
        migrations.include_name("categories", "table", {"schema_name": None})
