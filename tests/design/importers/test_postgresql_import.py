"""A live PostgreSQL database as a design."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.design.completion import complete
from gatewright.design.difference import compare
from gatewright.design.document import Design
from gatewright.design.importers.imported import Notes
from gatewright.design.importers.postgresql_text import without_rows
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of
from gatewright.storage.creation import export_sql
from gatewright.storage.dialects.postgresql_import import read_database
from tests.design.importers.samples import EMPTY, expected, sample
from tests.design.importers.test_sqlite import AUTHOR, POST
from tests.services import postgres


@pytest.fixture
def url(postgres_service: str) -> Iterator[str]:
    """An empty database."""
    made = postgres.create_database(postgres_service)
    yield made
    postgres.drop_database(postgres_service, made)


def execute(url: str, sql: str) -> None:
    async def run() -> None:
        connection: Any = await asyncpg.connect(url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    asyncio.run(run())


def test_a_design_comes_back_from_postgresql(url: str) -> None:
    """The tables that Gatewright makes of a design give the very design."""
    design = design_of([AUTHOR, POST])
    execute(url, export_sql(design, "postgresql").text)
    imported = read_database(url, design)
    assert imported.notes == ()
    assert design_of(imported.raw) == design


@pytest.mark.parametrize("name", ["core", "pg15"])
def test_a_database_of_postgresql_gives_the_design_of_its_dump(url: str, name: str) -> None:
    """Its domains, enums, partitions, identities, computed columns and schemas; views and the like are listed."""
    sql = without_rows(sample(f"{name}.sql").text, Notes()).replace("owner_role", "CURRENT_USER")
    execute(url, re.sub(r"ALTER [^;]*OWNER TO [^;]*;", "", sql))
    imported = read_database(url, EMPTY)
    wanted = expected(f"{name}.json")["tables"]
    by_name = {table["name"]: table for table in imported.raw}
    assert by_name == {table["name"]: table for table in wanted}
    if name == "pg15":
        for note in (
            "live_member: is a view",
            "member_touch: is a trigger",
            "own_rows: is a policy",
            "ticket_no: is a",
        ):
            assert any(one.startswith(note) for one in imported.notes)
    assert design_of(read_database(url, design_of(imported.raw)).raw) == design_of(imported.raw)


def test_a_postgresql_database_of_gatewright_gives_its_own_columns_only(postgres_template_copy: str) -> None:
    """The engine's tables are recognised; the kernel's stay out."""
    execute(postgres_template_copy, "ALTER TABLE users ADD COLUMN phone varchar(20)")
    fragments = engine_tables()
    known = complete(Design(()), fragments)
    imported = read_database(postgres_template_copy, known)
    (change,) = compare(known, complete(design_of(imported.raw, engine=fragments), fragments)).changed_tables
    assert [column.name for column in change.added_columns] == ["phone"]
    assert not change.removed_columns
    assert not change.changed_columns


def test_no_password_is_in_a_message_about_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor any other part of the URL, whatever the driver says."""

    async def fail(url: str, **_: object) -> None:
        raise OSError(f"no server at {url}")

    monkeypatch.setattr(asyncpg, "connect", fail)
    with pytest.raises(DesignError) as refused:
        read_database("postgresql://someone:hunter2@127.0.0.1:1/shop", EMPTY)
    assert "hunter2" not in str(refused.value)
    assert "someone" not in str(refused.value)


def test_tables_come_back_with_their_schemas(url: str) -> None:
    """Two of one name as well, with references between schemas; the second import is no change."""
    design = design_of([{**AUTHOR, "dbSchema": "people"}, {**POST, "dbSchema": "My blog"}])
    execute(url, export_sql(design, "postgresql").text)
    imported = read_database(url, design)
    assert imported.notes == ()
    assert design_of(imported.raw) == design
    execute(url, 'CREATE TABLE "My blog".authors (id int PRIMARY KEY)')
    assert {(table["name"], table.get("dbSchema")) for table in read_database(url, design).raw} == {
        ("Author", "people"),
        ("Post", "My blog"),
        ("AuthorRecord", "My blog"),
    }
