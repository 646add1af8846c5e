"""What is exported and imported again is the same design."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from gatewright.design.document import Design
from gatewright.design.exporters.dbml import export_dbml
from gatewright.design.exporters.prisma import export_prisma
from gatewright.design.importers.dbml import read_dbml
from gatewright.design.importers.imported import SourceFile
from gatewright.design.importers.prisma import read_prisma
from gatewright.design.reading import design_of
from gatewright.design.writing import write_design
from tests.design.exporters.designs import hard_design
from tests.design.exporters.strategies import designs


def by_dbml(design: Design) -> str:
    exported = export_dbml(design)
    assert exported.notes == ()
    imported = read_dbml([SourceFile("x.dbml", exported.text)], Design(()))
    assert imported.notes == ()
    return write_design(design_of(imported.raw))


def by_prisma(design: Design) -> str:
    exported = export_prisma(design)
    assert exported.notes == ()
    imported = read_prisma([SourceFile("x.prisma", exported.text)], Design(()))
    assert imported.notes == ()
    return write_design(design_of(imported.raw))


@settings(max_examples=12)
@given(designs(with_limits=True))
def test_dbml_gives_back_what_it_got(design: Design) -> None:
    """Names, types, defaults, limits, keys, indexes, references, descriptions."""
    assert by_dbml(design) == write_design(design)


@settings(max_examples=12)
@given(designs(with_limits=False))
def test_prisma_gives_back_what_it_got(design: Design) -> None:
    """The same without limits, which Prisma has no words for."""
    assert by_prisma(design) == write_design(design)


@pytest.mark.extra
@settings(max_examples=500, deadline=None)
@given(designs(with_limits=True))
def test_dbml_gives_back_hundreds(design: Design) -> None:
    """As above, with more examples."""
    assert by_dbml(design) == write_design(design)


@pytest.mark.extra
@settings(max_examples=500, deadline=None)
@given(designs(with_limits=False))
def test_prisma_gives_back_hundreds(design: Design) -> None:
    """As above, with more examples."""
    assert by_prisma(design) == write_design(design)


def test_an_app_takes_its_own_export_back_without_a_change() -> None:
    """Tables and columns are known by their names in the database, whatever the design calls them."""
    design = hard_design()
    for export, read in ((export_dbml, read_dbml), (export_prisma, read_prisma)):
        raw = read([SourceFile("x", export(design).text)], design).raw
        names = [(table["name"], [column["name"] for column in table["columns"]]) for table in raw["tables"]]
        assert names == [(table.name, [column.name for column in table.columns]) for table in design.tables]
