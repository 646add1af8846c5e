"""`gatewright doctor`: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncIterator, Collection, Iterator
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
_UNKNOWN = "of no known kind, which open nothing"


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

    Looks at settings, secrets, the mail server, database, clock, schema, signing keys and the hashes of passwords. No
    mail is sent. Exit status 1 when something has to be mended.
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
    findings += [*_pwned_passwords(settings), *await _mail(settings)]
    return [*findings, *await _examine_database(settings, prepared)]


def _pwned_passwords(settings: Settings) -> Iterator[Finding]:
    from gatewright.features.password.hashing import pwned_passwords_of

    try:
        pwned_passwords_of(settings)
    except SetupError as error:
        yield _to_mend("pwned", error)


async def _mail(settings: Settings) -> list[Finding]:
    """Nothing where production lacks the setting: that was found already."""
    from gatewright.core.mail.transport import SmtpSender, sender_of
    from gatewright.core.mail.trial import try_out

    if settings.mail_url is None:
        return [Finding("mail", True, "stays on this machine")] if settings.in_development else []
    url = settings.mail_url.get_secret_value()
    try:
        sender = sender_of(url, in_development=settings.in_development, folder=settings.folder)
        if isinstance(sender, SmtpSender):
            await try_out(sender)
            return [Finding("mail", True, f"{sender.host} port {sender.port} answers; no mail was sent")]
    except SetupError as error:
        return [_to_mend("mail", error)]
    if settings.in_development:
        return [Finding("mail", True, "stays on this machine")]
    return [Finding("mail", False, "GATEWRIGHT_MAIL_URL names no mail server, so that mails reach nobody.")]


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
            is_current = findings[-1].ok
            if is_current and prepared is not None:
                findings += [await _keys(db, prepared), *await _old_secrets(db, settings, prepared)]
            if is_current:
                findings.append(await _hashes(db, settings))
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


async def _old_secrets(db: Database, settings: Settings, prepared: Prepared) -> list[Finding]:
    """When each secret but the first may leave `SECRET`."""
    from gatewright.clock import SystemClock
    from gatewright.core.resealing import first_secret_since, old_secrets
    from gatewright.core.vault import Vault

    vault = Vault(prepared.secrets)
    old, since = await db.read(lambda tx: (old_secrets(tx, vault), first_secret_since(tx, vault)))
    # A refresh token is made under the secret that was the first when its session was used last.
    needed_until = None if since is None else since + settings.refresh_token_ttl
    findings = []
    for each in old:
        if each.sealed or needed_until is None:
            said = f"{each.sealed} value(s) sealed under it: keep it. A server that runs seals them anew in minutes"
        elif needed_until > SystemClock().now():
            said = f"nothing sealed under it; sessions may need it until {needed_until:%Y-%m-%d %H:%M} UTC"
        else:
            said = "nothing sealed under it, and no session needs it: it may go, unless it is to become the first"
        findings.append(Finding("sealed", True, f"secret {each.number}: {said}"))
    return findings


async def _hashes(db: Database, settings: Settings) -> Finding:
    """How many accounts still have a password hash of another system, which each login replaces."""
    from sqlalchemy import case, func, or_, select

    from gatewright.core.foreign_hashes import KINDS
    from gatewright.storage.database import Transaction

    def work(tx: Transaction) -> dict[str, int]:
        users = tx.table("User")
        stored = users.c.password
        kinds = [(or_(*(stored.like(pattern) for pattern in patterns)), kind) for kind, patterns in KINDS.items()]
        kind = case(*kinds, else_=_UNKNOWN).label("kind")
        counted = select(kind, func.count().label("number")).where(stored.is_not(None), stored.not_like("$argon2%"))
        return {row["kind"]: row["number"] for row in tx.all(counted.group_by("kind"))}

    counts = await db.read(work)
    if not counts:
        return Finding("hashes", True, "all passwords are hashed with Argon2")
    shown = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    missing = _missing_for(counts, settings)
    return Finding("hashes", not missing, " ".join([f"each login replaces one of another system: {shown}.", *missing]))


def _missing_for(kinds: Collection[str], settings: Settings) -> list[str]:
    from gatewright.core.foreign_hashes import NO_SIGNER_KEY, NotSetUp, bcrypt_library

    missing = []
    if "bcrypt" in kinds:
        try:
            bcrypt_library()
        except NotSetUp as error:
            missing.append(str(error))
    if "Firebase scrypt" in kinds and settings.password.firebase_signer_key is None:
        missing.append(NO_SIGNER_KEY)
    return missing


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
