"""`gatewright doctor`: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import REFUSED, say, say_json
from gatewright.errors import GatewrightError, SetupError

if TYPE_CHECKING:
    from gatewright.app import Settings
    from gatewright.settings import Prepared
    from gatewright.storage.database import Database

_MOST_DRIFT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        ok: Whether there is nothing to mend.
        message: How it stands, or how to mend it.
    """

    check: str
    ok: bool
    message: str


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Check the installation, and say how to mend it.

    Looks at settings, secrets, database, clock, schema and signing keys. Exit status 1 when something has to be mended.
    """
    findings = asyncio.run(examine())
    if json:
        say_json([{"check": each.check, "ok": each.ok, "message": each.message} for each in findings])
    else:
        say("\n".join(map(_line, findings)))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(REFUSED)


async def examine() -> list[Finding]:
    """Make all checks that the ones before them allow."""
    from gatewright.app import Settings
    from gatewright.settings import prepare

    findings = [_versions()]
    prepared = None
    try:
        settings = Settings()
    except SetupError as error:
        return [*findings, _to_mend("settings", error)]
    try:
        prepared = prepare(settings)
        findings += [Finding("settings", True, f"fit for {settings.environment}"), *_secrets(settings)]
    except SetupError as error:
        findings.append(_to_mend("settings", error))
    return findings + await _examine_database(settings, prepared)


def _secrets(settings: Settings) -> Iterator[Finding]:
    from gatewright.settings.strength import weakness

    if not settings.secret:
        yield Finding("secret", True, "made by Gatewright for development")
    for number, secret in enumerate(settings.secret, start=1):
        weak = weakness(secret.get_secret_value())
        which = "secret" if len(settings.secret) == 1 else f"secret {number}"
        yield Finding(which, weak is None, "strong" if weak is None else f"{weak}; production refuses it")


async def _examine_database(settings: Settings, prepared: Prepared | None) -> list[Finding]:
    findings = []
    try:
        async with _opened(settings) as db:
            findings += [await _reach(db), await _clock(db), await _schema(db, settings.folder)]
            if findings[-1].ok and prepared is not None:
                findings.append(await _keys(db, prepared))
    except (SetupError, GatewrightError) as error:
        findings.append(_to_mend("database", error))
    return findings


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    from gatewright.app import open_database_of

    db = open_database_of(settings)
    try:
        await db.start()
        yield db
    finally:
        await db.stop()


def _versions() -> Finding:
    from importlib.metadata import version

    shown = ", ".join(f"{name} {version(name)}" for name in ("gatewright", "fastapi", "sqlalchemy"))
    return Finding("versions", True, f"Python {platform.python_version()}, {shown}")


async def _reach(db: Database) -> Finding:
    version = await db.read(lambda tx: tx.connection.dialect.server_version_info)
    return Finding("database", True, f"{db.dialect.name} {'.'.join(map(str, version or ()))} answers")


async def _schema(db: Database, folder: Path) -> Finding:
    from gatewright.migrations.drift import find_drift
    from gatewright.migrations.histories import histories_of
    from gatewright.migrations.status import check_current

    try:
        histories = histories_of(folder)
        await check_current(db, histories)
        drift = await find_drift(db, histories)
    except SetupError as error:
        return _to_mend("schema", error)
    return Finding("schema", not drift, " ".join(drift) or "up to date")


async def _keys(db: Database, prepared: Prepared) -> Finding:
    from gatewright.core.key_store import stored_keys
    from gatewright.core.vault import Vault

    try:
        keys = await stored_keys(db, Vault(prepared.secrets))
    except SetupError as error:
        return _to_mend("keys", error)
    if not keys:
        return Finding("keys", True, "the first start makes one")
    if all(keys.values()):
        return Finding("keys", True, f"{len(keys)} opened with the first secret")
    return Finding("keys", True, f"{len(keys)} opened, some with an older secret: keep it in GATEWRIGHT_SECRET")


async def _clock(db: Database) -> Finding:
    from sqlalchemy import select

    from gatewright.clock import SystemClock
    from gatewright.storage.types import database_now

    theirs = await db.read(lambda tx: tx.connection.execute(select(database_now())).scalar_one())
    drift = SystemClock().now() - theirs
    if abs(drift) <= _MOST_DRIFT:
        return Finding("clock", True, "agrees with the database's")
    side = "ahead of" if drift > timedelta(0) else "behind"
    seconds = round(abs(drift).total_seconds())
    return Finding("clock", False, f"{seconds} s {side} the database's. Let NTP set both.")


def _to_mend(check: str, error: SetupError | GatewrightError) -> Finding:
    return Finding(check, False, str(error))


def _line(finding: Finding) -> str:
    word = typer.style("ok  ", fg="green") if finding.ok else typer.style("mend", fg="red")
    return f"{word}  {finding.check:<10} {finding.message.replace(chr(10), chr(10) + ' ' * 17)}"
