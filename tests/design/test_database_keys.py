"""What a design says in the database's own words: foreign keys, checks, computed columns, schemas."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.checks.indexes import condition_fault
from gatewright.design.document import Check, Computed, ForeignKey, OnDelete
from gatewright.design.reading import read_design
from gatewright.design.writing import write_design
from tests.design.documents import column, design, problems_of, table

KEY = {"columns": ["line", "part"], "table": "Line", "toColumns": ["number", "part"]}
LINE = table(
    "Line",
    column("number", "Int", isRequired=True),
    column("part", "Int", isRequired=True),
    column("secret", "String", isHidden=True, isUnique=True),
    indexes=[{"columns": ["number", "part"], "isUnique": True}],
)


def parcel(**more: Any) -> dict[str, Any]:
    return table("Parcel", column("line", "Int"), column("part", "Int"), column("word"), **more)


def test_they_are_read_and_written() -> None:
    """Each has its place in the canonical text, and comes back as it was."""
    read = design(
        LINE,
        table(
            "Parcel",
            column("line", "Int"),
            column("part", "Int"),
            column("total", "Int", computed={"expression": "line + part", "isStored": True}),
            dbSchema="store",
            audit=True,
            foreignKeys=[{**KEY, "name": "fk_line", "onDelete": "setNull", "onUpdate": "noAction"}],
            checks=[{"name": "positive", "expression": "line > 0"}],
        ),
    )
    parcel = read.table("Parcel")
    assert parcel.column("total").computed == Computed("line + part", is_stored=True)
    assert parcel.foreign_keys == (
        ForeignKey(
            columns=("line", "part"),
            table="Line",
            to_columns=("number", "part"),
            name="fk_line",
            on_delete=OnDelete.SET_NULL,
            on_update=OnDelete.NO_ACTION,
        ),
    )
    assert parcel.checks == (Check("positive", "line > 0"),)
    assert (parcel.db_schema, parcel.audit) == ("store", True)
    assert read_design(write_design(read)) == read


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ({**KEY, "table": "Lime"}, 'foreignKeys[0].table: no table "Lime"; did you mean "Line"?'),
        ({**KEY, "columns": ["line", "prt"]}, 'foreignKeys[0].columns[1]: no column "prt" in "Parcel"'),
        ({**KEY, "toColumns": ["number", "prt"]}, 'foreignKeys[0].toColumns[1]: no column "prt" in "Line"'),
        ({**KEY, "columns": ["line", "line"]}, 'foreignKeys[0].columns[1]: "line" is listed twice'),
        ({**KEY, "columns": []}, "foreignKeys[0].columns: a foreign key needs at least one column"),
        ({**KEY, "toColumns": ["number"]}, "foreignKeys[0].toColumns: 2 columns reference 1; list as many"),
        ({**KEY, "columns": ["line", "word"]}, "foreignKeys[0].columns[1]: Line.part is Int, but word is String"),
        (
            {**KEY, "columns": ["line"], "toColumns": ["number"]},
            "foreignKeys[0].toColumns: Line has neither a key nor a unique index over exactly number; add one",
        ),
        (
            {**KEY, "columns": ["word"], "toColumns": ["secret"]},
            "foreignKeys[0].columns[0]: Line.secret is hidden, and word would reveal its values; hide it too",
        ),
    ],
)
def test_a_foreign_key_has_to_fit(key: dict[str, Any], problem: str) -> None:
    """Both ends exist, have the same types, and the referenced columns are unique together."""
    (found,) = problems_of(LINE, parcel(foreignKeys=[key]))
    assert found.startswith(f"tables[1].{problem}")


def test_columns_that_are_never_null_cannot_be_set_to_null() -> None:
    """The database would refuse every deletion of a referenced row."""
    raw = table(
        "Parcel",
        column("line", "Int", isRequired=True),
        column("part", "Int", isRequired=True),
        foreignKeys=[{**KEY, "onDelete": "setNull"}],
    )
    (found,) = problems_of(LINE, raw)
    assert found.startswith("tables[1].foreignKeys[0].onDelete: setNull needs a column that can be null")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("defaultValue", "1"),
        ("isPrimaryKey", True),
        ("references", {"table": "Line", "column": "secret"}),
    ],
)
def test_a_computed_column_has_no_other_source(key: str, value: object) -> None:
    """The database alone writes it."""
    kind = "Int" if key != "references" else "String"
    computed = column("total", kind, computed={"expression": "line + 1"}, isHidden=key == "references", **{key: value})
    found = problems_of(LINE, table("Parcel", column("line", "Int"), computed))
    assert f'tables[1].columns[2].{key}: the database computes "total"; leave {key} out' in found


@pytest.mark.parametrize("expression", ["", "a; b", "a -- b", "(a", "'a", "a /* b", "a\nb"])
def test_an_expression_is_one_expression(expression: str) -> None:
    """What follows it in the statement can't be made part of it."""
    (check,) = problems_of(parcel(checks=[{"name": "positive", "expression": expression}]))
    assert check.startswith("tables[0].checks[0].expression: ")
    (computed,) = problems_of(table("Parcel", column("total", "Int", computed={"expression": expression})))
    assert computed.startswith("tables[0].columns[1].computed.expression: ")


def test_two_checks_of_a_table_have_different_names() -> None:
    """The name says which of them a row violates."""
    check = {"name": "positive", "expression": "line > 0"}
    (found,) = problems_of(parcel(checks=[check, check]))
    assert found == 'tables[0].checks[1].name: there are two checks "positive"; rename one of them'


@pytest.mark.parametrize("name", ["pg_catalog", "PG_x", "information_schema", "public"])
def test_schemas_of_the_database_itself_are_refused(name: str) -> None:
    """Tables of an app are not put among them."""
    (found,) = problems_of(parcel(dbSchema=name))
    assert found.startswith("tables[0].dbSchema: ")


def test_names_in_the_database_are_different_in_each_schema_alone() -> None:
    """Tables, keys and indexes: the same names clash within a schema, and in two they do not."""
    other = table("Other", column("word", isUnique=True), dbName="parcels")
    alike = table("Parcel", column("word", isUnique=True), dbSchema="store")
    assert problems_of(alike, other) == []
    found, _ = problems_of(alike, {**other, "dbSchema": "Store"})
    assert found.startswith("tables[1].dbName: ")
    assert '"store.parcels"' in found
    same_index = {"columns": ["id", "word"], "name": "words"}
    first = table("First", column("word"), indexes=[same_index], dbSchema="store")
    second = table("Second", column("word"), indexes=[same_index])
    assert problems_of(first, second) == []
    (found,) = problems_of(first, {**second, "dbSchema": "store"})
    assert found.startswith("tables[1].indexes[0].name: ")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("line.number", "no reference "),
        ("parcel.number", 'no column "number" in "Parcel"'),
        ("parcel.word", '"word" does not reference User'),
        ("other.word", '"otherId" can be null'),
    ],
)
def test_a_path_to_the_owner_follows_a_required_reference(path: str, problem: str) -> None:
    """A row has exactly one owner."""
    raw = table(
        "Note",
        column("parcelId", references="Parcel", isRequired=True),
        column("otherId", references="Parcel"),
        access={"ownerColumn": path, "read": "owner"},
    )
    (found,) = problems_of(parcel(), raw)
    assert found.startswith("tables[1].access.ownerColumn: ")
    assert problem in found


@pytest.mark.parametrize(
    ("rules", "is_read_only", "is_refused"),
    [
        ({"create": "authenticated"}, False, True),
        ({"create": "authenticated"}, True, False),
        ({"create": "none"}, False, False),
        ({"update": "role:EDITOR"}, False, True),
    ],
)
def test_nobody_names_rows_together_that_they_may_not_read(
    rules: dict[str, str], is_read_only: bool, is_refused: bool
) -> None:
    """The columns of a key are set one by one: only who reads every row of the other table may set them."""
    columns = [column("line", "Int", isReadOnly=is_read_only), column("part", "Int", isReadOnly=is_read_only)]
    key = table("Parcel", *columns, foreignKeys=[KEY], access=rules)
    found = problems_of(LINE, key)
    assert [problem.split(":")[0] for problem in found] == ["tables[1].foreignKeys[0].columns"] * is_refused
    assert problems_of({**LINE, "access": {"read": "public"}}, key) == []


@pytest.mark.parametrize(
    ("sql", "fits"),
    [
        ("""length("it's") > 1 AND "a ""b" <> 'say "('""", True),
        ("""length("it's) > 1""", False),
        ("""title <> 'a""", False),
        ("""title <> ')' AND (a > 1""", False),
    ],
)
def test_quotes_of_each_kind_hold_those_of_the_other(sql: str, fits: bool) -> None:
    """An apostrophe in a name is no quote, and a parenthesis in a text closes nothing."""
    assert (condition_fault(sql) is None) is fits
