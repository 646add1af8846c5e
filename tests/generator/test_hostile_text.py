"""Whatever somebody writes into a design, none of it becomes code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from gatewright.design.problems import DesignError
from gatewright.generator.model import app_view
from gatewright.generator.render import Rendered, render
from tests.generator.designs import ID, completed

TEXTS = [
    '"""\nimport os\nos.system("x")\n"""',
    "'''; raise SystemExit #",
    '\\"""; raise SystemExit; """',
    'ends in a quote"',
    "ends in a backslash\\",
    "{{ 7 * 7 }}{% for x in y %}{# x #}",
    '{__import__("os").system("x")}',
    "__class__ %s %(x)s {0} {x!r} {people}",
    "\n\n\nclass X:\n    pass\n",
    "# noqa\n# type: ignore\n# fmt: off",
    "line\u2028separator\u00a0\u200b\ufeff é 🙂",
    "`; DROP TABLE users; --",
]
NAMES = ["__class__", "class", "a b", "a;b", "a'", 'a"', "{{ a }}", "a\nb", "é", "a.b", "../a", "metadata", "Base\0"]


def hostile(text: str) -> list[dict[str, Any]]:
    """Tables with *text* wherever the vocabulary takes any text."""
    line = " ".join(text.split()).replace("\u200b", "").replace("\ufeff", "")[:20].strip()
    columns = [
        ID,
        {"name": "plain", "type": "String", "description": text, "example": text, "defaultValue": text},
        {"name": "long", "type": "Text", "example": text, "isRequired": True, "description": text},
        {"name": "serial", "type": "String", "isRequired": True, "isUnique": True, "example": text + "7"},
        {"name": "matched", "type": "String", "pattern": "^" + escaped(text) + "$", "example": text},
        {"name": "choice", "type": "Enum", "enumValues": [line, "other"], "defaultValue": line},
        {"name": "data", "type": "Json", "defaultValue": {text: [text]}, "example": {text: text}},
    ]
    return [{"name": "Thing", "description": text, "example": {"plain": text}, "columns": columns}]


def escaped(text: str) -> str:
    """A pattern that *text* matches."""
    return "".join(f"\\x{{{ord(character):x}}}" if not character.isalnum() else character for character in text)


def rendered(text: str) -> Rendered:
    return render(app_view(completed(*hostile(text))))


def code(files: Rendered) -> Iterator[tuple[str, ast.AST]]:
    """Every node of every file but the texts."""
    for path, content in {**files.generated, **{f"m/{path}": text for path, text in files.modules.items()}}.items():
        if path.endswith(".py"):
            compile(content, path, "exec")
            yield from ((path, node) for node in ast.walk(ast.parse(content)) if not isinstance(node, ast.Constant))


def words(files: Rendered) -> set[tuple[str, str]]:
    """Every name that any statement or expression mentions, with the kind of it."""
    found: set[tuple[str, str]] = set()
    for path, node in code(files):
        for field, value in ast.iter_fields(node):
            if isinstance(value, str):
                found.add((f"{path} {type(node).__name__}.{field}", value))
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_a_literal(text: str) -> None:
    """The code names nothing that it doesn't name for a harmless text, and has as many statements."""
    files, harmless = rendered(text), rendered("harmless")
    assert words(files) == words(harmless)
    statements = [sum(isinstance(node, ast.stmt) for _, node in code(each)) for each in (files, harmless)]
    assert statements[0] == statements[1]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_stays_what_it_is(text: str) -> None:
    """The default and the example are, character for character, what the design says."""
    schemas = ast.parse(rendered(text).generated["thing/schemas.py"])
    constants = {node.value for node in ast.walk(schemas) if isinstance(node, ast.Constant)}
    assert text in constants


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """No name of a table or a column gets as far as the generator unless it is one."""
    with pytest.raises(DesignError):
        completed({"name": name if name != "metadata" else "a b", "columns": [ID]})
    with pytest.raises(DesignError):
        completed({"name": "Thing", "columns": [ID, {"name": name, "type": "String"}]})


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        ([{"name": "fooBar"}, {"name": "foo_bar", "dbName": "other"}], "foo_bar"),
        ([{"name": "address2"}, {"name": "address_2"}], "address2"),
    ],
)
def test_names_that_are_alike_in_the_code_are_refused(columns: list[dict[str, Any]], form: str) -> None:
    """Two columns can't be one attribute, or one field of a body."""
    with pytest.raises(DesignError, match=f"is {form} in the code"):
        completed({"name": "Thing", "columns": [ID, *({"type": "String", **column} for column in columns)]})


@pytest.mark.parametrize("name", ["Base", "Routers"])
def test_a_table_does_not_hide_a_module(name: str) -> None:
    """A folder beside a module of its name would take its place."""
    with pytest.raises(DesignError, match="which is reserved"):
        app_view(completed({"name": name, "columns": [ID]}))
