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
