"""A design as SQL."""

from __future__ import annotations

import re
import sqlite3

import sqlalchemy as sa

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


def test_tables_that_refer_to_each_other_come_out_in_a_circle() -> None:
    """PostgreSQL gets the reference of the second afterwards; what is in Python only is listed."""
    exported = export_sql(hard_design(), "postgresql")
    assert "CREATE TABLE odds (" in exported.text
    assert "gatewright_" not in exported.text
    assert "SQL for PostgreSQL cannot hold pattern: Specimen.code." in exported.notes
    assert any(note.startswith("SQL for PostgreSQL cannot hold the default cuid(): Post.id") for note in exported.notes)
