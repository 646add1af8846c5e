"""The tutorial's form: JavaScript object literals."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.design.importers.javascript import import_javascript, parse_javascript
from gatewright.design.problems import DesignError
from tests.design.documents import TUTORIAL, design, table


def test_the_tutorials_tables_paste_in_unchanged() -> None:
    """Typed literally, they are the design that they are meant to be."""
    read = import_javascript(TUTORIAL)
    assert [each.name for each in read.tables] == ["User", "RefreshToken", "EmailVerification"]
    assert [each.name for each in read.table("RefreshToken").columns] == [
        *("id", "token", "userId", "expiresAt", "createdAt")
    ]
    assert read.table("User").column("isEmailVerified").default_value is False
    assert read.table("EmailVerification").column("userId").references is not None


_KEYS = st.text("abc '\"\\\n", max_size=5)
POST = """{ name: 'Post', columns: [{ name: 'id', type: "String", isPrimaryKey: true, defaultValue: 'cuid()' }] }"""


@pytest.mark.parametrize(
    "text",
    [
        POST,
        f"[{POST}]",
        f"[{POST},]",
        f"{{ tables: [{POST}] }}",
        f"export const tables = [{POST}];",
        f"export default [{POST}]",
        f"const post = {POST};\n",
        f"// tables\n/* more\n lines */ let x = {POST} // end",
        f"\ufeff{POST}",
        POST.replace("true", "true, isRequired: undefined"),
        POST.replace("{ ", "{\n\t").replace(", ", ",\r\n"),
        json.dumps({"tables": [table("Post")]}),
    ],
)
def test_the_same_table_in_its_many_wrappings(text: str) -> None:
    """List, object, declaration, comments, trailing commas and JSON all lead to one design."""
    assert import_javascript(text).tables == design(table("Post")).tables


def test_several_declarations_in_a_row_make_one_design() -> None:
    """The tutorial shows its tables one after the other."""
    text = f"const a = {POST};\nconst b = [{POST.replace('Post', 'Tag')}];"
    assert [each.name for each in import_javascript(text).tables] == ["Post", "Tag"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'it\'s'", "it's"),
        (r'"a\n\t\\\"\x41\u0042\u{1F642}"', 'a\n\t\\"AB🙂'),
        (r'"\ud83d\ude42"', "🙂"),
        ('"a\\\nb"', "ab"),
        (r'"\q"', "q"),
        ("[1, -2, +3, 0x1F, .5, 2., 1e3]", [1, -2, 3, 31, 0.5, 2.0, 1000.0]),
        ("{$a_1: null, 'b c': [], 3: {}}", {"$a_1": None, "b c": [], "3": {}}),
        ("[undefined, true]", [None, True]),
    ],
)
def test_literals_mean_what_they_mean_in_javascript(text: str, value: object) -> None:
    """Escapes, numbers and keys."""
    assert parse_javascript(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: the file is empty"),
        ("// only this", "line 1, column 13: the file is empty"),
        ("[\n  {a: 1,,}\n]", 'line 2, column 9: a key was expected, not ","'),
        ("{a 1}", 'line 1, column 4: ":" was expected, not "1"'),
        ("{a: 1 b: 2}", 'line 1, column 7: "," or "}" was expected, not "b"'),
        ("[1", 'line 1, column 3: "," or "]" was expected, not the end'),
        ("{a:", "line 1, column 4: expected a value, not the end"),
        ("'a", "line 1, column 1: the string is not closed on its line"),
        ("'a\nb'", "line 1, column 1: the string is not closed on its line"),
        ("/* a", "line 1, column 1: the comment is not closed"),
        ("{a: `b`}", "line 1, column 5: template literals are not supported"),
        ("{a: b}", 'line 1, column 5: expected a value, not "b"'),
        ("{a: require('x')}", "only literals are read, and no code is run"),
        ("(() => 1)()", "only literals are read, and no code is run"),
        ("{...a}", "only literals are read, and no code is run"),
        ("{['a']: 1}", "a key was expected"),
        ("{a() {}}", "is not allowed here"),
        ("{a: 1 + 1}", 'line 1, column 7: "+" is not allowed here'),
        ("{a: -b}", "is not allowed here"),
        ("{a: 12abc}", "is not allowed here"),
        ("const = 5", "expected a name"),
        ("const x 5", '"=" was expected, not "5"'),
        (r"'\u12'", "line 1, column 2: the escape"),
        (r"'\u{110000}'", "this escape is not a character"),
        ("1" * 500, "the number is too long"),
        ("[" * 100_000, "line 1, column 33: nested more than 32 levels"),
        ("{a:" * 100_000, "nested more than 32 levels"),
        (" " * (8 * 1024 * 1024 + 1), "longer than 8 MiB"),
        ("/* " * 50_000, "the comment is not closed"),
    ],
)
def test_what_is_no_literal_is_an_error_with_its_place(text: str, message: str) -> None:
    """Line and column, and never a traceback; nothing is ever run."""
    with pytest.raises(DesignError) as caught:
        parse_javascript(text)
    assert message in str(caught.value)


def test_mistakes_in_the_design_are_told_as_in_a_document() -> None:
    """Repeated keys, characters and depth are looked at in this form too."""
    for text, message in (
        ("{name: 'A', name: 'B', columns: []}", 'the key "name" is repeated'),
        ("{name: 'Post', columns: [], description: '\\u0000'}", "control character"),
        ("{name: 'Post', columns: [], description: '\\ud800'}", "surrogate"),
        ("{name: 'Post', colums: []}", 'tables[0].colums: unknown key; did you mean "columns"?'),
        ("5", "must be an object, not 5"),
        ("{a: 1e999}", "the number is too large"),
    ):
        with pytest.raises(DesignError) as caught:
            import_javascript(text)
        assert message in str(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
        max_leaves=12,
    )
)  # fmt: skip
def test_json_is_a_part_of_this_form(value: object) -> None:
    """Whatever JSON can say is read as JSON reads it."""
    assert parse_javascript(json.dumps(value)) == value
    assert parse_javascript(json.dumps(value, ensure_ascii=False, indent=1)) == value


@given(st.text("{}[]:,'\"\\/* \n\tanu01.-e=;`u", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No input ends in anything but a value or a DesignError."""
    try:
        parse_javascript(text)
    except DesignError as error:
        assert error.problems  # noqa: PT017


def test_columns_keep_their_order() -> None:
    """The order of a design is the order of its text."""
    text = (
        "{name:'Post',columns:[{name:'id',type:'Int',isPrimaryKey:true},{name:'b',type:'Int'},{type:'Int',name:'a'}]}"
    )
    assert [each.name for each in import_javascript(text).tables[0].columns] == ["id", "b", "a"]
