"""base64url has one text per value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core import base64url


@given(st.binary(max_size=80))
def test_bytes_come_back(raw: bytes) -> None:
    """What was encoded decodes to itself, without padding."""
    text = base64url.encode(raw)

    assert base64url.decode(text) == raw
    assert "=" not in text


@pytest.mark.parametrize(
    "text", ["YQ==", "YQ=", "YR", "YWJ", "Y", "YW Jj", "YWJj\n", " YWJj", "YW+j", "YW/j", "YWJé", "YWJ\ud800", "YWJj\0"]
)
def test_any_other_text_is_refused(text: str) -> None:
    """Padding, stray bits, white space, the other alphabet and anything outside ASCII are not base64url."""
    with pytest.raises(ValueError):  # noqa: PT011 - every subclass counts
        base64url.decode(text)


@given(st.text(st.characters(exclude_categories=()), max_size=12))
def test_whatever_decodes_is_the_only_text_of_its_bytes(text: str) -> None:
    """Decoding either refuses a text, or the bytes encode to exactly that text."""
    try:
        raw = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(raw) == text
