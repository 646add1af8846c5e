"""Schemas in the style of the public sample databases: imported, made in a database, and imported from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.migrations.apps import App

FOLDER = Path(__file__).parents[1] / "design/importers/shapes"
TABLES = {
    "music-sqlite.sql": {"Album", "Artist", "Employee", "AlbumTrack"},
    "rentals-mysql.sql": {"Shop", "Clerk", "Movie", "MovieText", "Rental"},
    "rentals-postgresql.sql": {"Movie", "MovieActor", "Payment"},
    "trade-postgresql.sql": {"Category", "Customer", "Order", "OrderDetail"},
}
NOTES = {
    "music-sqlite.sql": ["rows: 2 INSERT statements are skipped"],
    "rentals-mysql.sql": ["movie.extras: a design cannot hold the type set", "rental_list: is a view", "late: is a f"],
    "rentals-postgresql.sql": ["payment_p1: has no primary key", "movie.words: a design cannot hold the type tsvector"],
    "trade-postgresql.sql": [
        "us_states: has no primary key",
        "rows: 1 rows are skipped",
        "customers.customer_id: a design cannot hold the type bpchar",
    ],
}


@pytest.mark.extra
@pytest.mark.both_databases
@pytest.mark.parametrize("name", sorted(TABLES))
async def test_what_a_migration_makes_of_an_import_is_imported_without_a_change(
    shell: Shell, database_url: str, name: str
) -> None:
    """Code is generated, there is no drift, and the database gives back each table, column, key, check and default."""
    shutil.copy(FOLDER / name, shell.folder / name)
    imported = shell.run("design", "import", name)
    assert imported.status == 0, imported.err
    assert all(f"note: {start}" in imported.err for start in NOTES[name])
    app = App(shell.folder, database_url)
    assert {table.name for table in app.design.tables} >= TABLES[name]
    text = (shell.folder / "db.design.json").read_text()
    (shell.folder / "app").mkdir()
    assert shell.run("generate").status == 0
    app.make()
    await app.apply()
    assert await app.drift() == []
    again = shell.run("design", "import", database_url)
    assert (again.status, again.out) == (0, "db.design.json already contains these tables.\n"), again.err
    assert (shell.folder / "db.design.json").read_text() == text
    assert shell.run("design", "import", name).out == "db.design.json already contains these tables.\n"
    assert (shell.folder / "db.design.json").read_text() == text
