"""Names of a database as names of a design."""

from __future__ import annotations

import pytest

from gatewright.design.document import Column, ColumnType, Design, Table
from gatewright.design.importers.names import (
    ColumnNames,
    TableNames,
    column_database_name,
    is_reserved_table,
    table_database_name,
)
from gatewright.design.naming import snake_plural
from gatewright.design.singular import singular

PLURALS = (
    "categories boxes houses statuses addresses children people shelves movies bonuses courses buses indexes lives"
)
SINGULARS = "category box house status address child person shelf movie bonus course bus index life"


def test_the_singular_has_the_plural_that_it_came_from() -> None:
    """Otherwise the table would be looked for under another name."""
    assert [singular(word) for word in PLURALS.split()] == SINGULARS.split()
    assert [snake_plural(word) for word in SINGULARS.split()] == PLURALS.split()


def test_a_word_that_is_singular_stays() -> None:
    """Also where it ends in s."""
    for word in "status address gas series canvas analysis news member data".split():
        assert singular(word) == word


@pytest.mark.parametrize(
    ("there", "name", "kept"),
    [
        ("blog_posts", "BlogPost", None),
        ("blog_post", "BlogPost", "blog_post"),
        ("BlogPost", "BlogPost", "BlogPost"),
        ("book shelf", "BookShelf", "book shelf"),
        ("Bücher", "Bucher", "Bücher"),
        ("123abc", "Table123abc", "123abc"),
        ("class", "ClassRecord", "class"),
        ('a"; DROP TABLE x;\n--', "ADropTableX", 'a"; DROP TABLE x;\n--'),
        ("", "Table", ""),
    ],
)
def test_a_table_is_called_in_the_singular_and_keeps_its_name(there: str, name: str, kept: str | None) -> None:
    """`dbName` is there only where the design's own rule gives another name."""
    assert TableNames(Design(())).name(there) == name
    assert table_database_name(name, there) == kept


@pytest.mark.parametrize(
    ("there", "name", "kept"),
    [
        ("display_name", "displayName", None),
        ("displayName", "displayName", "displayName"),
        ("class", "classValue", "class"),
        ("metadata", "metadataValue", "metadata"),
        ("order", "order", "order"),
    ],
)
def test_a_column_is_called_in_camel_case_and_keeps_its_name(there: str, name: str, kept: str | None) -> None:
    """Words that code or SQL reserves get another name, and `dbName`."""
    assert ColumnNames().name(there) == name
    assert column_database_name(name, there) == kept


def test_two_names_that_would_be_one_differ() -> None:
    """Tables of one name in two schemas, names that differ in case, singular and plural."""
    tables = TableNames(Design(()))
    assert [tables.name("book"), tables.name("books"), tables.name("Book", "archive")] == [
        "Book",
        "BookRecord",
        "Book2",
    ]
    columns = ColumnNames()
    assert [columns.name("user_id"), columns.name("userId"), columns.name("USER_ID")] == [
        "userId",
        "userIdValue",
        "userId2",
    ]


def test_what_the_design_has_keeps_its_name() -> None:
    """So that a second import finds the tables of the first, whatever they were renamed to."""
    table = Table(
        name="Reader", db_name="member", columns=(Column(name="mail", db_name="email", type=ColumnType.STRING),)
    )
    names = TableNames(Design((table,)))
    assert names.name("member") == "Reader"
    assert ColumnNames(names.known("member")).name("email") == "mail"


def test_tables_of_gatewright_and_of_the_database_belong_to_no_design() -> None:
    """Whatever the case."""
    assert all(map(is_reserved_table, ["gatewright_audit_events", "ALEMBIC_VERSION", "sqlite_sequence", "pg_stat"]))
    assert not is_reserved_table("members")
