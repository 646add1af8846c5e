"""Names in the database and in addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.design.naming import kebab_plural, pascal_case, plural, snake_case, snake_plural


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BlogPost", "blog_post"),
        ("firstName", "first_name"),
        ("userID", "user_id"),
        ("HTTPServer", "http_server"),
        ("address2", "address2"),
        ("blog_post", "blog_post"),
    ],
)
def test_names_become_snake_case(name: str, expected: str) -> None:
    """Words are told apart by their capitals, abbreviations kept together."""
    assert snake_case(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("User", "users"),
        ("RefreshToken", "refresh_tokens"),
        ("EmailVerification", "email_verifications"),
        ("Address", "addresses"),
        ("Category", "categories"),
        ("Day", "days"),
        ("Status", "statuses"),
        ("Settings", "settings"),
        ("Person", "people"),
        ("UserData", "user_data"),
        ("Leaf", "leaves"),
        ("Belief", "beliefs"),
        ("Branch", "branches"),
        ("Analysis", "analyses"),
    ],
)
def test_tables_are_plural(name: str, expected: str) -> None:
    """The last word takes the plural, by rule or by the short list of exceptions."""
    assert snake_plural(name) == expected


def test_paths_are_plural_with_hyphens() -> None:
    """The resource of BlogPost is blog-posts."""
    assert kebab_plural("BlogPost") == "blog-posts"


def test_classes_are_in_pascal_case() -> None:
    """Both ways to write a name lead to the same class."""
    assert pascal_case("blog_post") == pascal_case("BlogPost") == "BlogPost"


@given(st.from_regex(r"[a-z]{1,12}(_[a-z]{1,12})?", fullmatch=True))
def test_a_word_always_has_a_plural_in_the_same_alphabet(word: str) -> None:
    """No rule falls through, and none brings in a character that a database would have to quote."""
    assert plural(word).replace("_", "").isalpha()
    assert plural(word).islower()
