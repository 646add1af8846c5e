"""The mutants of `make mutants` fit the code, and name tests that are there."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.mutants import ROOT, Change, Mutant, all_mutants


def test_the_mutants_fit_the_code(tmp_path: Path) -> None:
    """When you change a defence, change its mutant too; `make mutants ARGS=NAME` shows whether it still removes it."""
    problems = {mutant.name: problem for mutant in all_mutants() if (problem := _problem_of(mutant, tmp_path))}
    assert not problems, "\n".join(f"{name}: {problem}" for name, problem in problems.items())


def test_a_mutant_whose_text_is_gone_or_there_twice_does_not_fit(tmp_path: Path) -> None:
    """It would remove nothing, or something else."""
    (tmp_path / "x.py").write_text("one\ntwo\ntwo\n")
    for old in ("two\n", "three\n"):
        with pytest.raises(ValueError, match=r"x\.py contains this [02] times"):
            Change("x.py", old, "").apply(tmp_path)
    Change("x.py", "one\n", "ONE\n").apply(tmp_path)
    assert (tmp_path / "x.py").read_text() == "ONE\ntwo\ntwo\n"


def test_the_tests_that_mutants_name_are_there() -> None:
    """By file, class and name."""
    named = {test.partition("[")[0] for mutant in all_mutants() for test in mutant.tests}
    there = {test for file in {test.partition("::")[0] for test in named} for test in _tests_in(file)}
    assert named - there == set()


def test_every_mutant_removes_something_else() -> None:
    """A defence has one mutant."""
    sentences = [mutant.removes for mutant in all_mutants()]
    assert sorted(set(sentences)) == sorted(sentences)


CHANGE = '[[changes]]\nfile = "x"\nold = "one"\nnew = "two"\n'


@pytest.mark.parametrize(
    "text",
    [
        f'removes = "Something."\n{CHANGE}',
        f'tests = ["tests/test_x.py::test_y"]\n{CHANGE}',
        'removes = "Something."\ntests = ["tests/test_x.py::test_y"]\n',
        f'removes = "Something."\ntests = []\n{CHANGE}',
        f'removes = "Something."\ntests = ["tests/test_x.py::test_y"]\n{CHANGE.replace("one", "")}',
        f'removes = "Something."\ntests = ["tests/test_x.py::test_y"]\n{CHANGE}more = 1\n',
        "removes\n",
    ],
    ids=["no-tests", "no-sentence", "no-changes", "empty-tests", "no-text", "unknown-key", "no-toml"],
)
def test_a_mutant_that_lacks_something_is_an_error(tmp_path: Path, text: str) -> None:
    """It would be passed over otherwise, and show nothing."""
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match="x.toml needs"):
        Mutant.read(path)


def _problem_of(mutant: Mutant, folder: Path) -> str:
    """Why the mutant cannot be applied to the tree, or nothing."""
    files = {change.file for change in mutant.changes}
    if any(not file.startswith("src/gatewright/") for file in files):
        return "a mutant leaves the tests as they are"
    for file in files:
        if (ROOT / file).is_file():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / file)
    try:
        mutant.apply(folder)
    except ValueError as problem:
        return str(problem)
    changed = any((folder / file).read_bytes() != (ROOT / file).read_bytes() for file in files)
    return "" if changed else "it changes nothing"


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
