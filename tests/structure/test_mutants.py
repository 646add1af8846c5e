"""The patches of `make mutants` fit the code, and name tests that are there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.mutants import PATCHES, ROOT, Mutant, all_mutants

NAMES = sorted(path.stem for path in PATCHES.glob("*.patch"))


@pytest.mark.parametrize("name", NAMES)
def test_a_patch_fits_the_code(name: str) -> None:
    """Whoever changes a defence changes its patch, too; `make mutants ARGS=NAME` tells whether it still removes it."""
    mutant = Mutant.read(PATCHES / f"{name}.patch")
    assert mutant.apply(ROOT, check=True) == ""
    assert mutant.files
    assert all(file.startswith("src/gatewright/") for file in mutant.files), "a mutant leaves the tests as they are"


def test_the_tests_that_patches_name_are_there() -> None:
    """By file, class and name."""
    named = {test.partition("[")[0] for mutant in all_mutants() for test in mutant.tests}
    there = {test for file in {test.partition("::")[0] for test in named} for test in _tests_in(file)}
    assert named - there == set()


def test_every_patch_removes_something_else() -> None:
    """A defence has one patch."""
    sentences = [mutant.removes for mutant in all_mutants()]
    assert sorted(set(sentences)) == sorted(sentences)


@pytest.mark.parametrize("text", ["# removes: Something.\n", "# test: tests/test_x.py::test_y\n", "--- a/x\n+++ b/x\n"])
def test_a_patch_without_its_header_is_an_error(tmp_path: Path, text: str) -> None:
    """It would be passed over otherwise, and show nothing."""
    path = tmp_path / "x.patch"
    path.write_text(text)
    with pytest.raises(ValueError, match="needs lines"):
        Mutant.read(path)


def _tests_in(file: str) -> Iterator[str]:
    """The tests in a file, as pytest takes them; none when there is no such file."""
    path = ROOT / file
    body = ast.parse(path.read_text("utf-8")).body if path.is_file() else []
    yield from _functions(body, file)
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{file}::{node.name}")


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}::{node.name}"
