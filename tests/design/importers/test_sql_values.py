"""Conditions of a database as keys of a column."""

from __future__ import annotations

import pytest

from gatewright.design.checks.indexes import condition_fault
from gatewright.design.importers.database_types import design_type
from gatewright.design.importers.sql_types import type_of
from gatewright.design.importers.sql_values import limits_of


@pytest.mark.parametrize(
    ("sql", "column", "keys"),
    [
        ('(char_length(("it\'s alpha")::text) >= 1)', "it's alpha", {"minLength": 1}),
        ('(("it\'s a" >= 1) AND ("it\'s a" <= 9))', "it's a", {"minValue": 1, "maxValue": 9}),
        (
            "((state)::text = ANY ((ARRAY['a'::\"my type\", 'it''s'::text])::text[]))",
            "state",
            {"enumValues": ["a", "it's"]},
        ),
    ],
)
def test_names_and_types_in_quotes(sql: str, column: str, keys: dict[str, object]) -> None:
    """An apostrophe in a name begins no text."""
    assert limits_of(sql, column) == keys


@pytest.mark.parametrize("name", ["it's a", 'a "b"', "x and y", "a (b", "between", "odd %(x)s :y"])
def test_a_limit_is_known_whatever_its_column_is_called(name: str) -> None:
    """Quotes, parentheses and words of SQL in a name are no part of the condition."""
    quoted = '"' + name.replace('"', '""') + '"'
    assert limits_of(f"length(({quoted})::text) >= 1", name) == {"minLength": 1}
    assert limits_of(f"(({quoted} >= 1) AND ({quoted} <= 9))", name) == {"minValue": 1, "maxValue": 9}


@pytest.mark.parametrize("sql", ['"it\'s" > 0', "note <> ':('", "note <> 'it''s'", "note <> '\"'", "(a > 0)"])
def test_a_quote_or_parenthesis_within_quotes_is_one_character(sql: str) -> None:
    """It opens and closes nothing."""
    assert condition_fault(sql) is None


@pytest.mark.parametrize("sql", ["note = 'a", 'a" > 0', "(a > 0", "a > 0) OR (b > 0", "'(' > 0)"])
def test_what_is_not_closed_is_refused(sql: str) -> None:
    """A quote of each kind, and parentheses."""
    assert condition_fault(sql) == "has an unclosed quote or parenthesis"


def test_bpchar_without_a_length_is_not_cut_to_one_character() -> None:
    """PostgreSQL's `char` is, which it is another name of with a length only."""
    assert type_of("bpchar").keys == design_type("bpchar").keys == {}
    assert type_of("bpchar(3)").keys == {"maxLength": 3, "dbType": "char(3)"}
    assert design_type("bpchar(3)").keys["maxLength"] == 3
