"""Removes one defence after the other, and checks that its test fails.

python scripts/mutants.py              every mutant in tests/mutants
python scripts/mutants.py NAME …       these only, by the names of their files without `.toml`

A mutant is a TOML file: `removes` says in a sentence what it takes away, `tests` names the tests that must notice, and
each of its `changes` replaces the text `old` in `file` by `new`. The text stands in the file exactly once. The changes
are made in a copy of the tree, and the tests run there, on SQLite. At least one of them has to fail, and not because
the mutant cannot be imported; without the changes all of them have to pass. Exit status 1 when a mutant survives, or
does not fit the code any more.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "tests" / "mutants"

_WORKERS = 2
_MOST_SECONDS = 240
_SECONDS_TO_END = 30
_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "node_modules", "results")

# How pytest's account of a failure ends where the test itself has raised it: an assertion, or an answer that is not as
# it expected. What the code raises is no finding, unless it refuses something: a mutant that cannot run shows nothing.
_OF_THE_TEST = re.compile(r"(?:\S*/)?tests/\S+:[0-9]+: \w+")
_REFUSAL = re.compile(r"gatewright\.[\w.]+: ")
_AT_THE_END = re.compile(r'failed on teardown with "(AssertionError|assert )')


@dataclass(frozen=True, slots=True)
class Change:
    """One text in a file of the package, and what takes its place."""

    file: str
    old: str
    new: str

    def apply(self, tree: Path) -> None:
        """Make the change in *tree*.

        Raises:
            ValueError: The text is not in the file exactly once.
        """
        path = tree / self.file
        text = path.read_text("utf-8") if path.is_file() else ""
        if (times := text.count(self.old)) != 1:
            raise ValueError(f"{self.file} contains this {times} times instead of once:\n{self.old}")
        path.write_text(text.replace(self.old, self.new), "utf-8")


@dataclass(frozen=True, slots=True)
class Mutant:
    """The changes that remove one defence.

    Attributes:
        name: Name of its file, without `.toml`.
        tests: Which tests must notice, as pytest takes them.
        removes: What it takes away, in a sentence.
        changes: What it changes, in order.
    """

    name: str
    tests: tuple[str, ...]
    removes: str
    changes: tuple[Change, ...]

    @classmethod
    def read(cls, path: Path) -> Mutant:
        """The mutant in a file.

        Raises:
            ValueError: It is no TOML, or lacks something.
        """
        try:
            given: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
            changes = tuple(Change(**change) for change in given["changes"])
            mutant = cls(path.stem, tuple(given["tests"]), given["removes"], changes)
        except (KeyError, TypeError, tomllib.TOMLDecodeError) as problem:
            raise ValueError(
                f"{path.name} needs removes, tests and changes with file, old and new: {problem}"
            ) from problem
        if not (mutant.tests and mutant.changes and all(change.old.strip() for change in changes)):
            raise ValueError(f"{path.name} needs at least one test and one change of some text")
        return mutant

    def apply(self, tree: Path) -> None:
        """Make the changes in *tree*.

        Raises:
            ValueError: One of them does not fit.
        """
        for change in self.changes:
            change.apply(tree)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run of tests.

    Attributes:
        passed: How many passed.
        failed: Those that found something.
        broken: What went wrong otherwise, by test.
    """

    passed: int
    failed: tuple[str, ...]
    broken: dict[str, str]


def all_mutants() -> list[Mutant]:
    """Every mutant, by name."""
    return [Mutant.read(path) for path in sorted(MUTANTS.glob("*.toml"))]


def main() -> int:
    """Try the mutants; the exit status."""
    mutants = _chosen()
    began = time.monotonic()
    width = max(len(mutant.name) for mutant in mutants)
    failing = _failing_anyway({test for mutant in mutants for test in mutant.tests})
    verdicts = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        tried = pool.map(lambda mutant: _try(mutant, failing), mutants)
        for mutant, (is_noticed, words) in zip(mutants, tried, strict=True):
            print(f"{'noticed' if is_noticed else 'SURVIVES':8}  {mutant.name:{width}}  {words}", flush=True)
            verdicts.append(is_noticed)
    print(f"{sum(verdicts)} of {len(verdicts)} noticed, in {time.monotonic() - began:.0f} s.")
    return 0 if all(verdicts) else 1


def _chosen() -> list[Mutant]:
    parser = argparse.ArgumentParser(prog="make mutants", description="Remove one defence after the other.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="Of a file in tests/mutants, without .toml.")
    names: list[str] = parser.parse_args().names
    known = {path.stem: path for path in sorted(MUTANTS.glob("*.toml"))}
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no such mutant: {', '.join(unknown)}. There are: {', '.join(known)}")
    try:
        return [Mutant.read(known[name]) for name in names or known]
    except ValueError as problem:
        sys.exit(f"{problem}.")


def _failing_anyway(tests: set[str]) -> set[str]:
    """Those of *tests* that do not pass as the tree is: they show nothing about a mutant."""
    with _copy() as tree:
        outcome = _run(tree, sorted(tests), "-n", str(_WORKERS), seconds=_MOST_SECONDS * 4)
    if outcome is None or "pytest" in outcome.broken:
        sys.exit("The tests cannot run: " + (outcome.broken["pytest"] if outcome else "they take too long."))
    return {*outcome.failed, *outcome.broken}


def _try(mutant: Mutant, failing: set[str]) -> tuple[bool, str]:
    """Whether a test has noticed that the defence is gone, and what there is to say of it."""
    if any(test.partition("[")[0] in failing for test in mutant.tests):
        return False, "one of its tests fails without the changes, too"
    with _copy() as tree:
        try:
            mutant.apply(tree)
        except ValueError as problem:
            return False, f"it does not fit the code any more: {problem}"
        outcome = _run(tree, mutant.tests, seconds=_MOST_SECONDS)
    if outcome is None:
        return False, f"not done after {_MOST_SECONDS} s"
    if outcome.failed:
        return True, mutant.removes
    if outcome.broken:
        name, reason = next(iter(outcome.broken.items()))
        return False, f"{name} broke, and found nothing: {reason}"
    return False, f"{outcome.passed} test(s) passed without this: {mutant.removes}"


@contextmanager
def _copy() -> Iterator[Path]:
    """The tree in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="gatewright-mutant-", ignore_cleanup_errors=True) as folder:
        yield shutil.copytree(ROOT, Path(folder, "tree"), ignore=_LEFT_OUT)


def _run(tree: Path, tests: Sequence[str], *options: str, seconds: float) -> Outcome | None:
    """Run tests in *tree*; None when they are not done in time."""
    report = tree.parent / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgresql"]
    command += [f"--junit-xml={report}", f"--basetemp={tree.parent / 'runs'}", *options, *tests]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    log = tree.parent / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=tree, env=environment, stdout=written, stderr=written, start_new_session=True
        )
        if not _ended(process, seconds):
            return None
    outcome = _read(report) if report.exists() else Outcome(0, (), {})
    if process.returncode in (0, 1) and (outcome.passed or outcome.failed or outcome.broken):
        return outcome
    said = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
    return Outcome(0, (), {"pytest": "; ".join(said) or f"ran nothing (exit status {process.returncode})"})


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        # As Ctrl-C does: the tests stop the servers that they have started.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return False
    return True


def _read(report: Path) -> Outcome:
    passed, failed, broken = 0, [], {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (pytest has just written it)
        name = _name_of(case)
        problem = next((child for child in case if child.tag in ("failure", "error")), None)
        if problem is None:
            passed += case.find("skipped") is None
            continue
        message = problem.get("message", "")
        raised_at = (problem.text or "").strip().rpartition("\n")[2]
        if _OF_THE_TEST.fullmatch(raised_at) or _REFUSAL.match(message) or _AT_THE_END.match(message):
            failed.append(name)
        else:
            broken[name] = message.partition("\n")[0][:200]
    return Outcome(passed, tuple(failed), broken)


def _name_of(case: ElementTree.Element) -> str:
    """The test as pytest takes it, without its parameters."""
    *module, last = case.get("classname", "").split(".")
    name = case.get("name", "").partition("[")[0]
    in_class = last[:1].isupper()
    path = "/".join(module if in_class else [*module, last]) + ".py"
    return "::".join([path, last, name] if in_class else [path, name])


if __name__ == "__main__":
    sys.exit(main())
