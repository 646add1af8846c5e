"""What the command line says of itself, and how it refuses what it does not understand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

import gatewright
from gatewright.cli import app
from tests.cli.conftest import Shell


def commands(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    command = command or get_command(app)
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


def test_the_commands_of_the_contract_are_there() -> None:
    """spec/operations.md names them."""
    found = {" ".join(words) for words in commands()}
    users = {"user", *(f"user {verb}" for verb in "create invite list set-role set-password disable enable".split())}
    designs = {"generate", "design", *(f"design {verb}" for verb in "import export check diff".split())}
    migrations = {"migrate", *(f"migrate {verb}" for verb in "make apply status rollback merge sql".split())}
    keys = {"keys", "keys list", "keys rotate"}
    audit = {"audit", *(f"audit {verb}" for verb in "tail verify export".split())}
    sessions = {"sessions", "sessions end-all"}
    single = {"", "init", "dev", "serve", "doctor", "openapi"}
    assert found == {*single, *migrations, *designs, *users, *sessions, *keys, *audit}


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_has_help_with_an_example(shell: Shell, words: tuple[str, ...]) -> None:
    """Somebody who types --help finds something to copy."""
    ended = shell.run(*words, "--help")
    assert (ended.status, ended.err) == (0, "")
    assert "Usage: " + " ".join(["gatewright", *words]) in ended.out
    _, example, lines = ended.out.partition("\n  Example")
    assert example
    assert "    gatewright " in lines


def test_help_cuts_no_sentence(shell: Shell) -> None:
    """Each command in a list has the first paragraph of its own help, whole, also on 80 columns."""
    shell.settings["COLUMNS"] = "80"
    groups = [words for words in commands() if any(each[:-1] == words for each in commands() if each)]
    assert {(), ("user",), ("migrate",)} <= set(groups)
    for words in groups:
        listed = " ".join(shell.run(*words, "--help").out.partition("Commands:")[2].split())
        for name, command in inner_commands(words).items():
            paragraph = " ".join(command.help.partition("\n\n")[0].split())
            assert f"{name} {paragraph}" in listed


def inner_commands(words: tuple[str, ...]) -> dict[str, Any]:
    command: Any = get_command(app)
    for word in words:
        command = command.commands[word]
    return dict(command.commands)


def test_help_needs_no_web_framework_and_no_database_library() -> None:
    """It would take ten times as long with them."""
    program = (
        "import sys; from gatewright.cli import _run; _run(['--help'], debug=False);"
        "print({'fastapi', 'starlette', 'sqlalchemy', 'alembic', 'uvicorn', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


def test_the_version_is_told(shell: Shell) -> None:
    """That of the package."""
    assert shell.run("--version").out == f"gatewright {gatewright.__version__}\n"


def test_without_a_command_there_is_help(shell: Shell) -> None:
    """Somebody looks what there is."""
    assert "Commands:" in shell.run().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("usr", "No such command 'usr'. Did you mean 'user'? Try: gatewright --help"),
        ("user", "Missing command. Try: gatewright user --help"),
        ("serve --port abc", "--port"),
        ("serve --port 70000", "--port"),
        ("serve --workers 0", "--workers"),
        ("serve --prot 3000", "No such option: --prot"),
        ("user list extra", "extra"),
        ("user set-role ada@example.com", "ROLE"),
        ("user create ada@example.com", "--first-name"),
    ],
)
def test_wrong_use_ends_with_2_and_one_line(shell: Shell, arguments: str, says: str) -> None:
    """The line names what is wrong and the help that tells more."""
    message = shell.run(*arguments.split()).refused(2)
    assert says in message
    assert "--help" in message
