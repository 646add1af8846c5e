"""Dumps of MariaDB and MySQL as designs."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gatewright.cli.import_sources import read_source
from gatewright.design.importers.mariadb_dump import read_dump
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of
from gatewright.errors import SetupError
from tests.design.importers.samples import EMPTY, FOLDER, expected, run, sample


def table_of(columns: str, options: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a table with these columns becomes."""
    imported = run(read_dump, f"CREATE TABLE `a` (\n  `id` int(11) NOT NULL PRIMARY KEY,\n{columns}\n) {options};\n")
    design_of(imported.raw)
    raw: dict[str, Any] = imported.raw[0]
    return raw, imported.notes


def column_of(definition: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    raw, notes = table_of(f"`x` {definition}")
    return {key: value for key, value in raw["columns"][1].items() if key != "name"}, notes


@pytest.mark.parametrize("name", ["mariadb.sql", "mariadb-with-rows.sql"])
def test_the_samples_give_the_lending_library(name: str) -> None:
    """As mariadb-dump 10.11 writes it; rows make no difference but for the note that counts them."""
    imported, wanted = read_source(str(FOLDER / name), None, EMPTY), expected("mariadb.json")
    assert imported.raw == wanted["tables"]
    assert sorted(note for note in imported.notes if not note.startswith("rows: ")) == wanted["notes"]
    assert ("rows: skipped statements that insert rows: 2; an import takes no rows" in imported.notes) is (
        "with-rows" in name
    )
    design_of(imported.raw)


def test_a_second_import_keeps_every_name() -> None:
    """The tables of the first are found again."""
    first = design_of(read_dump([sample("mariadb.sql")], EMPTY).raw)
    assert design_of(read_dump([sample("mariadb.sql")], first).raw) == first


@pytest.mark.parametrize(
    ("definition", "wanted"),
    [
        ("tinyint(1) NOT NULL DEFAULT 1", {"type": "Boolean", "defaultValue": True}),
        ("bit(1) NOT NULL DEFAULT b'1'", {"type": "Boolean", "defaultValue": True}),
        ("tinyint(3) unsigned DEFAULT NULL", {"type": "Int", "dbType": "smallint", "minValue": 0}),
        ("smallint(5) unsigned DEFAULT NULL", {"type": "Int", "minValue": 0}),
        ("mediumint(9) DEFAULT NULL", {"type": "Int"}),
        ("int(10) unsigned zerofill NOT NULL", {"type": "BigInt", "isRequired": True, "minValue": 0}),
        ("double unsigned DEFAULT NULL", {"type": "Float", "minValue": 0}),
        ("decimal(8,2) DEFAULT 0.10", {"type": "Decimal", "precision": 8, "scale": 2, "defaultValue": "0.10",
                                       "isRequired": False}),
        ("varbinary(16) DEFAULT NULL", {"type": "Bytes"}),
        ("json DEFAULT NULL", {"type": "Json"}),
        ("longtext COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`x`))", {"type": "Json"}),
        ("longtext COLLATE utf8mb4_bin DEFAULT NULL", {"type": "Text"}),
        ("year(4) DEFAULT NULL", {"type": "Int", "dbType": "smallint"}),
        ("enum('a','it''s','b;)') NOT NULL DEFAULT 'it''s'", {
            "type": "Enum", "enumValues": ["a", "it's", "b;)"], "defaultValue": "it's"}),
        ("datetime(6) NOT NULL DEFAULT current_timestamp(6)", {"type": "DateTime", "defaultValue": "now()"}),
        ("timestamp NULL DEFAULT NULL", {"type": "DateTime"}),
        ("timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()", {
            "type": "DateTime", "isUpdatedAt": True}),
        ("datetime DEFAULT NULL ON UPDATE current_timestamp()", {
            "type": "DateTime", "isUpdatedAt": True, "isRequired": False}),
        ("uuid NOT NULL DEFAULT uuid()", {"type": "Uuid", "defaultValue": "uuid()"}),
        ("int(11) GENERATED ALWAYS AS (`id` * 2) VIRTUAL", {"type": "Int", "computed": {"expression": "id * 2"}}),
        ("int(11) DEFAULT NULL CHECK (`x` between 1 and 5)", {"type": "Int", "minValue": 1, "maxValue": 5}),
        ("varchar(9) NOT NULL CHECK (char_length(`x`) >= 3)", {
            "type": "String", "maxLength": 9, "minLength": 3, "isRequired": True}),
        (r"varchar(9) DEFAULT 'a\'b\\c' COMMENT 'one\ntwo, it''s; /* no */ -- no'", {
            "type": "String", "maxLength": 9, "defaultValue": r"a'b\c", "isRequired": False,
            "description": "one\ntwo, it's; /* no */ -- no"}),
        ("int(11) DEFAULT NULL /*!80023 INVISIBLE */", {"type": "Int"}),
    ],
)  # fmt: skip
def test_a_column_keeps_its_meaning(definition: str, wanted: dict[str, Any]) -> None:
    """Types, defaults, limits and comments."""
    assert column_of(definition)[0] == wanted


@pytest.mark.parametrize(
    ("definition", "note"),
    [
        ("set('a','b') DEFAULT NULL", "a.x: a design cannot hold the type set('a', 'b'); it is Text there"),
        ("point /*!80003 SRID 0 */ DEFAULT NULL", "a: a design cannot hold SRID 0; it is left out"),
        ("bigint(20) unsigned DEFAULT NULL",
         "a.x: a BigInt holds at most 9223372036854775807, half of what bigint(20) unsigned holds"),
        ("binary(16) DEFAULT NULL", "a.x: a design cannot hold the length of binary(16); it is left out"),
        ("datetime DEFAULT NULL", "a.x: datetime has no time zone, a DateTime has one"),
        ("int(11) DEFAULT (1 + 1)", "a.x: a design cannot hold the default (1 + 1); it is left out"),
        ("int(11) DEFAULT NULL /*!80023 INVISIBLE */", "a.x: a design cannot hold INVISIBLE; it is left out"),
        ("varchar(9) COLLATE utf8mb4_bin", "a.x: a design cannot hold a collation; it is left out"),
        ("tinyint(1) DEFAULT NULL", "a.x: tinyint(1) is Boolean"),
    ],
)  # fmt: skip
def test_what_a_column_loses_is_listed(definition: str, note: str) -> None:
    """With its place."""
    assert note in column_of(definition)[1]


def test_keys_are_read_and_those_that_the_server_made_are_not() -> None:
    """RESTRICT is not written in a dump; the index of a foreign key belongs to the key."""
    raw, notes = table_of(
        "`b` int NOT NULL, `c` int NOT NULL, `t` text, UNIQUE KEY `two` (`b`,`c`), KEY `rest` (`c`,`b` DESC),"
        " KEY `a_ibfk_1` (`b`), KEY `start` (`t`(10)), FULLTEXT KEY `words` (`t`), KEY `low` ((lower(`t`))),"
        " CONSTRAINT `a_ibfk_1` FOREIGN KEY (`b`) REFERENCES `a` (`id`),"
        " CONSTRAINT `a_ibfk_2` FOREIGN KEY (`c`) REFERENCES `shop`.`a` (`id`) ON DELETE CASCADE ON UPDATE SET NULL"
    )
    assert raw["indexes"] == [
        {"columns": ["b", "c"], "isUnique": True, "name": "two"},
        {"columns": ["c", "b"], "name": "rest"},
    ]
    assert [column.get("references") for column in raw["columns"][1:3]] == [
        {"table": "A", "onDelete": "restrict"},
        {"table": "A", "onDelete": "cascade", "onUpdate": "noAction"},
    ]
    for name, what in (("start", "the beginning of a text"), ("words", "FULLTEXT"), ("low", "an expression")):
        assert any(note.startswith(f"a.{name}: is a") and what in note for note in notes)
    assert "a.rest: a design cannot hold DESC; its index is ascending" in notes


def test_keys_that_come_after_the_table_are_read() -> None:
    """As phpMyAdmin writes them, the column that counts up as well."""
    (raw,) = run(
        read_dump,
        "CREATE TABLE `a` (`id` int(10) UNSIGNED NOT NULL, `n` varchar(9) NOT NULL);\n"
        "ALTER TABLE `a`\n  ADD PRIMARY KEY (`id`),\n  ADD UNIQUE KEY `n` (`n`);\n"
        "ALTER TABLE `a` MODIFY `id` int(10) UNSIGNED NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;\n",
    ).raw
    assert raw["columns"] == [
        {"name": "id", "type": "BigInt", "isPrimaryKey": True, "defaultValue": "autoincrement()"},
        {"name": "n", "type": "String", "maxLength": 9, "isRequired": True, "isUnique": True},
    ]


TABLE = "CREATE TABLE `a` (\n  `id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)\n);\n"


def test_programs_and_rows_make_no_table() -> None:
    """Whatever stands in them; what a program is called is listed."""
    imported = run(
        read_dump,
        "INSERT INTO `a` VALUES ('it\\'s; CREATE TABLE `x` (','\\\\'),\n(\"b;\",'-- x''');\n" + TABLE
        + "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `tr` AFTER INSERT"
        " ON `a` FOR EACH ROW BEGIN CREATE TABLE `y` (i int); END */;;\n"
        "CREATE PROCEDURE `pr`() SELECT 'DELIMITER';;\nDELIMITER ;\n# it's a comment; -- one\n",
    )  # fmt: skip
    assert [table["name"] for table in imported.raw] == ["A"]
    assert imported.notes == (
        "rows: skipped statements that insert rows: 1; an import takes no rows",
        "tr: is a trigger, which a design cannot hold",
        "pr: is a procedure, which a design cannot hold",
    )


HEAD = "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE + "CREATE TABLE `b` (\n  `id` int(11) NOT NULL", "^line 5: .*cut off"),
        (TABLE + "CREATE TABLE `b` (\n  `id` int COMMENT 'half of", "^line 6: .*cut off"),
        (TABLE + "\nINSERT INTO `a` VALUES (1),\n(2,'half", "^line 6: .*cut off"),
        (TABLE + "DELIMITER ;;\nCREATE TRIGGER t", "^line 5: .*cut off"),
        (HEAD + TABLE, "^line 6: .*cut off.*Dump completed"),
        ("CREATE TABLE `a` (\n  `id` int(11) NOT NULL,\n  `x` int !! 3\n);\n", "^line 3: .*near .*`x` int !"),
        ("CREATE TABLE `a` (\n  `id` int(11);\n", "^line 1: the parenthesis"),
        ("CREATE TABLE `a` (\n `x` int CHECK (" + "(" * 5_000 + "1" + ")" * 5_000 + "));\n", "^line 1: is nested"),
        (TABLE + TABLE, "^line 5: the table a is there twice"),
        ("SET x = 1;\n", "there is no table in it"),
        ("".join(f"CREATE TABLE `t{i}` (`id` int PRIMARY KEY);\n" for i in range(5_000)), "5000 tables"),
    ],
    ids=[
        "cut off",
        "in a text",
        "in rows",
        "in a trigger",
        "between",
        "wrong",
        "open",
        "deep",
        "twice",
        "none",
        "many",
    ],
)
def test_a_bad_dump_gets_one_error_with_its_line(text: str, message: str) -> None:
    """Nothing of it is taken."""
    with pytest.raises(DesignError, match=message) as refused:
        run(read_dump, text)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    "head", ["/*M!999999\\- enable the sandbox mode */ \n", "-- MySQL dump 10.13\n", "-- phpMyAdmin SQL Dump\n", ""]
)
def test_a_dump_is_recognised_by_its_head(head: str, tmp_path: Path) -> None:
    """Or by the names of its tables, which no other database quotes so by itself."""
    path = tmp_path / "dump.sql"
    path.write_text(head + TABLE + "-- Dump completed\n", encoding="utf-8")
    assert [table["name"] for table in read_source(str(path), None, EMPTY).raw] == ["A"]


def test_a_missing_parser_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install."""
    real = builtins.__import__

    def without_parser(name: str, *arguments: Any, **options: Mapping[str, Any]) -> Any:
        if name == "gatewright.design.importers" and "mariadb_tables" in (arguments[2] or ()):
            raise ImportError
        return real(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_parser)
    with pytest.raises(SetupError, match=r"gatewright\[import\]"):
        run(read_dump, "SELECT 1")
