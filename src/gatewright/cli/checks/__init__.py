"""What `gatewright doctor` looks at on the machine itself: one function for each check, and the lists that name them.

A new check is a function in a module here, and its line in the list of what it needs: the settings alone, settings that
a start accepts, or a database whose tables are up to date as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gatewright.cli.checks import database, hashes, installation, settings
from gatewright.cli.checks.installation import Installation
from gatewright.cli.findings import Finding, fail, ok
from gatewright.errors import GatewrightError, SetupError
from gatewright.selection import Settings
from gatewright.settings import Prepared, prepare
from gatewright.storage.database import Database

OF_SETTINGS: dict[str, Callable[[Settings], Awaitable[list[Finding]]]] = {
    "pwned": settings.check_pwned_passwords,
    "limits": settings.check_limits,
    "proxies": settings.check_proxies,
    "cookies": settings.check_cookies,
    "mail": settings.check_mail,
}
"""What needs nothing but settings that can be read."""

OF_DATABASE: tuple[Callable[[Database, Settings], Awaitable[list[Finding]]], ...] = (
    database.check_reach,
    database.check_clock,
    database.check_files,
    database.check_rights,
    database.check_writes,
    database.check_schema,
)
"""What needs a database that answers; in this order."""

OF_INSTALLATION: dict[str, Callable[[Installation], Awaitable[list[Finding]]]] = {
    "keys": installation.check_keys,
    "sealed": installation.check_old_secrets,
    "audit": installation.check_audit_log,
}
"""What needs settings that a start accepts, and a database that is up to date."""


async def examine() -> list[Finding]:
    """Make all checks that the ones before them allow."""
    findings = [settings.versions()]
    prepared = None
    try:
        found = Settings()
    except SetupError as error:
        return [*findings, fail("settings", error)]
    try:
        prepared = prepare(found)
        findings += [ok("settings", f"valid for {found.environment}"), *settings.check_secrets(found)]
    except SetupError as error:
        findings.append(fail("settings", error))
    for name, check in OF_SETTINGS.items():
        findings += await _findings(name, check(found))
    return [*findings, *await _examine_database(found, prepared)]


async def _examine_database(found: Settings, prepared: Prepared | None) -> list[Finding]:
    findings: list[Finding] = []
    try:
        async with database.opened(found) as db:
            for check in OF_DATABASE:
                findings += await check(db, found)
            if findings[-1].is_ok:
                findings += await database.check_data(db, found)
                findings += await _examine_installation(db, found, prepared)
    except (SetupError, GatewrightError) as error:
        findings.append(fail("database", error))
    return findings


async def _examine_installation(db: Database, found: Settings, prepared: Prepared | None) -> list[Finding]:
    findings: list[Finding] = []
    if prepared is not None:
        for name, check in OF_INSTALLATION.items():
            findings += await _findings(name, check(Installation(db, found, prepared)))
    return [*findings, *await hashes.check(db, found)]


async def _findings(name: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    """What *check* found; what is wrong with the setup fails it."""
    try:
        return await check
    except SetupError as error:
        return [fail(name, error)]
