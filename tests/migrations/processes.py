"""What the processes do that are ended without warning."""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.process import BaseProcess
from pathlib import Path

from gatewright.core.engine_tables import design_of
from gatewright.migrations import apply, make, running
from gatewright.migrations.histories import histories_of
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema

# Processes of their own, from one that has imported all this: importing would take most of the time.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, running.__name__, "gatewright.storage.dialects.sqlite"])


def applying(folder: Path, url: str) -> BaseProcess:
    """A process that brings a database up to date."""
    return _started(_apply, folder, url)


def making(folder: Path) -> BaseProcess:
    """A process that writes a revision."""
    return _started(_make, folder, "")


def _started(work: object, folder: Path, url: str) -> BaseProcess:
    process = _PROCESSES.Process(target=work, args=(folder, url))  # type: ignore[arg-type]
    process.start()
    return process


def _apply(folder: Path, url: str) -> None:
    asyncio.run(apply.apply_all(open_database(url, Schema(design_of(folder))), histories_of(folder)))


def _make(folder: Path, _: str) -> None:
    make.make(folder, design_of(folder), "more")
