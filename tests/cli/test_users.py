"""`gatewright user`: accounts from a shell."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gatewright import Gatewright
from gatewright.core.mail.inbox import Inbox
from gatewright.features.password import service as password
from gatewright.features.password.errors import AccountDisabled, InvalidCredentials
from tests.cli.conftest import GATEWRIGHT, SECRET, Shell
from tests.cli.terminal import run_at_terminal
from tests.conftest import make_settings

ADA = ["ada@example.com", "--first-name", "Ada", "--last-name", "Lovelace"]
NAMES = ADA[1:]


def create(shell: Shell, *options: str, typed: bytes = b"correct horse battery\n") -> None:
    assert shell.run("user", "create", *ADA, "--password-stdin", *options, stdin=typed).status == 0


def listed(shell: Shell) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shell.run("user", "list", "--json").out)
    return found


def log_in(shell: Shell, typed: str) -> None:
    """As the login call does it, on the database that the shell works with."""

    async def check() -> None:
        auth = Gatewright(make_settings(shell.settings["DATABASE_URL"], secret=SECRET))
        async with auth.lifespan(None):
            await password.check_password(auth.context(), ADA[0], typed)

    asyncio.run(check())


@pytest.mark.both_databases
def test_an_account_is_made_listed_changed_disabled_and_enabled(ready_shell: Shell) -> None:
    """The whole life of an account, on each kind of database; the list has the HTTP shape and no secret."""
    create(ready_shell, "--role", "ADMIN", "--verified")
    (account,) = listed(ready_shell)
    assert account.pop("id")
    assert account.pop("createdAt") == account.pop("updatedAt")
    assert account == {
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "role": "ADMIN",
        "isEmailVerified": True,
        "isDisabled": False,
    }
    log_in(ready_shell, "correct horse battery")

    assert "role USER" in ready_shell.run("user", "set-role", "ADA@example.com", "USER").out
    assert ready_shell.run("user", "disable", ADA[0], "--reason", "holiday").status == 0
    assert [(each["role"], each["isDisabled"]) for each in listed(ready_shell)] == [("USER", True)]
    assert ready_shell.run("user", "list").out.splitlines()[1].split()[-1] == "disabled"
    with pytest.raises(AccountDisabled):
        log_in(ready_shell, "correct horse battery")

    assert ready_shell.run("user", "enable", ADA[0]).status == 0
    changed = ready_shell.run("user", "set-password", ADA[0], "--password-stdin", stdin=b"another passphrase\r\n")
    assert (changed.status, changed.err) == (0, "")
    log_in(ready_shell, "another passphrase")
    with pytest.raises(InvalidCredentials):
        log_in(ready_shell, "correct horse battery")


def test_an_unknown_role_is_wrong_use_and_the_roles_are_named(sqlite_shell: Shell) -> None:
    """Before anything is asked or changed; a role of the settings is known."""
    Path(sqlite_shell.folder, "gatewright.toml").write_text("[roles.EDITOR]\n")
    create(sqlite_shell, "--role", "EDITOR")

    for command in (["set-role", ADA[0], "BOSS"], ["create", "b@example.com", *NAMES, "--role", "BOSS"]):
        message = sqlite_shell.run("user", *command).refused(2)
        assert message == "There is no such role. The roles are: ADMIN, EDITOR, USER."
    assert [each["role"] for each in listed(sqlite_shell)] == ["EDITOR"]


REFUSALS: list[tuple[list[str], bytes, int, str]] = [
    (["create", "nobody", *NAMES, "--password-stdin"], b"long enough\n", 2, "'nobody' is not a valid e-mail address."),
    (["create", "b@example.com", "--first-name", "B", "--last-name", "Bee"], b"", 2, "--first-name: "),
    (["create", "b@example.com", *NAMES], b"long enough\n", 2, "--password-stdin"),
    (["create", "b@example.com", *NAMES, "--password-stdin"], b"short\n", 1, "password: Use at least 8 characters."),
    (["create", "b@example.com", *NAMES, "--password-stdin"], b"", 1, "The password is empty. Nothing was changed."),
    (["create", "b@example.com", *NAMES, "--password-stdin"], b"\xff\xfe\xff\xfe\xff", 1, "not UTF-8"),
    (["create", "b@example.com", *NAMES, "--password-stdin"], b"two\nlines of it\n", 1, "control characters"),
    (["create", *ADA, "--password-stdin"], b"long enough\n", 1, "User with this email already exists"),
    (["set-role", "b@example.com", "ADMIN"], b"", 1, "There is no account with this address."),
    (["set-password", "b@example.com", "--password-stdin"], b"long enough\n", 1, "There is no account"),
    (["disable", "b@example.com"], b"", 1, "There is no account with this address."),
    (["enable", "no address"], b"", 1, "There is no account with this address."),
]


def test_what_cannot_be_done_is_said_in_one_line(sqlite_shell: Shell) -> None:
    """And changes nothing. Wrong use is 2, a refusal 1."""
    create(sqlite_shell)
    before = listed(sqlite_shell)

    for arguments, typed, status, says in REFUSALS:
        assert says in sqlite_shell.run("user", *arguments, stdin=typed).refused(status)

    assert listed(sqlite_shell) == before


def test_a_password_is_asked_for_twice_and_not_shown(sqlite_shell: Shell) -> None:
    """At a terminal, where somebody may look over a shoulder."""
    ended = run_at_terminal(sqlite_shell, ["user", "create", *ADA], ["correct horse\n", "correct horse\n"])

    assert (ended.status, ended.out) == (0, "Created an account for ada@example.com with the role USER.\n")
    assert ended.err == "Password: \nRepeat the password: \n"
    log_in(sqlite_shell, "correct horse")


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        (["correct horse\n", "correct hose\n"], 1, "The two passwords differ. Nothing was changed."),
        (["\n", "\n"], 1, "The password is empty. Nothing was changed."),
        (["\x04"], 1, "No password was entered. Nothing was changed."),
        (["\x03"], 130, "Interrupted."),
    ],
    ids=["differ", "empty", "Ctrl-D", "Ctrl-C"],
)
def test_asking_for_a_password_can_fail(sqlite_shell: Shell, typed: list[str], status: int, says: str) -> None:
    """Each way leaves one line, the right status and no account."""
    ended = run_at_terminal(sqlite_shell, ["user", "create", *ADA], typed)

    assert ended.status == status
    # At a terminal the line begins in red.
    assert [line for line in ended.err.splitlines() if "error:" in line] == [f"\x1b[31merror:\x1b[0m {says}"]
    assert "Traceback" not in ended.err
    assert listed(sqlite_shell) == []


def test_a_closed_input_is_one_line(sqlite_shell: Shell) -> None:
    """As some schedulers start programs."""
    for options, status in ((["--password-stdin"], 1), ([], 2)):
        command = ["sh", "-c", 'exec "$@" <&-', "sh", *GATEWRIGHT, "user", "create", *ADA, *options]
        done = subprocess.run(
            command, cwd=sqlite_shell.folder, env=sqlite_shell.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1


def test_a_reader_that_leaves_is_no_error(sqlite_shell: Shell) -> None:
    """`gatewright user list | head -0`: as a program that SIGPIPE ended, without a word."""
    create(sqlite_shell)
    with subprocess.Popen(
        [*GATEWRIGHT, "user", "list"],
        cwd=sqlite_shell.folder,
        env=sqlite_shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_an_invitation_is_mailed_before_the_command_ends(ready_shell: Shell) -> None:
    """Nobody else has to run for it; the link leads to the page, and the role is said."""
    ready_shell.settings["GATEWRIGHT_REGISTRATION"] = "invite"
    ended = ready_shell.run("user", "invite", "ada@example.com", "--role", "ADMIN")
    assert (ended.status, ended.out) == (0, "Invited ada@example.com with the role ADMIN.\n")
    inbox = Inbox(ready_shell.folder)
    (name,) = inbox.names()
    mail = inbox.read(name)
    assert mail is not None
    assert mail["To"] == "ada@example.com"
    assert "http://localhost:3000/auth/pages/invitation?token=" in mail.as_string().replace("=\r\n", "").replace(
        "=3D", "="
    )


def test_an_invitation_that_nobody_could_use_is_refused(sqlite_shell: Shell) -> None:
    """A role that is not there, an address that is none, one with an account, and a server that lets nobody in."""
    create(sqlite_shell)
    assert "The roles are: ADMIN, USER." in sqlite_shell.run("user", "invite", "b@example.com", "--role", "X").refused(
        2
    )
    assert "is not a valid e-mail address" in sqlite_shell.run("user", "invite", "nobody").refused(2)
    assert "already exists" in sqlite_shell.run("user", "invite", "ADA@example.com").refused()
    sqlite_shell.settings["GATEWRIGHT_REGISTRATION"] = "closed"
    assert "closed" in sqlite_shell.run("user", "invite", "b@example.com").refused()
