"""`gatewright doctor`: what is wrong with an installation, and how to fix it."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sqlite3
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select, update

from gatewright import Gatewright
from gatewright.cli import checks
from gatewright.cli.checks import hashes
from gatewright.cli.findings import Finding
from gatewright.clock import SystemClock
from gatewright.core.passwords import pwned_passwords
from gatewright.features.signing_keys import service as signing_keys
from gatewright.storage.database import Transaction
from tests.cli.conftest import DEVELOPMENT, PRODUCTION, SECRET, Shell, make_empty
from tests.conftest import add_account, make_settings
from tests.smtp import mail_server

CHECKS = "versions settings secret proxies mail database clock files writes schema data keys audit hashes".split()


def started_once(shell: Shell) -> None:
    """The first start makes the signing key."""

    async def start() -> None:
        auth = Gatewright(make_settings(shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            pass

    asyncio.run(start())


def findings_of(shell: Shell) -> dict[str, str]:
    """What the doctor found, by the check that found it."""
    ended = shell.run("doctor", "--json")
    findings = json.loads(ended.out)
    assert ended.err == ""
    assert ended.status == (0 if all(finding["status"] == "ok" for finding in findings) else 1)
    assert SECRET not in ended.out
    return {finding["check"]: finding["message"] for finding in findings if finding["status"] != "ok"}


@pytest.mark.both_databases
def test_a_healthy_installation_has_nothing_to_fix(ready_shell: Shell) -> None:
    """Each check says so in a line."""
    started_once(ready_shell)
    ended = ready_shell.run("doctor")

    assert (ended.status, ended.err) == (0, "")
    assert [line.split()[:2] for line in ended.out.splitlines()] == [["ok", check] for check in CHECKS]
    assert SECRET not in ended.out


def test_settings_that_cannot_be_read_are_named(shell: Shell) -> None:
    """With the nearest right name."""
    (shell.folder / "gatewright.toml").write_text('acess_token_ttl = "15m"\n')
    assert "did you mean access_token_ttl?" in findings_of(shell)["settings"]


def test_what_production_would_refuse_is_told(shell: Shell) -> None:
    """And the database is looked at all the same."""
    shell.settings = {"GATEWRIGHT_SECRET": "changeme"}
    found = findings_of(shell)
    assert "GATEWRIGHT_SECRET is shorter than 32 bytes" in found["settings"]
    assert "GATEWRIGHT_PUBLIC_URL is missing" in found["settings"]
    assert "changeme" not in str(found)
    missing = f"The database {shell.folder / 'gatewright.db'} does not exist yet."
    assert found["database"].startswith(missing)


def test_a_weak_secret_is_found_in_development_too(sqlite_shell: Shell) -> None:
    """Before it goes into production."""
    sqlite_shell.settings["GATEWRIGHT_SECRET"] = f"changeme,{SECRET}"
    assert findings_of(sqlite_shell) == {"secret 1": "is shorter than 32 bytes; production refuses it"}


def test_a_stale_schema_names_the_command(shell: Shell) -> None:
    """The doctor looks, and changes nothing, also where a start would."""
    assert findings_of(shell)["database"].endswith("Run: gatewright migrate apply")
    make_empty(f"sqlite:///{shell.folder / 'gatewright.db'}")
    for _ in range(2):
        assert findings_of(shell)["schema"].endswith("Run: gatewright migrate apply")


def test_files_that_others_can_read_are_found(sqlite_shell: Shell) -> None:
    """The database, its log and the secret of development; the command that closes them is named, and not run."""
    started_once(sqlite_shell)
    kept = sqlite_shell.folder / ".gatewright"
    kept.mkdir(exist_ok=True)
    database = sqlite_shell.settings["DATABASE_URL"].removeprefix("sqlite:///")
    files = [Path(database), kept / "secret"]
    for file in files:
        file.touch()
        file.chmod(0o640)
        command = findings_of(sqlite_shell)["files"].partition(" Run: chmod 600 ")[2]
        assert str(file) in command.split()
        assert file.stat().st_mode & 0o777 == 0o640
        for closed in command.split():
            if Path(closed).exists():
                Path(closed).chmod(0o600)
    assert "files" not in findings_of(sqlite_shell)


def test_rows_that_refer_to_missing_ones_are_found(sqlite_shell: Shell) -> None:
    """They stop no start and no migration, and count as what has to be fixed."""
    started_once(sqlite_shell)
    moment = "'2026-01-01 00:00:00'"
    with sqlite3.connect(sqlite_shell.settings["DATABASE_URL"].removeprefix("sqlite:///")) as connection:
        columns = "id, token, user_id, last_used_at, auth_time, amr, expires_at, created_at"
        values = f"'s', 't', 'nobody', {moment}, {moment}, 'pwd', {moment}, {moment}"
        connection.execute(f"INSERT INTO refresh_tokens ({columns}) VALUES ({values})")
    assert sqlite_shell.run("migrate", "apply").status == 0
    found = findings_of(sqlite_shell)
    assert list(found) == ["data"]
    assert found["data"].startswith("1 row(s) of refresh_tokens.user_id reference missing rows of users.")


def on_postgresql(shell: Shell, *statements: str) -> None:
    url = shell.settings["DATABASE_URL"]

    async def each() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement.format(name=url.rpartition("/")[2]))
        await connection.close()

    asyncio.run(each())


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
@pytest.mark.both_databases
def test_a_database_that_takes_no_writes_is_found(ready_shell: Shell) -> None:
    """It answers, keeps time and has its tables; the database's own words say what is wrong."""
    on_postgresql(ready_shell, 'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert findings_of(ready_shell) == {
        "writes": "The database refuses writes: cannot execute INSERT in a read-only transaction (25006). "
        "Sign-in fails until it accepts them."
    }


def test_the_write_that_is_tried_leaves_nothing(ready_shell: Shell) -> None:
    """It is rolled back, however often the doctor comes."""
    before = outbox_of(ready_shell)
    assert "ok       writes     a test write succeeded and was rolled back" in ready_shell.run("doctor").out
    assert outbox_of(ready_shell) == before


def outbox_of(shell: Shell) -> list[object]:
    async def read() -> list[object]:
        auth = Gatewright(make_settings(shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            return list(await auth.database.read(lambda tx: tx.all(select(tx.table("gatewright_outbox").c.id))))

    return asyncio.run(read())


def test_cookies_that_browsers_drop_are_found(sqlite_shell: Shell) -> None:
    """On another machine than the developer's own, they are kept by https alone."""
    sqlite_shell.settings["GATEWRIGHT_PUBLIC_URL"] = "http://192.168.1.5:3000"
    found = findings_of(sqlite_shell)
    assert list(found) == ["cookies"]
    assert found["cookies"].startswith("GATEWRIGHT_PUBLIC_URL is http://192.168.1.5:3000, but browsers keep")
    sqlite_shell.settings["GATEWRIGHT_PUBLIC_URL"] = "http://app.localhost:3000"
    assert findings_of(sqlite_shell) == {}


def test_keys_that_no_listed_secret_opens_are_found(sqlite_shell: Shell) -> None:
    """As after a secret was replaced instead of put in front."""
    started_once(sqlite_shell)
    new = secrets.token_urlsafe(48)

    sqlite_shell.settings["GATEWRIGHT_SECRET"] = new
    assert "List the old secret behind the new one" in findings_of(sqlite_shell)["keys"]

    sqlite_shell.settings["GATEWRIGHT_SECRET"] = f"{new},{SECRET}"
    ended = sqlite_shell.run("doctor")
    assert ended.status == 0
    assert "some under an older secret: keep that secret" in ended.out


def test_keys_of_the_settings_are_looked_at(sqlite_shell: Shell) -> None:
    """Which of them signs; one that will not do is named, and not quoted."""
    sqlite_shell.settings["GATEWRIGHT_SIGNING__KEYS"] = ECKey.generate_key("P-256").as_pem(private=True).decode()
    assert "signs; it comes from GATEWRIGHT_SIGNING__KEYS" in sqlite_shell.run("doctor").out
    sqlite_shell.settings["GATEWRIGHT_SIGNING__KEYS"] = RSAKey.generate_key(2048).as_pem(private=True).decode()
    assert "is not for ES256" in findings_of(sqlite_shell)["keys"]


def test_when_an_old_secret_may_go_is_told(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a server has sealed everything anew, and no session that is still used needs it."""
    started_once(sqlite_shell)
    new = secrets.token_urlsafe(48)
    sqlite_shell.settings["GATEWRIGHT_SECRET"] = f"{new},{SECRET}"
    assert "secret 2: 2 value(s) are sealed under it, so keep it;" in sqlite_shell.run("doctor").out

    async def sweep() -> None:
        auth = Gatewright(make_settings(sqlite_shell.settings["DATABASE_URL"], secret=[new, SECRET]))
        async with auth.lifespan(None):
            await auth._housekeeping.sweep()

    asyncio.run(sweep())
    assert "secret 2: nothing is sealed under it; sessions may need it until" in sqlite_shell.run("doctor").out

    for name, value in {**DEVELOPMENT, **sqlite_shell.settings}.items():
        monkeypatch.setenv(name, value)
    later = SystemClock().now() + timedelta(days=7, minutes=1)
    monkeypatch.setattr(SystemClock, "now", lambda _clock: later)
    found = {finding.check: finding.message for finding in asyncio.run(checks.examine())}
    assert "no session needs it; remove it" in found["sealed"]

    monkeypatch.undo()
    sqlite_shell.settings["GATEWRIGHT_SECRET"] = new
    ended = sqlite_shell.run("doctor")
    assert "secret 2" not in ended.out
    assert "1 key(s) sealed, under the first secret" in ended.out


IMPORTED = {
    "bcrypt": [
        "$2b$04$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG",
        "bcrypt$$2b$04$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG",
    ],
    "PBKDF2": ["pbkdf2_sha256$1000000$salt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c="],
    "better-auth scrypt": ["0" * 32 + ":" + "0" * 128],
}
USELESS = {
    "damaged": ["$2b$10$x", "$argon2id$v=19$m=8,t=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0"],
    "of an unknown kind": ["$P$BXVVTq7Wabcdefghijklmnopqrstuv.", ""],
    "over the cost limits": ["$2b$16$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG"],
}
NO_PASSWORD = "!uw9pOYyJeliStHmQ9dsd0b4OUVMPc7XAyG7ap7Tx"
FIREBASE = "$firebase-scrypt$ln=14,r=8,sep=Bw==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC"


def import_accounts(shell: Shell, hashes: Iterable[str | None]) -> None:
    """Accounts with these hashes, as an import would write them."""

    async def write() -> None:
        auth = Gatewright(make_settings(shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            for number, stored in enumerate(hashes):
                account = await add_account(auth.context(), f"user{number}@example.com")

                def work(tx: Transaction, user_id: str = account.id, stored: str | None = stored) -> None:
                    users = tx.table("User")
                    tx.run(update(users).where(users.c.id == user_id).values(password=stored))

                await auth.database.write(work)

    asyncio.run(write())


def test_the_hashes_of_other_systems_are_counted(ready_shell: Shell) -> None:
    """By kind, until each login has replaced its own; Django's mark of an account without a password is no hash."""
    import_accounts(ready_shell, [None, NO_PASSWORD, *(stored for each in IMPORTED.values() for stored in each)])
    ended = ready_shell.run("doctor", "--json")
    found = {finding["check"]: finding["message"] for finding in json.loads(ended.out)}
    assert ended.status == 0
    assert found["hashes"] == (
        "Hashes of other systems, replaced at the next login: 1 PBKDF2, 2 bcrypt, 1 better-auth scrypt."
    )
    assert "$2b$" not in ended.out


def test_hashes_that_open_nothing_are_a_failure(ready_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """With count and reason, as the readers of a login find them, over more than one batch."""
    import_accounts(ready_shell, [stored for each in USELESS.values() for stored in each])
    monkeypatch.setattr(hashes, "_BATCH", 2)
    found = examined(ready_shell, monkeypatch)["hashes"]
    assert not found.is_ok
    assert found.message.startswith(
        "5 account(s) have a hash that no password matches: 2 damaged, 2 of an unknown kind, 1 over the cost limits. "
    )
    assert "$" not in found.message


def test_what_imported_hashes_need_is_named(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that computes bcrypt, and Firebase's key: without them nobody of those can sign in."""
    import_accounts(sqlite_shell, [FIREBASE, *IMPORTED["bcrypt"]])
    assert "GATEWRIGHT_PASSWORD__FIREBASE_SIGNER_KEY" in findings_of(sqlite_shell)["hashes"]

    for name, value in {**DEVELOPMENT, **sqlite_shell.settings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GATEWRIGHT_PASSWORD__FIREBASE_SIGNER_KEY", "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uii")
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    found = {finding.check: finding for finding in asyncio.run(checks.examine())}
    assert not found["hashes"].is_ok
    assert found["hashes"].message.endswith("pip install 'gatewright[bcrypt]'.")


def test_a_missing_client_for_pwned_passwords_is_found(
    sqlite_template_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start would be refused for it."""
    monkeypatch.setattr(pwned_passwords, "find_spec", lambda _name: None)
    for name, value in {**DEVELOPMENT, "GATEWRIGHT_PASSWORD__PWNED_PASSWORDS": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{sqlite_template_copy}")
    found = {finding.check: finding for finding in asyncio.run(checks.examine())}
    assert not found["pwned"].is_ok
    assert "gatewright[pwned-passwords]" in found["pwned"].message


def examined(shell: Shell, monkeypatch: pytest.MonkeyPatch, **settings: str) -> dict[str, Finding]:
    """What the doctor found in this process, by the check that found it."""
    given = {**shell.settings, **{f"GATEWRIGHT_{name}": value for name, value in settings.items()}}
    with monkeypatch.context() as patched:
        for name, value in given.items():
            patched.setenv(name, value)
        return {finding.check: finding for finding in asyncio.run(checks.examine())}


@pytest.mark.parametrize("network", ["0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3"])
def test_a_proxy_that_is_everybody_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch, network: str) -> None:
    """Half the internet is no proxy; what proxies really have is."""
    found = examined(shell, monkeypatch, TRUSTED_PROXIES=f"10.0.0.0/8,{network}")["proxies"]
    assert not found.is_ok
    assert f"GATEWRIGHT_TRUSTED_PROXIES contains {network}, so every client there" in found.message
    assert "10.0.0.0" not in found.message

    real = "127.0.0.1,10.0.0.0/8,104.16.0.0/13,2a06:98c0::/29"
    assert examined(shell, monkeypatch, TRUSTED_PROXIES=real)["proxies"].is_ok


def test_limits_that_are_off_are_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """In production, where a proxy has to limit in their place."""
    shell.settings = dict(PRODUCTION)
    found = examined(shell, monkeypatch, RATE_LIMIT_ENABLED="false", MAIL_URL="smtp://127.0.0.1:1")
    assert "limit logins at the proxy instead" in found["limits"].message


def test_a_rotation_is_told(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which key signs, and when the next one does."""
    started_once(sqlite_shell)
    described = examined(sqlite_shell, monkeypatch)["keys"].message
    assert re.fullmatch(r"\S{43} signs; 1 key\(s\) sealed, under the first secret", described)

    async def rotate() -> None:
        auth = Gatewright(make_settings(sqlite_shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            await signing_keys.rotate(auth.context())

    asyncio.run(rotate())
    described = examined(sqlite_shell, monkeypatch)["keys"].message
    assert re.fullmatch(
        r"(\S{43}) signs; (?!\1)\S{43} signs from \S+ \S+ UTC on; 2 key\(s\) sealed, under the first secret", described
    )
    other = examined(sqlite_shell, monkeypatch, SIGNING_ALGORITHM="EdDSA")["keys"]
    assert (other.is_ok, other.message) == (True, "no key yet; the first start creates one for EdDSA")


def test_an_audit_log_that_cannot_be_sealed_on_is_found(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its key has to open, its head to be the one that was signed, and its row to be there."""
    import_accounts(sqlite_shell, [None])
    database = Path(sqlite_shell.settings["DATABASE_URL"].removeprefix("sqlite:///"))
    assert re.match(r"[1-9]\d* event\(s\) sealed, 0 waiting", examined(sqlite_shell, monkeypatch)["audit"].message)

    def change(statement: str) -> Finding:
        with sqlite3.connect(database) as connection:
            connection.execute(statement)
        return examined(sqlite_shell, monkeypatch)["audit"]

    assert "its head was changed" in change("UPDATE gatewright_audit_chain SET number = number - 1").message
    assert "is damaged" in change("UPDATE gatewright_audit_chain SET sealed = substr(sealed, 1, 40)").message
    gone = change("DELETE FROM gatewright_audit_chain")
    assert not gone.is_ok
    assert gone.message.endswith("is gone. Run: gatewright audit verify")


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
    assert "fail" in ended.out
    assert "pa55" not in ended.out + ended.err


def test_a_clock_that_is_off_is_found(sqlite_template_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens and the notes that workers leave each other go by the time of day."""
    right = SystemClock.now

    def slow(self: SystemClock) -> datetime:
        return right(self) - timedelta(minutes=3)

    monkeypatch.setattr(SystemClock, "now", slow)
    for name, value in {**DEVELOPMENT, "DATABASE_URL": f"sqlite:///{sqlite_template_copy}"}.items():
        monkeypatch.setenv(name, value)

    found = {finding.check: finding for finding in asyncio.run(checks.examine())}
    assert not found["clock"].is_ok
    assert found["clock"].message.startswith("This machine's clock is 180 s behind the database's")


def test_production_with_everything_in_order_passes(sqlite_shell: Shell) -> None:
    """Nothing is asked for that a production start does not need."""
    with mail_server() as mails:
        settings = {"DATABASE_URL": sqlite_shell.settings["DATABASE_URL"], "GATEWRIGHT_MAIL_URL": mails.url}
        sqlite_shell.settings = {**PRODUCTION, **settings}
        assert findings_of(sqlite_shell) == {}
    assert mails.tried == 0


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("smtp://ada:pa55word@127.0.0.1:1", "cannot be reached. Check host and port."),
        ("smtp://ada:pa55#word@127.0.0.1:1", "Write it as smtp://USER:PASSWORD@HOST:587"),
        ("smtp://ada:pa55word@127.0.0.1:1?starttls=no", "takes no option but ?tls=none"),
    ],
)
def test_mails_that_would_not_leave_are_found(sqlite_shell: Shell, url: str, printed: str) -> None:
    """In production; the password is not shown, and the database is looked at all the same."""
    database = {"DATABASE_URL": sqlite_shell.settings["DATABASE_URL"]}
    sqlite_shell.settings = {**PRODUCTION, **database, "GATEWRIGHT_MAIL_URL": url}
    found = findings_of(sqlite_shell)
    assert printed in found.pop("mail")
    assert found == {}
    assert "pa55" not in sqlite_shell.run("doctor").out


@pytest.mark.parametrize("url", ["console:", "inbox:"])
def test_mails_that_would_reach_nobody_are_found(sqlite_shell: Shell, url: str) -> None:
    """As the start finds them."""
    database = {"DATABASE_URL": sqlite_shell.settings["DATABASE_URL"]}
    sqlite_shell.settings = {**PRODUCTION, **database, "GATEWRIGHT_MAIL_URL": url}
    found = findings_of(sqlite_shell)
    assert f"GATEWRIGHT_MAIL_URL={url} keeps mails and their links in" in found.pop("settings")
    assert found == {}


def test_a_sender_that_the_mail_server_refuses_is_found(sqlite_shell: Shell) -> None:
    """The one of the settings, as every mail would name it."""
    with mail_server(enable_SMTPUTF8=False) as mails:
        mails.refused_sender = "shop@example.com"
        settings = {"DATABASE_URL": sqlite_shell.settings["DATABASE_URL"], "GATEWRIGHT_MAIL_URL": mails.url}
        sqlite_shell.settings = {**PRODUCTION, **settings, "GATEWRIGHT_MAIL_FROM": "Shop <shop@example.com>"}
        assert "refuses this sender (reply 553)" in findings_of(sqlite_shell)["mail"]


def test_development_needs_no_mail_server(sqlite_shell: Shell) -> None:
    """Mails stay on the machine, wherever they are shown."""
    for settings in ({}, {"GATEWRIGHT_MAIL_URL": "console:"}, {"GATEWRIGHT_MAIL_URL": "inbox:"}):
        sqlite_shell.settings |= settings
        assert findings_of(sqlite_shell) == {}
