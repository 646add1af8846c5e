"""`gatewright design import`: how sources are recognised and what is never taken."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gatewright.cli import import_sources
from gatewright.cli.console import Refused, WrongUse
from gatewright.cli.import_sources import read_source
from gatewright.design.difference import compare
from gatewright.design.document import Design
from tests.cli.conftest import Shell
from tests.migrations.apps import App, post

TAG = '{name: "Tag", columns: [{name: "id", type: "Uuid", isPrimaryKey: true}]}'


def test_the_format_follows_from_the_name_or_is_given(tmp_path: Path) -> None:
    """A name without a known ending needs `--format`, and a wrong one lists the formats."""
    for name in ("tables.js", "TABLES.JSON", "tables.ts", "tables"):
        (tmp_path / name).write_text(TAG)
        assert read_source(str(tmp_path / name), None, Design(())).raw["name"] == "Tag"
    odd = tmp_path / "tables.xyz"
    odd.write_text(TAG)
    with pytest.raises(WrongUse, match=r"Add --format: prisma, dbml, chartdb, drawdb, javascript"):
        read_source(str(odd), None, Design(()))
    with pytest.raises(WrongUse, match=r"no format wrong.*javascript"):
        read_source(str(odd), "wrong", Design(()))
    assert read_source(str(odd), "javascript", Design(())).raw["name"] == "Tag"


def test_a_large_file_is_refused_before_it_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do: dump without rows."""
    monkeypatch.setattr(import_sources, "MAX_BYTES", 10 << 20)
    with (tmp_path / "dump.js").open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(Refused, match=r"more than 10 MiB\. Dump the tables without their rows"):
        read_source(str(tmp_path / "dump.js"), None, Design(()))


def test_a_folder_without_a_schema_is_refused(tmp_path: Path) -> None:
    """It names what is looked for."""
    with pytest.raises(WrongUse, match=r"without \.prisma files"):
        read_source(str(tmp_path), None, Design(()))


def test_a_live_database_is_imported_and_the_second_time_is_no_change(shell: Shell) -> None:
    """What a design cannot hold is listed; access rules and defaults that no database knows stay."""
    with closing(sqlite3.connect(shell.folder / "shop.db")) as connection:
        connection.executescript("CREATE TABLE items (id VARCHAR PRIMARY KEY, sku VARCHAR); CREATE VIEW v AS SELECT 1;")
    first = shell.run("design", "import", "sqlite:///shop.db")
    assert first.status == 0
    assert first.err == "note: v: is a view, which a design cannot hold; it is left out\n"
    assert "+ Item" in first.out
    path = shell.folder / "db.design.json"
    text = path.read_text().replace('"isPrimaryKey": true}', '"isPrimaryKey": true, "defaultValue": "cuid()"}')
    text = text.replace('"name": "Item",', '"name": "Item", "access": {"list": "public"},')
    path.write_text(text)
    again = shell.run("design", "import", "sqlite:///shop.db")
    assert again.out == "db.design.json already contains these tables.\n"
    assert path.read_text() == text
    with closing(sqlite3.connect(shell.folder / "shop.db")) as connection:
        connection.execute("ALTER TABLE items DROP COLUMN sku")
    assert "Item.sku" in shell.run("design", "import", "sqlite:///shop.db").refused()
    assert path.read_text() == text


def test_an_import_says_so_where_a_column_with_a_default_is_null(shell: Shell) -> None:
    """A default of the database, and one that Gatewright works out; the second time is no change."""
    with closing(sqlite3.connect(shell.folder / "shop.db")) as connection:
        connection.execute("CREATE TABLE items (id VARCHAR PRIMARY KEY, a INTEGER DEFAULT 3, b VARCHAR)")
    shell.run("design", "import", "sqlite:///shop.db")
    path = shell.folder / "db.design.json"
    assert '"name": "a", "type": "Int", "isRequired": false, "defaultValue": 3' in path.read_text()
    plain = '{"name": "b", "type": "String"'
    path.write_text(path.read_text().replace(plain, f'{plain}, "defaultValue": "cuid()"'))
    shell.run("design", "import", "sqlite:///shop.db")
    assert '"name": "b", "type": "String", "isRequired": false, "defaultValue": "cuid()"' in path.read_text()
    assert shell.run("design", "import", "sqlite:///shop.db").out.endswith("already contains these tables.\n")


async def test_a_table_with_soft_delete_is_imported_as_it_was(shell: Shell) -> None:
    """Its columns are unique as the design says it, although the database has indexes over some rows."""
    slug = {"name": "slug", "type": "String", "isUnique": True}
    where = {"columns": ["title", "slug"], "isUnique": True, "where": "title > 'a'", "name": "some"}
    indexes = [{"columns": ["title", "authorId"], "isUnique": True, "name": "both"}, where]
    app = App(shell.folder, f"sqlite:///{shell.folder / 'shop.db'}")
    app.write(post(slug, softDelete=True, indexes=indexes))
    shell.run("design", "import", "db.design.json")
    text = (shell.folder / "db.design.json").read_text()
    assert '"deletedAt"' not in text
    assert text.count("deleted_at") == 0
    before = app.design
    app.make()
    await app.apply()
    assert shell.run("design", "import", "sqlite:///shop.db").status == 0
    assert compare(before, app.design).is_empty
    written = json.loads((shell.folder / "db.design.json").read_text())
    (table,) = (each for each in written["tables"] if each["name"] == "Post")
    assert table["softDelete"]
    assert [column["name"] for column in table["columns"] if column.get("isUnique")] == ["slug"]
    assert "deletedAt" not in {column["name"] for column in table["columns"]}
    assert sorted(str(index.get("where")) for index in table["indexes"]) == ["None", "title > 'a'"]
