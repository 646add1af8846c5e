"""`gatewright doctor`: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gatewright import Gatewright
from gatewright.cli import doctor
from gatewright.clock import SystemClock
from tests.cli.conftest import DEVELOPMENT, PRODUCTION, SECRET, Shell, make_empty
from tests.conftest import make_settings

CHECKS = ["versions", "settings", "secret", "database", "clock", "schema", "keys"]


def started_once(shell: Shell) -> None:
    """The first start makes the signing key."""

    async def start() -> None:
        auth = Gatewright(make_settings(shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            pass

    asyncio.run(start())


def to_mend(shell: Shell) -> dict[str, str]:
    """What the doctor found, by the check that found it."""
    ended = shell.run("doctor", "--json")
    findings = json.loads(ended.out)
    assert ended.err == ""
    assert ended.status == (0 if all(finding["ok"] for finding in findings) else 1)
    assert SECRET not in ended.out
    return {finding["check"]: finding["message"] for finding in findings if not finding["ok"]}


def test_a_healthy_installation_has_nothing_to_mend(ready_shell: Shell) -> None:
    """Each check says so in a line."""
    started_once(ready_shell)
    ended = ready_shell.run("doctor")

    assert (ended.status, ended.err) == (0, "")
    assert [line.split()[:2] for line in ended.out.splitlines()] == [["ok", check] for check in CHECKS]
    assert SECRET not in ended.out


def test_settings_that_cannot_be_read_are_named(shell: Shell) -> None:
    """With the nearest right name."""
    (shell.folder / "gatewright.toml").write_text('acess_token_ttl = "15m"\n')
    assert "did you mean access_token_ttl?" in to_mend(shell)["settings"]


def test_what_production_would_refuse_is_told(shell: Shell) -> None:
    """And the database is looked at all the same."""
    shell.settings = {"GATEWRIGHT_SECRET": "changeme"}
    found = to_mend(shell)
    assert "GATEWRIGHT_SECRET is shorter than 32 bytes" in found["settings"]
    assert "GATEWRIGHT_PUBLIC_URL is missing" in found["settings"]
    assert "changeme" not in str(found)
    assert found["database"].startswith("There is no database")


def test_a_weak_secret_is_found_in_development_too(sqlite_shell: Shell) -> None:
    """Before it goes into production."""
    sqlite_shell.settings["GATEWRIGHT_SECRET"] = f"changeme,{SECRET}"
    assert to_mend(sqlite_shell) == {"secret 1": "is shorter than 32 bytes; production refuses it"}


def test_a_stale_schema_names_the_command(shell: Shell) -> None:
    """The doctor looks, and changes nothing, also where a start would."""
    assert to_mend(shell)["database"].endswith("Run: gatewright migrate apply")
    make_empty(f"sqlite:///{shell.folder / 'gatewright.db'}")
    for _ in range(2):
        assert to_mend(shell)["schema"].endswith("Run: gatewright migrate apply")


def test_keys_that_no_listed_secret_opens_are_found(sqlite_shell: Shell) -> None:
    """As after a secret was replaced instead of put in front."""
    started_once(sqlite_shell)
    new = secrets.token_urlsafe(48)

    sqlite_shell.settings["GATEWRIGHT_SECRET"] = new
    assert "List the old secret behind the new one" in to_mend(sqlite_shell)["keys"]

    sqlite_shell.settings["GATEWRIGHT_SECRET"] = f"{new},{SECRET}"
    ended = sqlite_shell.run("doctor")
    assert ended.status == 0
    assert "some with an older secret: keep it" in ended.out


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:pa55word@127.0.0.1:1/none",
        "postgresql://ada:pa55#word@127.0.0.1:1/none",
        "postgresql://ada:pa55word@127.0.0.1:1/none?sslmode=pa55word",
        "mysql://ada:pa55word@127.0.0.1/none",
    ],
)
def test_the_databases_password_is_not_shown(shell: Shell, url: str) -> None:
    """Whatever is wrong with the address."""
    shell.settings["DATABASE_URL"] = url
    ended = shell.run("doctor")
    assert ended.status == 1
    assert "mend" in ended.out
    assert "pa55" not in ended.out + ended.err


def test_a_clock_that_is_off_is_found(sqlite_template_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens and the notes that workers leave each other go by the time of day."""
    right = SystemClock.now

    def slow(self: SystemClock) -> datetime:
        return right(self) - timedelta(minutes=3)

    monkeypatch.setattr(SystemClock, "now", slow)
    for name, value in {**DEVELOPMENT, "DATABASE_URL": f"sqlite:///{sqlite_template_copy}"}.items():
        monkeypatch.setenv(name, value)

    found = {finding.check: finding for finding in asyncio.run(doctor.examine())}
    assert not found["clock"].ok
    assert found["clock"].message.startswith("180 s behind the database's")


def test_production_with_everything_in_order_passes(sqlite_shell: Shell) -> None:
    """Nothing is asked for that a production start does not need."""
    sqlite_shell.settings = {**PRODUCTION, "DATABASE_URL": sqlite_shell.settings["DATABASE_URL"]}
    assert to_mend(sqlite_shell) == {}
