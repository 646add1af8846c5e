"""How much later does an app start, and how much more memory does it hold, for each table that it has?

Asked by itself for more tables: `python -m benchmarks.tables 500`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks import generate, server
from benchmarks.cores import Cores
from benchmarks.figures import Measured

FEW, MANY = 3, 100
_ROUNDS = 5
_COMMANDS = (["generate"], ["migrate", "make", "-m", "tables"], ["migrate", "apply"])


@contextmanager
def apps(*, most: int = MANY) -> Iterator[dict[int, Path]]:
    """Apps of few and of *most* tables as `gatewright init` makes them, on SQLite, by the number of their tables."""
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        made = {number: Path(folder, f"tables{number}") for number in (FEW, most)}
        for number, app in made.items():
            _make(app, number)
        yield made


def measure(made: dict[int, Path], core: int) -> Measured:
    """Seconds from the start to the first answer, and resident memory in KiB."""
    few, many = sorted(made)
    starts, memory = zip(*(_start(made[number], core) for number in (few, many)), strict=True)
    return {
        "start_few": starts[0],
        "start_many": starts[1],
        "start_ratio": starts[1] / starts[0],
        "table_memory": (memory[1] - memory[0]) * 1024 / (many - few),
    }


def _make(app: Path, number: int) -> None:
    _gatewright("init", str(app), folder=app.parent)
    design = {"version": 1, "tables": [generate.table(i) for i in range(number)]}
    (app / "db.design.json").write_text(json.dumps(design), encoding="utf-8")
    for command in _COMMANDS:
        _gatewright(*command, folder=app)
    # Python compiles the modules once.
    _start(app, min(Cores.usable()))


def _gatewright(*command: str, folder: Path) -> None:
    environment = server.plain_environment()
    arguments = [sys.executable, "-m", "gatewright", *command]
    subprocess.run(arguments, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)


def _start(app: Path, core: int) -> tuple[float, float]:
    started = server.of_app(app, core)
    try:
        return started.started_in, started.memory_mib
    finally:
        started.stop()


def main(most: int) -> None:
    """Measure and print the median of five rounds."""
    core = min(Cores.usable())
    with apps(most=most) as made:
        rounds = [measure(made, core) for _ in range(_ROUNDS)]
    few, many, ratio, memory = (median(values) for values in zip(*(each.values() for each in rounds), strict=True))
    print(f"{FEW} tables {few:.2f} s, {most} tables {many:.2f} s: {ratio:.2f} times; {memory:.0f} KiB for each table")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)
