"""What the processes do that are ended without warning."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from gatewright import Gatewright, Settings
from gatewright.core.engine_tables import design_of
from gatewright.migrations import apply, make, merge, running
from gatewright.migrations.histories import History, histories_of
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


def merging(folder: Path) -> BaseProcess:
    """A process that joins the migrations of two branches."""
    return _started(_merge, folder, "")


def starting(folder: Path, url: str) -> BaseProcess:
    """A process that starts Gatewright on a database, and writes down what it applied and which key signs."""
    return _started(_start, folder, url)


def _started(work: object, folder: Path, url: str) -> BaseProcess:
    process = _PROCESSES.Process(target=work, args=(folder, url))  # type: ignore[arg-type]
    process.start()
    return process


def _apply(folder: Path, url: str) -> None:
    asyncio.run(apply.apply_all(open_database(url, Schema(design_of(folder))), histories_of(folder)))


def _make(folder: Path, _: str) -> None:
    make.make(folder, design_of(folder), "more")


def _merge(folder: Path, _: str) -> None:
    merge.merge(folder)


def _start(folder: Path, url: str) -> None:
    auth = Gatewright(Settings(environment="development", secret="0123456789 abcdefghij" * 2, database_url=url))
    applied: list[str] = []

    async def migrate(wanted: Sequence[History]) -> None:
        applied.extend(each.history.name for each in await apply.apply_all(auth.database, wanted))

    async def start() -> None:
        async with auth.lifespan(None):
            kid = auth.kernel.access_tokens.keyring.signing.kid
            (folder / f"{os.getpid()}.started").write_text(json.dumps({"applied": applied, "kid": kid}))

    vars(auth)["_migrate"] = migrate
    asyncio.run(start())
