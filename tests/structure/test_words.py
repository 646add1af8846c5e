"""Words that people who read English as a second language stumble over stay out of what users read.

`docs/explanation/architecture.md` and CONTRIBUTING say how to write. This list is short on purpose: it has only words
that the project used in place of plainer ones.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "gatewright"

AVOIDED = re.compile(
    r"\b(told|said|mend(s|ed)?|whoever|anew|somebody|nobody|everybody|anybody|one's own|stands? against"
    r"|c[ao]mes? to nothing)\b",
    re.IGNORECASE,
)

FOLDERS = ("explanation", "how-to", "security", "tutorial")

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/README.md")),
    # Made from the help of commands, the OpenAPI document, settings, events, errors and public docstrings.
    *sorted((ROOT / "docs" / "reference").glob("*.md")),
    *sorted(page for name in FOLDERS for page in (ROOT / "docs" / name).rglob("*.md")),
]


def _docstrings(tree: ast.AST) -> set[int]:
    """The strings that are statements: docstrings, and those behind attributes."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _sentences(file: Path) -> Iterator[str]:
    """The strings of a module but for its docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    left_out = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.value}"


def _docs_of(file: Path) -> Iterator[str]:
    """The docstrings, the comments and the names of a module."""
    text = file.read_text("utf-8")
    documented = _docstrings(tree := ast.parse(text))
    for node in ast.walk(tree):
        if id(node) in documented and isinstance(node, ast.Constant):
            yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.value!s}"
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield f"{file.relative_to(ROOT)}:{token.start[0]}: {token.string}"
    yield from _names(file)


def _names(file: Path) -> Iterator[str]:
    """The names in a module, but for those of tests, which are sentences."""
    for token in tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline):
        if token.type == tokenize.NAME and not token.string.startswith("test_"):
            yield f"{file.relative_to(ROOT)}:{token.start[0]}: {token.string.replace('_', ' ')}"


def _lines(file: Path) -> Iterator[str]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        yield f"{file.relative_to(ROOT)}:{number}: {line}"


def avoided(texts: Iterator[str]) -> list[str]:
    """Those of *texts* that have one of the words."""
    return [text for text in texts if AVOIDED.search(text.partition(": ")[2])]


def test_messages_are_plain() -> None:
    """Errors, log lines, help, descriptions and answers: every sentence in the package's code."""
    assert [found for file in sorted(PACKAGE.rglob("*.py")) for found in avoided(_sentences(file))] == []


def test_docstrings_and_names_are_plain() -> None:
    """What contributors read: they are not native speakers either."""
    assert [found for file in sorted(PACKAGE.rglob("*.py")) for found in avoided(_docs_of(file))] == []


def test_names_in_tests_are_plain() -> None:
    """Helpers, attributes and variables of the tests; recorded apps stay as they were made."""
    files = [file for file in sorted((ROOT / "tests").rglob("*.py")) if "shop" not in file.relative_to(ROOT).parts]
    assert [found for file in files for found in avoided(_names(file))] == []


def test_mails_and_pages_are_plain() -> None:
    """Every template of a mail, a page or generated code."""
    assert [found for file in sorted(PACKAGE.rglob("*.jinja")) for found in avoided(_lines(file))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_plain(page: Path) -> None:
    """What a reader meets first, what is made from the code, and what explains it."""
    assert avoided(_lines(page)) == []


def test_the_words_are_found() -> None:
    """The search sees them in any case, as words of their own."""
    texts = ["a.py:1: Nobody may", "a.py:2: is told", "a.py:3: amendment", "a.py:4: one's own rows", "told.py:5: fine"]
    assert avoided(iter(texts)) == [texts[0], texts[1], texts[3]]
