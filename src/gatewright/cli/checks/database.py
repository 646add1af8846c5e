"""The database: whether it answers, keeps time, and has the tables that the code expects."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import insert, select

from gatewright.cli.findings import Finding, fail, ok, report, warning
from gatewright.cli.running import database_error_in_one_line
from gatewright.clock import SystemClock
from gatewright.errors import SetupError, Unavailable
from gatewright.files import MACHINE_FOLDER
from gatewright.ids import cuid
from gatewright.migrations.drift import find_drift
from gatewright.migrations.status import check_current
from gatewright.selection import Settings, open_database_of
from gatewright.storage.database import Database, Transaction
from gatewright.storage.types import database_now

# More than SQLite keeps in memory, and more than a free page: it needs space on the disk.
_WRITTEN_BYTES = 4 * 1024 * 1024
_WHOLE = "every reference has its row, and every value its column's type"
_MOST_DRIFT = timedelta(seconds=5)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, open.

    Raises:
        SetupError: It cannot be opened.
    """
    db = open_database_of(settings)
    try:
        with database_error_in_one_line(db):
            await db.start()
            yield db
    finally:
        await db.stop()


async def check_reach(db: Database, _: Settings) -> list[Finding]:
    """Whether it answers."""
    version = await db.read(lambda tx: tx.connection.dialect.server_version_info)
    return [ok("database", f"{db.dialect.name} {'.'.join(map(str, version or ()))} answers")]


async def check_clock(db: Database, _: Settings) -> list[Finding]:
    """Whether this machine's clock and the database's agree."""
    theirs = await db.read(lambda tx: tx.connection.execute(select(database_now())).scalar_one())
    drift = SystemClock().now() - theirs
    if abs(drift) <= _MOST_DRIFT:
        return [ok("clock", "agrees with the database's clock")]
    side = "ahead of" if drift > timedelta(0) else "behind"
    seconds = round(abs(drift).total_seconds())
    return [warning("clock", f"This machine's clock is {seconds} s {side} the database's. Synchronise both by NTP.")]


async def check_files(db: Database, settings: Settings) -> list[Finding]:
    """Whether others on this machine can read the database's files, or the secret that development made."""
    kept = [*db.files, settings.folder / MACHINE_FOLDER / "secret"]
    open_ = [path for path in kept if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_:
        return [ok("files", "readable by their owner alone")]
    command = shlex.join(["chmod", "600", *map(str, open_)])
    return [fail("files", f"Other users of this machine can read these files. Run: {command}")]


async def check_data(db: Database, _: Settings) -> list[Finding]:
    """Whether every row is one that its table may hold."""
    return report("data", await db.read(db.find_damage), otherwise=_WHOLE)


async def check_rights(db: Database, _: Settings) -> list[Finding]:
    """Whether the role may read and write every table, those of the app's own too; nothing where it may."""
    return [fail("rights", fault) for fault in await db.find_faults(list(db.schema.metadata.tables.values()))]


async def check_writes(db: Database, _: Settings) -> list[Finding]:
    """Whether it accepts writes: a read-only or full one answers every read."""
    try:
        await db.write(_write_and_roll_back)
    except _RolledBack:
        return [ok("writes", "a test write succeeded and was rolled back")]
    except Unavailable:
        reason = db.availability.reason
        return [fail("writes", f"The database refuses writes: {reason}. Sign-in fails until it accepts them.")]
    return []


class _RolledBack(Exception):
    """Ends the write that is tried."""


def _write_and_roll_back(tx: Transaction) -> None:
    outbox, now = tx.table("gatewright_outbox"), SystemClock().now()
    if tx.connection.dialect.has_table(tx.connection, outbox.name):
        row = {"id": cuid(), "created_at": now, "due_at": now, "attempts": 0, "done_at": now}
        tx.run(insert(outbox).values(**row, sealed=os.urandom(_WRITTEN_BYTES)))
    raise _RolledBack


async def check_schema(db: Database, settings: Settings) -> list[Finding]:
    """Whether the tables are those of the code, and were not changed by hand."""
    try:
        histories = settings.feature_set.histories(settings.folder)
        await check_current(db, histories)
        drift = await find_drift(db, histories)
    except SetupError as error:
        return [fail("schema", error)]
    return report("schema", [" ".join(drift)] if drift else [], otherwise="up to date")
