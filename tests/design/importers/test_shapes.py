"""Schemas in the shape of the sample databases that everyone knows: Chinook, Sakila, Pagila and Northwind.

Nobody designed them for Gatewright. `tests/cli/test_import_of_shapes.py` makes apps of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.cli.import_sources import read_source
from gatewright.design.document import Design
from gatewright.design.importers.imported import Imported
from gatewright.design.reading import design_of

FOLDER = Path(__file__).parent / "shapes"
SHAPES = {
    "music-sqlite.sql": {"Album", "Artist", "Employee", "AlbumTrack"},
    "rentals-mysql.sql": {"Shop", "Clerk", "Movie", "MovieText", "Rental"},
    "rentals-postgresql.sql": {"Movie", "MovieActor", "Payment"},
    "trade-postgresql.sql": {"Category", "Customer", "Order", "OrderDetail"},
}


def read(name: str, known: Design | None = None) -> Imported:
    return read_source(str(FOLDER / name), None, known or Design(()))


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_imported_and_a_second_time_changes_nothing(name: str) -> None:
    """Its tables are there, by names of the design; what cannot be held is said, with its place."""
    imported = read(name)
    first = design_of(imported.raw)
    assert {table.name for table in first.tables} == SHAPES[name]
    assert design_of(read(name, first).raw) == first
    assert read(name, first).raw == imported.raw
