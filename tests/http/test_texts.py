"""Names that people have are taken, and names that nobody can read are not."""

from __future__ import annotations

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from gatewright.http.problems import validation_error
from gatewright.http.schemas import person_name

NAMES: TypeAdapter[str] = TypeAdapter(person_name(2, 50))
TAKEN = {
    "Ada": "Ada",
    "  Ada \u00a0\u3000": "Ada",
    "Jose\u0301": "Jos\u00e9",
    "O'Brien-Smith Jr.": "O'Brien-Smith Jr.",
    "Mar\u00eda Jos\u00e9": "Mar\u00eda Jos\u00e9",
    "\u674e\u4f1f": "\u674e\u4f1f",
    # Scripts that can't be written without a joiner (RFC 5892, appendix A): Persian, Sinhala.
    "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627": "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    " " + "x" * 50 + " ": "x" * 50,
}
INVISIBLE = (
    *"\x00\t\n\r\x1b\x7f\x85\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    *"\u200b\u200c\u200d\u2060\u2063\ufeff\u00ad\u034f\u180e\u3164\u115f\u2800\U000e0041",
)


def _code(name: str) -> str:
    with pytest.raises(ValidationError) as caught:
        NAMES.validate_python(name)
    (problem,) = validation_error(caught.value.errors()).errors
    return problem.code


def test_names_of_people_are_taken() -> None:
    """Without the spaces around them, and composed."""
    for typed, name in TAKEN.items():
        assert NAMES.validate_python(typed) == name


@pytest.mark.parametrize("char", INVISIBLE, ids=ascii)
def test_a_name_holds_nothing_that_nobody_sees(char: str) -> None:
    """Not within it, not at its ends, and not alone."""
    assert {_code(name) for name in (f"A{char}da", f"{char}Ada", f"Ada{char}", char * 3)} == {"invalid_characters"}


def test_blanks_alone_are_no_name() -> None:
    """However many, and of whatever width."""
    for blanks in ("", "   ", "\u3000\u2003\u00a0", " A "):
        assert _code(blanks) == "too_short"
    assert _code("x" * 51) == "too_long"


def test_the_document_says_the_same() -> None:
    """But for the joiners, for which patterns have no words."""
    pattern = re.compile(NAMES.json_schema()["pattern"])
    assert all(pattern.search(name) for name in TAKEN if not {"\u200c", "\u200d"} & set(name))
    wrong = ["", "   ", " A ", "x" * 51, *(f"A{char}da" for char in INVISIBLE if ord(char) < 0x10000)]
    assert [name for name in wrong if pattern.search(name)] == []
