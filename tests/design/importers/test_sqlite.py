"""SQLite's dumps and files as designs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatewright.core.engine_tables import built_in_design, engine_tables
from gatewright.design.completion import complete
from gatewright.design.document import Design
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of
from gatewright.storage.creation import export_sql
from gatewright.storage.dialects.sqlite_import import read_dump, read_file
from tests.design.importers.samples import EMPTY, expected, run, sample

AUTHOR = {
    "name": "Author",
    "columns": [
        {"name": "id", "type": "BigInt", "isPrimaryKey": True, "defaultValue": "autoincrement()"},
        {"name": "name", "type": "String", "maxLength": 40, "minLength": 2, "isRequired": True, "isUnique": True},
    ],
}
POST: dict[str, Any] = {
    "name": "Post",
    "columns": [
        {"name": "id", "type": "Uuid", "isPrimaryKey": True},
        {"name": "body", "type": "Text", "minLength": 1},
        {"name": "stars", "type": "Int", "minValue": -1, "maxValue": 9, "defaultValue": 3},
        {"name": "weight", "type": "Float", "defaultValue": 1.5},
        {"name": "price", "type": "Decimal", "precision": 8, "scale": 2, "minValue": 0, "defaultValue": "0"},
        {"name": "isOpen", "type": "Boolean", "defaultValue": False},
        {"name": "at", "type": "DateTime", "isRequired": True},
        {"name": "day", "type": "Date", "isIndexed": True},
        {"name": "hour", "type": "Time"},
        {"name": "extra", "type": "Json"},
        {"name": "cover", "type": "Bytes"},
        {"name": "status", "type": "Enum", "enumValues": ["draft", "it's done"], "defaultValue": "draft"},
        {
            "name": "authorId",
            "type": "BigInt",
            "isRequired": True,
            "references": {"table": "Author", "onDelete": "cascade", "onUpdate": "cascade"},
        },
        {"name": "editorId", "type": "BigInt", "references": {"table": "Author", "onDelete": "setNull"}},
        {"name": "order", "type": "String", "dbName": "ordering"},
    ],
    "indexes": [{"columns": ["stars", "weight"], "isUnique": True}, {"columns": ["day", "stars"], "name": "own"}],
}


@pytest.mark.parametrize("name", ["sqlite.sql", "sqlite-apsw.sql", "sqlite-iterdump.sql"])
def test_the_samples_give_the_lending_library(name: str) -> None:
    """Each tool writes the same database another way; the design and the list of what it cannot hold are the same."""
    imported, wanted = read_dump([sample(name)], EMPTY), expected("sqlite.json")
    assert sorted(imported.raw, key=lambda table: str(table["name"])) == sorted(
        wanted["tables"], key=lambda table: str(table["name"])
    )
    assert sorted(imported.notes) == wanted["notes"]
    design_of(imported.raw)


def test_a_design_comes_back_from_its_database() -> None:
    """Tables that Gatewright made give the very design, when it is known what their columns are called."""
    design = design_of([AUTHOR, POST])
    sql = export_sql(replace(design, holds_types=True), "sqlite").text
    imported = run(read_dump, sql, design)
    assert imported.notes == ()
    assert design_of(imported.raw) == design


def test_a_database_of_gatewright_gives_its_own_columns_only(sqlite_template_copy: Path) -> None:
    """The engine's tables are recognised by name, and its columns keep what no database knows; kernel tables stay out.

    A column of the app's own in such a table is taken.
    """
    with closing(sqlite3.connect(sqlite_template_copy)) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN phone VARCHAR(20)")
        connection.commit()
    fragments = engine_tables()
    known = complete(Design(()), fragments)
    imported = read_file(sqlite_template_copy, known)
    assert imported.notes == ()
    assert {table["name"] for table in imported.raw} == {table.name for table in built_in_design().tables}
    design = complete(design_of(imported.raw, engine=fragments), fragments)
    for table in known.tables:
        taken = design.table(table.name)
        assert [column for column in taken.columns if column.is_system] == list(table.columns)
        assert taken.indexes == table.indexes
        assert taken.checks == ()
    assert [column.name for column in design.table("User").columns if not column.is_system] == ["phone"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE TABLE a (id INTEGER PRIMARY KEY);\nCREATE TABLE b (\n  id INT", r"^line 2: .*cut off"),
        ("\n\nCREATE TABLE a (id INTEGER PRIMARY KEY;\nx);\n", "^line 3: SQLite refuses"),
        ("CREATE TABLE a (id INT);\nCREATE TABLE a (id INT);\n", "^line 2: .*already exists"),
        ("SELECT 1;\n", "there is no table in it"),
        ("CREATE TABLE a AS SELECT * FROM pragma_database_list;\n", "^line 1: SQLite refuses"),
        ("CREATE TABLE a AS WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x+1 FROM n) SELECT x FROM n;\n", "^line 1"),
        ("".join(f"CREATE TABLE t{i} (id INT PRIMARY KEY);\n" for i in range(2001)), "2001 tables"),
    ],
    ids=["cut off", "wrong SQL", "twice", "no table", "a query", "an endless query", "many tables"],
)
def test_a_bad_dump_gets_one_error_with_its_line(text: str, message: str) -> None:
    """It names the statement; nothing but CREATE TABLE and CREATE INDEX is run."""
    with pytest.raises(DesignError, match=message) as refused:
        run(read_dump, text)
    assert len(refused.value.problems) == 1


def test_no_other_statement_is_run(tmp_path: Path) -> None:
    """A dump is no program: it can attach no file and change nothing."""
    text = f"ATTACH '{tmp_path}/made.db' AS made;\nCREATE TABLE a (id INT PRIMARY KEY);\nDROP TABLE a;\n"
    assert [table["name"] for table in run(read_dump, text).raw] == ["A"]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DesignError, match="line 1"):
        run(read_dump, f"CREATE TABLE made.a (id INT);\nATTACH '{tmp_path}/made.db' AS made;\n")


def test_names_may_hold_anything() -> None:
    """Quotes, line breaks and SQL in a name stay a name; a control character is refused by the design's own check."""
    columns = """"it's [x]" INTEGER PRIMARY KEY, "naïve \u00a7" TEXT DEFAULT 'a;\nb'"""
    text = f'CREATE TABLE "a""; DROP TABLE b; --" ({columns});\n'
    imported = run(read_dump, text)
    design = design_of(imported.raw)
    assert [table.database_name for table in design.tables] == ['a"; DROP TABLE b; --']
    assert [column.database_name for column in design.tables[0].columns] == ["it's [x]", "naïve \u00a7"]
    with pytest.raises(DesignError, match="a name for the database"):
        design_of(run(read_dump, 'CREATE TABLE "a\nb" (id INTEGER PRIMARY KEY);\n').raw)


def test_tables_that_reference_each_other_are_taken() -> None:
    """In a circle, and itself."""
    text = (
        "CREATE TABLE egg (id INTEGER PRIMARY KEY, hen_id INT REFERENCES hen(id), egg_id INT REFERENCES egg);\n"
        "CREATE TABLE hen (id INTEGER PRIMARY KEY, egg_id INT NOT NULL REFERENCES egg(id) ON DELETE SET NULL);\n"
        "CREATE TABLE lost (id INTEGER PRIMARY KEY, x INT REFERENCES gone(id));\n"
    )
    imported = run(read_dump, text)
    egg, hen, _ = design_of(imported.raw).tables
    assert [column.references and column.references.table for column in egg.columns] == [None, "Hen", "Egg"]
    assert hen.columns[1].references is not None
    assert imported.notes == (
        "hen.egg_id: SET NULL on a column that is never null fails in the database; it is noAction here",
        "lost.x: references gone, which is not imported; the reference is left out",
    )


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And one that is not there is not made."""
    (tmp_path / "text.db").write_text("x" * 5_000)
    with pytest.raises(DesignError, match="cannot be read as a SQLite database"):
        read_file(tmp_path / "text.db", EMPTY)
    with pytest.raises(DesignError, match="there is no file"):
        read_file(tmp_path / "none.db", EMPTY)
    assert [path.name for path in tmp_path.iterdir()] == ["text.db"]


def test_the_source_is_read_only(tmp_path: Path) -> None:
    """An import changes no byte of a database, and leaves no file beside it."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY)")
    before = path.read_bytes()
    assert [table["name"] for table in read_file(path, EMPTY).raw] == ["Item"]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
