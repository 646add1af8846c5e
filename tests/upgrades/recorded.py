"""What a commit left behind: a database as SQL, an app's files, and what its users held in their hands.

Each folder beside this file is named after the commit that wrote it, by `record.py`: `shop` is an app with tables of
its own, `built_in` the stand-alone server.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded installation.

    Attributes:
        commit: Which version of Gatewright wrote it.
        kind: `shop` or `built_in`.
        database: `sqlite` or `postgresql`.
    """

    commit: str
    kind: str
    database: str

    @property
    def held(self) -> dict[str, Any]:
        """What users hold: tokens, links, and the rows that they made."""
        held: dict[str, Any] = json.loads(self._file("json").read_text("utf-8"))
        return held

    @property
    def at(self) -> datetime:
        """When the recording ended."""
        return datetime.fromisoformat(self.held["at"])

    def restore(self, url: str) -> None:
        """Fill the empty database at *url*."""
        script = self._file("sql").read_text("utf-8")
        if self.database == "sqlite":
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
                connection.executescript(script)
            return
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _execute(url, script)).result()

    def copy_app(self, folder: Path) -> None:
        """Put the app's files into *folder*; the stand-alone server has none."""
        if self.kind == "shop":
            shutil.copytree(FOLDER / self.commit / "shop", folder, dirs_exist_ok=True)

    def _file(self, ending: str) -> Path:
        name = f"{self.kind}.{self.database}.{ending}"
        return FOLDER / self.commit / name


def recordings() -> Iterator[Recorded]:
    """Everything that was recorded."""
    for script in sorted(FOLDER.glob("*/*.sql")):
        kind, database, _ = script.name.split(".")
        yield Recorded(script.parent.name, kind, database)


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()
