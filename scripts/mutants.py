"""Takes one defence away after the other, and sees whether its test notices.

python scripts/mutants.py              every patch in tests/mutants
python scripts/mutants.py NAME …       these only, by the names of their files without `.patch`

A patch is applied to a copy of the tree, and the tests that it names run there, on SQLite. At least one of them has to
fail, and not because the mutant cannot be imported; without the patch all of them have to pass. Exit status 1 when a
mutant survives, or a patch does not fit the code any more.
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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
PATCHES = ROOT / "tests" / "mutants"

_WORKERS = 2
_MOST_SECONDS = 240
_SECONDS_TO_END = 30
_HEADER = re.compile(r"# (test|removes): (.+)")
_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "node_modules", "results")

# How pytest's account of a failure ends where the test itself has raised it: an assertion, or an answer that is not as
# it expected. What the code raises is no finding, unless it refuses something: a mutant that cannot run shows nothing.
_OF_THE_TEST = re.compile(r"(?:\S*/)?tests/\S+:[0-9]+: \w+")
_REFUSAL = re.compile(r"gatewright\.[\w.]+: ")
_AT_THE_END = re.compile(r'failed on teardown with "(AssertionError|assert )')


@dataclass(frozen=True, slots=True)
class Mutant:
    """A patch that removes one defence.

    Attributes:
        name: Of its file, without `.patch`.
        tests: Which tests are to notice, as pytest takes them.
        removes: What it takes away, in a sentence.
        files: What it changes.
    """

    name: str
    path: Path
    tests: tuple[str, ...]
    removes: str
    files: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Mutant:
        """The mutant in a file.

        Raises:
            ValueError: Its header lacks something.
        """
        text = path.read_text("utf-8")
        header, _, _ = text.partition("\n--- ")
        said = _HEADER.findall(header)
        tests = tuple(value for name, value in said if name == "test")
        removes = [value for name, value in said if name == "removes"]
        if not tests or len(removes) != 1:
            raise ValueError(f"{path.name} needs lines with `# test:` and one with `# removes:`")
        return cls(path.stem, path, tests, removes[0], tuple(re.findall(r"^\+\+\+ b/(\S+)$", text, re.MULTILINE)))

    def apply(self, tree: Path, *, check: bool = False) -> str:
        """Patch *tree*, or with *check* only see whether it could be patched; what git says against it, if anything."""
        # Outside of any repository git goes by the folder that it is called in.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent), "GIT_DIR": os.devnull}
        command = ["git", "apply", *(["--check"] if check else []), str(self.path)]
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stderr.strip() or "git apply failed"


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
    return [Mutant.read(path) for path in sorted(PATCHES.glob("*.patch"))]


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
    parser.add_argument("names", nargs="*", metavar="NAME", help="Of a file in tests/mutants, without .patch.")
    names: list[str] = parser.parse_args().names
    known = {path.stem: path for path in sorted(PATCHES.glob("*.patch"))}
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
        return False, "one of its tests fails without the patch, too"
    with _copy() as tree:
        if problem := mutant.apply(tree):
            return False, f"the patch does not fit any more: {problem}"
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
