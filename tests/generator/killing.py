"""Kills `generate` between two of its steps on the disk, again and again: `python killing.py FOLDER TIMES SEED`.

Each run is a fork of this process, in which everything is imported already. A hook of Python's own counts the steps
(opening, linking, renaming, removing) and ends the run with SIGKILL at one of them.
"""

from __future__ import annotations

import importlib
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gatewright.generator import model, render  # noqa: F401  (imported before the forks)
from gatewright.generator.run import generate
from tests.generator.designs import EVERY_TYPE, fragments, post, write

STEPS = ("open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir")
FORMER = [post(), EVERY_TYPE]
LATER = [post(description="Changed."), {**EVERY_TYPE, "name": "Exhibit"}]


KINDS = {"new": LATER, "renamed": [LATER[0], {**LATER[1], "id": EVERY_TYPE["name"]}]}


def main(folder: Path, times: int, seed: int, kind: str) -> None:
    """Kill as many runs that lead to one of `KINDS`, and check after each what they left."""
    tables = KINDS[kind]
    former, later, app = folder / "former", folder / "later", folder / "work"
    for made, tables_ in ((former, FORMER), (later, tables)):
        write(made, *tables_)
        ended(fork(partial(generate, made, fragments)), 0)
    steps = counted(former, app, tables)
    numbers = random.Random(seed).sample(range(1, steps + 1), min(times, steps))  # noqa: S311
    for number in numbers:
        start(former, app, tables)
        ended(fork(partial(killed_at, app, number)), -signal.SIGKILL)
        ended(fork(partial(imported, app)), 0)
        ended(fork(partial(generate, app, fragments)), 0)
        assert tree(app / "app/generated") == tree(later / "app/generated"), f"another tree after step {number}"
        found, expected = tree(app / "app/modules"), tree(later / "app/modules")
        # A module that moved keeps its words, and so is not what a new one would be.
        is_whole = found.keys() == expected.keys() if kind == "renamed" else found.items() >= expected.items()
        assert is_whole, f"modules after step {number}"
        ended(fork(partial(imported, app)), 0)
        left = [*(app / "app").glob(".*"), *app.glob(".app*")]
        assert not left, f"something is left after step {number}"
    sys.stdout.write(f"killed at {len(numbers)} of {steps} steps\n")


def start(former: Path, app: Path, tables: list[dict[str, Any]]) -> None:
    """An app as the former design left it, with the later design."""
    shutil.rmtree(app, ignore_errors=True)
    shutil.copytree(former, app)
    write(app, *tables)


def counted(former: Path, app: Path, tables: list[dict[str, Any]]) -> int:
    """How many steps a whole run has."""
    start(former, app, tables)
    reading, writing = os.pipe()

    def count() -> None:
        steps = Steps(app)
        sys.addaudithook(steps)
        generate(app, fragments)
        os.write(writing, str(steps.number).encode())

    ended(fork(count), 0)
    return int(os.read(reading, 20))


def killed_at(app: Path, number: int) -> None:
    """Run until just before the step of this number."""
    sys.addaudithook(Steps(app, last=number))
    generate(app, fragments)


class Steps:
    """Counts the steps from the first thing that is written on, and ends the process at the *last*.

    At every one of them there has to be a tree.
    """

    def __init__(self, app: Path, last: int | None = None) -> None:
        self.number = 0
        self._app = str(app)
        self._generated = app / "app/generated/routers.py"
        self._last = last

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in STEPS or not self._counts(str(arguments[0])):
            return
        self.number += 1
        if not self._generated.exists():
            raise AssertionError(f"there is no tree at step {self.number}")
        if self.number == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _counts(self, path: str) -> bool:
        """Whether this is in the app. What happens below an open folder has no path of its own."""
        begins = path.startswith(self._app) and path.endswith(".new")
        return begins or (self.number > 0 and (path.startswith(self._app) or not path.startswith("/")))


def imported(app: Path) -> None:
    """Import all of the app that there is."""
    sys.path.insert(0, str(app))
    importlib.import_module("app.generated.routers")


def fork(work: Callable[[], object]) -> int:
    """How *work* ended in a process of its own."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            if status:
                sys.excepthook(*sys.exc_info())
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def ended(status: int, expected: int) -> None:
    assert status == expected, f"ended with {status} instead of {expected}"


def tree(folder: Path) -> dict[str, bytes]:
    """What a folder holds, but for Python's caches."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
