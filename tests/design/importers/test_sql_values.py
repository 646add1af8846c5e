"""Conditions of a database as keys of a column."""

from __future__ import annotations

import pytest

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
