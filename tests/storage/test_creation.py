"""A design as SQL."""

from __future__ import annotations

import re
import sqlite3

import asyncpg
import sqlalchemy as sa

from gatewright.design.document import Column, ColumnType, Design, Reference, Table
from gatewright.storage.creation import export_sql
from gatewright.storage.schema import Schema
from tests.design.exporters.designs import hard_design


def test_the_statements_make_the_tables_of_the_design() -> None:
    """The database that they make is the one that SQLAlchemy makes of the same tables, text by text."""
    design = hard_design()
    exported = export_sql(design, "sqlite")
    by_script = sqlite3.connect(":memory:")
    by_script.executescript(exported.text)
    engine = sa.create_engine("sqlite://")
    schema = Schema(design)
    schema.metadata.create_all(engine, tables=[schema[table.name] for table in design.tables])
    with engine.connect() as connection:
        made = connection.execute(sa.text("SELECT name, sql FROM sqlite_schema")).all()
    assert normal(by_script.execute("SELECT name, sql FROM sqlite_schema")) == normal(made)


def normal(rows: object) -> dict[str, str]:
    return {name: re.sub(r"\s+", " ", sql or "") for name, sql in rows}  # type: ignore[attr-defined]


def test_what_is_left_to_python_is_listed() -> None:
    """And the kernel's tables, which the package migrates by itself, are left out."""
    exported = export_sql(hard_design(), "postgresql")
    assert "CREATE TABLE odds (" in exported.text
    assert "gatewright_" not in exported.text
    assert "SQL for PostgreSQL cannot hold pattern: Specimen.code." in exported.notes
    assert any(note.startswith("SQL for PostgreSQL cannot hold the default cuid(): Post.id") for note in exported.notes)


def circle() -> Design:
    """Two tables of which each refers to the other."""
    names = ("Hen", "Egg")
    columns = [
        (
            Column(name="id", type=ColumnType.INT, is_primary_key=True),
            Column(name="otherId", type=ColumnType.INT, references=Reference(other)),
        )
        for other in reversed(names)
    ]
    return Design(tuple(Table(name=name, columns=found) for name, found in zip(names, columns, strict=True)))


async def test_tables_in_a_circle_are_made_as_well(postgres_url: str) -> None:
    """PostgreSQL gets the references afterwards: the statements run as they stand."""
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(export_sql(circle(), "postgresql").text)
        await connection.execute(export_sql(hard_design(), "postgresql").text)
        keys = await connection.fetch("SELECT conname FROM pg_constraint WHERE contype = 'f' ORDER BY conname")
    finally:
        await connection.close()
    assert {"fk_eggs_other_id", "fk_hens_other_id", "fk_odds_parent_id"} <= {key["conname"] for key in keys}


def placed() -> Design:
    """Two tables of one name in two schemas."""
    key = Column(name="id", type=ColumnType.INT, is_primary_key=True)
    to_desk = Column(name="deskId", type=ColumnType.INT, references=Reference("Paper"))
    return Design(
        (
            Table(name="Paper", db_schema="desk", columns=(key,)),
            Table(name="OldPaper", db_name="papers", db_schema="My archive", columns=(key, to_desk)),
        )
    )


async def test_schemas_are_made_for_postgresql(postgres_url: str) -> None:
    """The script makes them first; it runs as it stands."""
    exported = export_sql(placed(), "postgresql")
    assert not any("dbSchema" in note for note in exported.notes)
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(exported.text)
        found = await connection.fetch("SELECT schemaname FROM pg_tables WHERE tablename = 'papers' ORDER BY 1")
    finally:
        await connection.close()
    assert {row["schemaname"] for row in found} == {"desk", "My archive"}


def test_tables_of_one_name_stay_two_in_sqlite() -> None:
    """SQLite has no schemas, which is listed."""
    exported = export_sql(placed(), "sqlite")
    assert "SQL for SQLite cannot hold dbSchema: Paper, OldPaper." in exported.notes
    made = sqlite3.connect(":memory:")
    made.executescript(exported.text)
    tables = made.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").fetchall()
    assert tables == [("My archive_papers",), ("papers",)]
