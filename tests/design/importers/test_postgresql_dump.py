"""PostgreSQL's dumps as designs."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import pytest

from gatewright.design.importers.imported import Notes
from gatewright.design.importers.postgresql_dump import read_dump
from gatewright.design.importers.postgresql_text import without_rows
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of
from gatewright.errors import SetupError
from gatewright.storage.creation import export_sql
from tests.design.importers.samples import EMPTY, expected, run, sample
from tests.design.importers.test_sqlite import AUTHOR, POST


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("pg15.sql", "pg15.json"),
        ("pg15-with-rows.sql", "pg15.json"),
        ("pg18.sql", "pg18.json"),
        ("core.sql", "core.json"),
        ("core-export.sql", "core-export.json"),
    ],
)
def test_the_samples_give_the_lending_library(name: str, wanted: str) -> None:
    """As pg_dump 15 and 18 write it, with and without rows, by hand, and as @dbml/core exports it.

    Rows make no difference but for the note that counts them.
    """
    imported = read_dump([sample(name)], EMPTY)
    assert imported.raw == expected(wanted)["tables"]
    notes = [note for note in imported.notes if "with-rows" not in name or not _is_of_rows(note)]
    assert sorted(notes) == [
        note for note in expected(wanted)["notes"] if "with-rows" not in name or not _is_of_rows(note)
    ]
    design_of(imported.raw)


def _is_of_rows(note: str) -> bool:
    return note.startswith(("rows: ", "other statements: "))


@pytest.mark.parametrize("name", ["pg15.sql", "pg18.sql"])
def test_a_second_import_keeps_every_name(name: str) -> None:
    """The tables of the first are found again."""
    first = design_of(read_dump([sample(name)], EMPTY).raw)
    assert design_of(read_dump([sample(name)], first).raw) == first


def test_a_design_comes_back_from_its_sql() -> None:
    """The SQL that Gatewright makes of a design gives the very design."""
    design = design_of([AUTHOR, POST])
    imported = run(read_dump, export_sql(design, "postgresql").text, design)
    assert imported.notes == ()
    assert design_of(imported.raw) == design


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (\n  id int", "^line 3: .*end of input"),
        ("CREATE TABLE a (id int PRIMARY KEY;\n);\n", "^line 1: .*syntax error"),
        ("SELECT 1;\n", "there is no table in it"),
        ("".join(f"CREATE TABLE t{i} (id int PRIMARY KEY);\n" for i in range(5_000)), "5000 tables"),
    ],
    ids=["cut off", "wrong SQL", "no table", "many tables"],
)
def test_a_bad_dump_gets_one_error_with_its_line(text: str, message: str) -> None:
    """Nothing of it is taken."""
    with pytest.raises(DesignError, match=message) as refused:
        run(read_dump, text)
    assert len(refused.value.problems) == 1


def test_rows_are_skipped_whatever_they_hold() -> None:
    """A COPY block and INSERT statements may hold SQL, quotes and empty lines; a text of the schema may look like rows.

    Lines keep their numbers.
    """
    text = (
        "COPY public.a (id) FROM stdin;\nCREATE TABLE no (id int);\nit's\n\\.\n"
        "INSERT INTO a VALUES ('x;\nINSERT INTO b\n');\n"
        "COMMENT ON TABLE a IS 'one\nCOPY b FROM stdin;\nINSERT INTO x\n';\n"
        "CREATE FUNCTION f() RETURNS int AS $x$\nCOPY b FROM stdin;\n\\.\n$x$ LANGUAGE sql;\n"
        "\\unrestrict x\n-- it's\nSELECT 1;"
    )
    notes = Notes()
    kept = without_rows(text, notes)
    assert kept.count("\n") == text.count("\n")
    assert [line for line in kept.split("\n") if line] == text.split("COMMENT", 1)[1].join(["COMMENT", ""]).replace(
        "\\unrestrict x\n", ""
    ).split("\n")
    assert notes.as_tuple() == ("rows: 3 rows are skipped; an import takes no rows",)


@pytest.mark.parametrize(
    ("others", "counts"),
    [
        ("", True),
        ("CREATE TABLE b (id integer DEFAULT nextval('a_id_seq'::regclass) PRIMARY KEY);\n", False),
    ],
)
def test_a_key_counts_up_by_a_sequence_that_is_its_own(others: str, counts: bool) -> None:
    """Without OWNED BY as well, as sample databases have it; not if another column takes from the sequence."""
    text = "CREATE SEQUENCE a_id_seq START WITH 1;\nCREATE TABLE a (id integer DEFAULT nextval('a_id_seq') NOT NULL);\n"
    imported = run(read_dump, f"{text}ALTER TABLE ONLY a ADD CONSTRAINT a_pkey PRIMARY KEY (id);\n{others}")
    assert ("defaultValue" in imported.raw[0]["columns"][0]) is counts
    assert any("which a design cannot hold" in note for note in imported.notes) is not counts


def test_two_limits_of_one_kind_are_both_kept() -> None:
    """The second stays a check, whichever is the narrower one."""
    columns = "CREATE TABLE a (id int PRIMARY KEY, x int CHECK (x >= 5), CHECK (x >= 0));\n"
    (raw,) = run(read_dump, columns).raw
    assert raw["columns"][1]["minValue"] == 5
    assert [check["expression"] for check in raw["checks"]] == ["x >= 0"]


def test_names_may_hold_anything() -> None:
    """Quotes and SQL in a name stay a name."""
    text = 'CREATE TABLE "a""; DROP TABLE b; --" ("it\'s" int PRIMARY KEY, "na\u00efve" text DEFAULT \'a;b\');\n'
    (table,) = design_of(run(read_dump, text).raw).tables
    assert table.database_name == 'a"; DROP TABLE b; --'
    assert [column.database_name for column in table.columns] == ["it's", "na\u00efve"]


def test_a_table_of_another_schema_keeps_its_schema() -> None:
    """It is part of the table's name."""
    text = "CREATE TABLE public.book (id int PRIMARY KEY);\nCREATE TABLE old.paper (id int PRIMARY KEY);\n"
    tables = design_of(run(read_dump, text).raw).tables
    assert [(table.name, table.db_schema, table.database_name) for table in tables] == [
        ("Book", None, "book"),
        ("Paper", "old", "paper"),
    ]


def test_a_missing_parser_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install."""
    real = builtins.__import__

    def without_parser(name: str, *arguments: Any, **options: Mapping[str, Any]) -> Any:
        if name == "postgast":
            raise ImportError
        return real(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_parser)
    with pytest.raises(SetupError, match=r"gatewright\[import\]"):
        run(read_dump, "SELECT 1")
