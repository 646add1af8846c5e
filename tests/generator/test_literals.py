"""Text of a design in Python source."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.generator.literals import docstring, literal, name

TEXTS = st.text() | st.text(alphabet="\"'\\\n\r\t{}%# aN\0\u2028")


@given(TEXTS)
def test_a_literal_is_the_text_and_nothing_else(text: str) -> None:
    """Python reads back just the text that went in, whatever it holds."""
    assert ast.literal_eval(literal(text)) == text


@given(st.recursive(TEXTS | st.integers() | st.booleans() | st.none(), st.lists, max_leaves=5))
def test_a_literal_of_many_is_all_of_them(value: object) -> None:
    """Lists, tuples and dictionaries keep what is in them."""
    assert ast.literal_eval(literal({"a": value, "b": (value,)})) == {"a": value, "b": (value,)}


@given(st.lists(TEXTS, min_size=1))
def test_a_docstring_is_one_string(paragraphs: list[str]) -> None:
    """No text ends the docstring early: the module holds one expression, a string."""
    body = ast.parse(f"class A:\n    {docstring(*paragraphs)}\n").body
    assert len(body) == 1
    assert isinstance(body[0], ast.ClassDef)
    (statement,) = body[0].body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert isinstance(statement.value.value, str)


def test_a_docstring_keeps_its_words() -> None:
    """White space is made regular; quotes and backslashes are what they were."""
    text = 'He said """no""" \\ \n\n  "yes"'
    written: str = ast.literal_eval(docstring(text))
    assert written.split() == text.split()


@pytest.mark.parametrize("text", ["", "a b", "a.b", "class", "a\n", "__class__", "é", "1a", "a;b", "{{ a }}"])
def test_only_a_name_is_a_name(text: str) -> None:
    """Keywords, dunders, and anything but ASCII letters, digits and underscores are refused."""
    with pytest.raises(ValueError, match="is not a name"):
        name(text)


def test_what_has_no_literal_is_refused() -> None:
    """An object's repr never becomes source."""
    with pytest.raises(TypeError, match="object has no literal"):
        literal(object())
