"""Defaults: strings as in the tutorial, and JSON values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.design.document import ColumnType, DefaultFunction
from gatewright.design.values import default_of, json_of, literal_of

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]))


@pytest.mark.parametrize(
    ("raw", "column_type", "expected"),
    [
        ("false", ColumnType.BOOLEAN, False),
        (True, ColumnType.BOOLEAN, True),
        ("USER", ColumnType.STRING, "USER"),
        ("0", ColumnType.INT, 0),
        (-7, ColumnType.INT, -7),
        ("9223372036854775807", ColumnType.BIG_INT, 2**63 - 1),
        ("1.5", ColumnType.FLOAT, 1.5),
        (2, ColumnType.FLOAT, 2.0),
        ("0.10", ColumnType.DECIMAL, "0.10"),
        (1e3, ColumnType.DECIMAL, "1000.0"),
        ("2026-01-31T12:00:00Z", ColumnType.DATE_TIME, "2026-01-31T12:00:00Z"),
        ("2026-01-31", ColumnType.DATE, "2026-01-31"),
        ("12:30", ColumnType.TIME, "12:30"),
        ("{}", ColumnType.JSON, "{}"),
        ({"a": [1, "é"]}, ColumnType.JSON, '{"a":[1,"é"]}'),
        ('"text"', ColumnType.JSON, '"text"'),
        ("aGk=", ColumnType.BYTES, "aGk="),
        ("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", ColumnType.UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ],
)
def test_a_literal_fits_its_type(raw: object, column_type: ColumnType, expected: object) -> None:
    """The literal has the form that the column's type has, of the same Python type."""
    read = literal_of(raw, column_type)
    assert (type(read), read) == (type(expected), expected)
    assert literal_of(json_of(read, column_type), column_type) == read


@pytest.mark.parametrize(
    ("raw", "column_type"),
    [
        ("yes", ColumnType.BOOLEAN),
        (1, ColumnType.BOOLEAN),
        ("1.0", ColumnType.INT),
        (1.0, ColumnType.INT),
        (True, ColumnType.INT),
        ("1_000", ColumnType.INT),
        (2**31, ColumnType.INT),
        ("9223372036854775808", ColumnType.BIG_INT),
        ("٣", ColumnType.INT),
        ("nan", ColumnType.FLOAT),
        ("1e999", ColumnType.FLOAT),
        (10**400, ColumnType.FLOAT),
        ("1e999", ColumnType.DECIMAL),
        (False, ColumnType.DECIMAL),
        ("Infinity", ColumnType.DECIMAL),
        (5, ColumnType.STRING),
        ({}, ColumnType.TEXT),
        ("2026-02-30", ColumnType.DATE),
        ("2026-01-31T12:00:00", ColumnType.DATE_TIME),
        ("25:00", ColumnType.TIME),
        ("{", ColumnType.JSON),
        ("[" * 100_000, ColumnType.JSON),
        ('{"a":1,"a":2}', ColumnType.JSON),
        ("hello", ColumnType.JSON),
        ("a", ColumnType.BYTES),
        ("é", ColumnType.BYTES),
        ("1234", ColumnType.UUID),
        (["x"], ColumnType.ENUM),
    ],
)
def test_a_literal_that_does_not_fit_is_refused(raw: object, column_type: ColumnType) -> None:
    """Nothing is bent until it fits."""
    with pytest.raises(ValueError, match=r"."):
        literal_of(raw, column_type)


@pytest.mark.parametrize("function", list(DefaultFunction))
def test_a_function_is_known_by_its_parentheses(function: DefaultFunction) -> None:
    """Each function is a default for the types that can hold what it makes, and for no other."""
    taken = []
    for column_type in ColumnType:
        try:
            taken.append(default_of(function.value, column_type))
        except ValueError as error:
            assert "is a default for" in str(error)  # noqa: PT017
    assert taken
    assert all(default is function for default in taken)


def test_an_unknown_function_is_no_literal() -> None:
    """A slip in a function's name must not become the text of every row."""
    with pytest.raises(ValueError, match=r'no function "cuuid\(\)"; did you mean "uuid\(\)"\?'):
        default_of("cuuid()", ColumnType.STRING)
    assert default_of("nothing (yet)", ColumnType.STRING) == "nothing (yet)"


@given(st.recursive(st.none() | st.booleans() | st.integers() | _TEXT, st.lists, max_leaves=8))
def test_any_json_value_survives(value: object) -> None:
    """A Json default is read, written and read again without a change, texts and null included."""
    literal = literal_of(json.dumps(value), ColumnType.JSON)
    assert json.loads(str(literal)) == value
    assert literal_of(json_of(literal, ColumnType.JSON), ColumnType.JSON) == literal
