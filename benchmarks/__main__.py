"""Asks every question, in rounds, and says what came out: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    enumeration,
    flood,
    floor,
    hash_limit,
    log_in,
    machine,
    memory,
    read_profile,
    read_token,
    refresh,
    reuse,
    start_up,
    tables,
    wrk,
)
from benchmarks.cores import Cores, watched
from benchmarks.figures import FIGURES, Measured
from benchmarks.results import Results
from benchmarks.stage import Stage, prepared

_WARM_UP_SECONDS = 2.0


def main() -> None:
    """Measure, print and write."""
    options = _options()
    wrk.find_or_install()
    results = Results(machine.describe(), machine.commit(), os.getloadavg()[0], options.seconds)
    with prepared(Cores.divide(), options.seconds) as stage, tables.apps() as apps:
        _warm_up(stage)
        for number in range(1, options.rounds + 1):
            print(f"Round {number} of {options.rounds}", flush=True)
            _ask_everything(stage, apps, results)
    print(f"\n{results.markdown()}")
    if not options.dry_run:
        print(f"Written to {results.write()}.json and .md")


def _ask_everything(stage: Stage, apps: dict[int, Path], results: Results) -> None:
    def ask(name: str, question: Callable[[], Measured], *, of: int | None = stage.server.pid) -> None:
        with watched(stage.cores.server, of) as share:
            measured = question()
        results.add(measured)
        if of is not None:
            results.note(name, share)
        for figure in measured:
            print(f"  {FIGURES[figure].words}: {measured[figure]:,.4g} {FIGURES[figure].unit}", flush=True)

    ask("floor", lambda: floor.measure(stage.floor, stage.seconds), of=stage.floor.pid)
    ask("profile", lambda: read_profile.measure(stage))
    ask("token read", lambda: read_token.measure(stage))
    ask("refresh", lambda: refresh.measure(stage))
    ask("hash limit", lambda: hash_limit.measure(stage), of=None)
    limit = results.median("hash_limit")
    ask("login", lambda: log_in.measure(stage, hash_limit=limit))
    ask("flood", lambda: flood.measure(stage, undisturbed=results.median("profile"), hash_limit=limit))
    ask("successors", lambda: reuse.measure(stage))
    ask("enumeration", lambda: enumeration.measure(stage), of=None)
    ask("memory", lambda: memory.measure(stage), of=None)
    ask("start", lambda: start_up.measure(stage), of=None)
    ask("tables", lambda: tables.measure(apps, stage.cores.server), of=None)


def _warm_up(stage: Stage) -> None:
    short = dataclasses.replace(stage, seconds=_WARM_UP_SECONDS)
    for question in (read_profile, read_token, refresh):
        question.measure(short)
    log_in.measure(short, **hash_limit.measure(short))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the running server.")
    parser.add_argument("--rounds", type=int, default=3, help="How often everything is asked (default: 3).")
    parser.add_argument("--seconds", type=float, default=8, help="Length of one measured run (default: 8).")
    parser.add_argument("--dry-run", action="store_true", help="Write nothing to benchmarks/results/.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
