"""Files as other tools write them, each against the design that it stands for.

All describe one small lending library, made by the tools themselves (see `samples/README.md`). Beside each stands the
design that it has to give, and the notes on what a design cannot hold.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.cli.import_sources import read_source
from gatewright.design.document import Design
from gatewright.design.importers.imported import Imported
from gatewright.design.reading import design_of
from gatewright.design.writing import write_design

FOLDER = Path(__file__).parent / "samples"
SAMPLES = [
    "library.dbml",
    "library.core-export.dbml",
    "imported-from-core.dbml",
    "imported-from-pg15.dbml",
    "schema.prisma",
    "folder",
    "introspected-sqlite.prisma",
    "drawdb.json",
    "chartdb.json",
]


def read(name: str, known: Design | None = None) -> Imported:
    return read_source(str(FOLDER / name), None, known or Design(()))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_the_design_that_it_describes(name: str) -> None:
    """Its format is recognised; what the design cannot hold is in the notes, and nothing else is lost."""
    imported = read(name)
    assert write_design(design_of(imported.raw)) == (FOLDER / f"expected/{name}.design.json").read_text("utf-8")
    assert "".join(f"{note}\n" for note in imported.notes) == (FOLDER / f"expected/{name}.notes.txt").read_text("utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_second_import_changes_nothing(name: str) -> None:
    """The tables and columns of the first keep their names."""
    first = design_of(read(name).raw)
    assert design_of(read(name, first).raw) == first


def test_the_tools_of_dbml_agree_with_each_other() -> None:
    """What its own exporter writes of a file is the design of that file."""
    by_hand, exported = design_of(read("library.dbml").raw), design_of(read("library.core-export.dbml").raw)
    assert {table.name for table in by_hand.tables} == {table.name for table in exported.tables}
    for table in by_hand.tables:
        other = exported.table(table.name)
        assert table.columns == other.columns
        assert table.indexes == other.indexes
        assert table.checks == other.checks


def test_prisma_makes_the_same_tables_of_its_schema() -> None:
    """What its own engine makes of the schema in SQL has the types, keys and references that the import has.

    Ids and times that Prisma's client makes are in no database, nor are comments.
    """
    ours = design_of(read("schema.prisma").raw)
    theirs = design_of(read("schema.postgresql.sql", ours).raw)
    assert {table.database_name for table in ours.tables} == {table.database_name for table in theirs.tables}
    for table in ours.tables:
        for column in table.columns:
            other = theirs.table(table.name).column(column.name)
            if (table.name, column.name) == ("Book", "title"):
                continue  # Its index is one by hash, which the two importers note in different ways.
            assert replace(other, default_value=None, is_updated_at=False, is_required=None) == replace(
                column, default_value=None, is_updated_at=False, is_required=None, description=None
            )
            assert other.is_not_null is column.is_not_null
            if other.default_value is not None:
                assert other.default_value == column.default_value


def test_every_reference_says_what_happens_when_the_row_goes() -> None:
    """The default of a design is another one than that of the databases."""
    for name in SAMPLES:
        for table in read(name).raw["tables"]:
            references = [column["references"] for column in table["columns"] if "references" in column]
            assert all("onDelete" in reference for reference in [*references, *table.get("foreignKeys", [])])
