"""Links lead somewhere, and what the docs name is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.blocks import ROOT, pages

PACKAGE = ROOT / "src" / "gatewright"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_CODE = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.py)(?:: (\w+(?:\.\w+)?))?`")
_FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)

# Files that a page has its reader write, and forms that stand for many.
_OF_THE_READER = {"main.py", "notes.py", "conftest.py", "worker.py", "shop.py", "env.py", "token_form.py"}
_IN_EACH_FEATURE = {"__init__.py", "queries.py", "service.py", "routes.py", "schemas.py", "errors.py"}
_ANYWHERE = _OF_THE_READER | _IN_EACH_FEATURE | {"settings.py", "mails.py"}


def prose(page: str) -> str:
    """The page without its fenced blocks."""
    return _FENCED.sub("", (ROOT / page).read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """The fragments that a page's headings can be reached by, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*pages(), "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    """Each link inside the repository names a file that is there, and a heading that it has."""
    broken = []
    for markdown, html in _LINK.findall(prose(page)):
        target = markdown or html
        if re.match(r"https?:", target):
            continue
        name, _, fragment = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        if not path.exists() or (fragment and fragment not in anchors(path)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", pages())
def test_files_and_functions_that_a_page_names_are_there(page: str) -> None:
    """`http/edge.py: Edge` is a file of the package, and something that it defines."""
    missing = [
        f"{file}: {name}" if name else file
        for file, name in _CODE.findall(prose(page))
        if not _is_there(file, name) and not ((file in _ANYWHERE or file.startswith("app/")) and not name)
    ]
    assert missing == []


def _is_there(file: str, name: str) -> bool:
    path = next((folder / file for folder in (PACKAGE, ROOT) if (folder / file).is_file()), None)
    return path is not None and (not name or name in _defined_in(path))


def _defined_in(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))
            found |= {f"{node.name}.{method.name}" for method in methods}
    return found


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "images").glob("*.svg")), ids=lambda path: path.name)
def test_a_picture_loads_nothing_and_can_be_read_aloud(picture: Path) -> None:
    """It is well-formed, has a title and a description, and names no other address than SVG's own."""
    root = ET.parse(picture).getroot()  # noqa: S314 (a file of ours)
    assert {"title", "desc"} <= {child.tag.rpartition("}")[2] for child in root}
    assert set(re.findall(r"https?://[^\s\"']+", picture.read_text("utf-8"))) == {"http://www.w3.org/2000/svg"}
