"""Undocumented names of other packages are imported in a `_compat.py`, and their versions have an upper bound."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.test_code import ROOT, relative, sources, tree_of

UNDOCUMENTED = {
    "alembic.script.ScriptDirectory._downgrade_revs": "migrations/_compat.py",
    "alembic.script.ScriptDirectory._upgrade_revs": "migrations/_compat.py",
    "fastapi.routing.iter_route_contexts": "http/_compat.py",
    "starlette._utils.get_route_path": "http/_compat.py",
    "starlette.routing.compile_path": "http/_compat.py",
    "uvicorn.protocols.http.httptools_impl.HttpToolsProtocol": "cli/_compat.py",
    "uvicorn.supervisors.multiprocess.Multiprocess": "cli/_compat.py",
    "uvicorn.supervisors.multiprocess.Process": "cli/_compat.py",
}
"""Each such name, and the one file that imports it. A name that goes from here goes from there, too."""

PACKAGES = {"alembic", "fastapi", "joserfc", "starlette", "uvicorn"}
# Of the standard library, and documented there.
DOCUMENTED = {"os._exit", "_replace"}


def private_uses(tree: ast.Module) -> Iterator[str]:
    """Names with an underscore that the file imports from elsewhere, or reads and nowhere in it defines."""
    defined = set(definitions(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(("gatewright", "__")):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in names if re.search(r"(^|\.)_[a-z]", name))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if re.search(r"(^|\.)_[a-z]", alias.name))
        elif isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr) and node.attr not in defined:
            yield ast.unparse(node)


def definitions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_private_names_are_used_in_compat_files_alone() -> None:
    """A release that renames one breaks a file that says so, and no other."""
    found = {
        (relative(path), name)
        for path in sources()
        if path.name != "_compat.py"
        for name in private_uses(tree_of(path))
        if name not in DOCUMENTED and name.rpartition(".")[2] not in DOCUMENTED
    }
    assert found == set()


def test_the_compat_files_hold_what_the_list_says() -> None:
    """And no other file imports one of these names, also where they have no underscore."""
    importers = {(name, relative(path)) for path in sources() for name in used_of_packages(path)}
    listed = {(name, file) for name, file in importers if name in UNDOCUMENTED or file.endswith("_compat.py")}
    assert listed == set(UNDOCUMENTED.items())


def used_of_packages(path: Path) -> Iterator[str]:
    """What the file imports of `PACKAGES`, and the private attributes that it reads of that in a `_compat.py`."""
    tree = tree_of(path)
    names = [name for name in imported(tree) if name.split(".")[0] in PACKAGES]
    private = [name.rpartition(".")[2] for name in private_uses(tree) if "." in name and name not in names]
    if path.name == "_compat.py" and private:
        yield from (f"{name}.{each}" for name in names for each in private)
    else:
        yield from names


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_their_versions_have_an_upper_bound(package: str) -> None:
    """The next major release is tried before anybody gets it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (wanted,) = (each for each in project["dependencies"] if re.match(rf"{package}[><=]", each))
    assert re.fullmatch(rf"{package}>=[0-9.]+,<[0-9]+", wanted)


@pytest.mark.parametrize(
    "code",
    [
        "from starlette._utils import get_route_path",
        "from alembic.script import _x",
        "import alembic._y",
        "scripts._upgrade_revs('head')",
        "class A(B):\n    def f(self): return self._of_b",
    ],
)
def test_a_private_name_is_recognised(code: str) -> None:
    """The tests above look for them."""
    assert len(list(private_uses(ast.parse(code)))) == 1
