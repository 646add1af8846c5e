"""Rules for the repository itself: what no file holds, and that what pyproject.toml says is true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "gatewright"

# In pieces, so that this file passes its own test.
_HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb" + ".debian.org"]
_REGISTRY_HOST = re.compile("|".join(map(re.escape, _HOSTS)))
_FOLDER_OF_ONE_MACHINE = re.compile(r"(?<![\w.:/~-])/(?:" + "|".join(["home", "root", "Users", "work"]) + r")/[\w.]")


@cache
def _tracked_files() -> list[Path]:
    """The files of the checkout, new ones included, without what .gitignore names."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@cache
def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _matches(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in _tracked_files():
        text = path.read_bytes().decode(errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    return found


def _distribution_name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _imported_packages() -> Iterator[tuple[str, Path]]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield node.module.partition(".")[0], path


def _locked_packages(file: str) -> dict[str, str]:
    """Names and versions of a file in requirements/."""
    text = (ROOT / "requirements" / file).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE))


def test_no_file_names_a_registry() -> None:
    """No file holds the address of a package registry: a clone installs from whichever its machine is set up for."""
    assert _matches(_REGISTRY_HOST) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    """No file holds an absolute path into somebody's home or work folder."""
    assert _matches(_FOLDER_OF_ONE_MACHINE) == []


@pytest.mark.parametrize("text", ["cd /" + "home/ada/x", '"/' + "work/main", "=/" + "root/.cache"])
def test_a_folder_of_one_machine_is_recognised(text: str) -> None:
    """The pattern of the test above finds such paths where they are."""
    assert _FOLDER_OF_ONE_MACHINE.search(text)


@pytest.mark.parametrize("text", ["https://example.com/" + "home/start", "tests/" + "work/x", "./" + "home/x"])
def test_other_paths_are_not_mistaken_for_one(text: str) -> None:
    """Addresses and relative paths pass."""
    assert not _FOLDER_OF_ONE_MACHINE.search(text)


def test_there_is_no_uv_lock() -> None:
    """uv.lock writes the registry's address into the file; requirements/ is what is locked instead."""
    assert not [path for path in _tracked_files() if path.name == "uv.lock"]


@pytest.mark.parametrize("file", ["build.txt", "dev.txt", "runtime.txt"])
def test_every_locked_requirement_has_its_hashes(file: str) -> None:
    """Each pinned package is followed by the digests that an install checks."""
    text = (ROOT / "requirements" / file).read_text()
    pinned = [block for block in re.split(r"\n(?=\S)", text) if "==" in block.partition("\n")[0]]
    assert pinned
    assert [block.partition("\n")[0] for block in pinned if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("file", ["build.txt", "runtime.txt"])
def test_the_lock_files_agree(file: str) -> None:
    """The tests run on the versions that `make run` installs."""
    assert _locked_packages(file).items() <= _locked_packages("dev.txt").items()


def test_every_direct_dependency_is_locked() -> None:
    """Nothing in pyproject.toml waits for its `make lock`."""
    project = _pyproject()["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["dev"] + extras["postgres"]
    assert {_distribution_name(each) for each in wanted} <= _locked_packages("runtime.txt").keys()


def test_every_imported_package_is_a_declared_dependency() -> None:
    """What the package imports is named in pyproject.toml, not only brought along by something else."""
    project = _pyproject()["project"]
    extras = project["optional-dependencies"].values()
    declared = {_distribution_name(each) for group in [project["dependencies"], *extras] for each in group}
    provided_by = packages_distributions()

    undeclared = {
        f"{path.relative_to(ROOT)}: {name}"
        for name, path in _imported_packages()
        if name not in sys.stdlib_module_names
        and name != "gatewright"
        and not declared & {_distribution_name(each) for each in provided_by.get(name, [])}
    }
    assert undeclared == set()


def test_every_layer_of_the_import_contracts_exists_or_is_optional() -> None:
    """A layer that was renamed must not silently stop being checked."""
    missing = [
        f"{container}.{name}"
        for contract in _pyproject()["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
        for container in contract["containers"]
        for layer in contract["layers"]
        for name in map(str.strip, layer.split("|"))
        if not name.startswith("(") and not _module_exists(container, name)
    ]
    assert missing == []


def _module_exists(container: str, name: str) -> bool:
    folder = PACKAGE.joinpath(*container.split(".")[1:])
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()


def test_every_package_says_what_it_is() -> None:
    """Each folder of Python files is a package whose docstring says what it holds, but for Alembic's scripts."""
    folders = {path.parent for path in PACKAGE.rglob("*.py") if path.parent.name != "versions"}
    silent = [folder for folder in folders if not _docstring(folder / "__init__.py")]
    assert [str(folder.relative_to(ROOT)) for folder in silent] == []


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text())) if path.is_file() else None


def test_the_licence_is_there() -> None:
    """The licence that pyproject.toml names comes with the repository."""
    assert _pyproject()["project"]["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c) 2026 Gatewright contributors")
