"""`gatewright openapi`: the document without a server."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Shell
from tests.cli.developing import POST, add_table


@pytest.fixture
def app(shell: Shell) -> Path:
    """An app with `Post`, and the shell in its folder."""
    assert shell.run("init", "myapp").status == 0
    shell.folder /= "myapp"
    add_table(shell.folder, POST)
    assert shell.run("generate").status == 0
    return shell.folder


def test_the_document_is_the_servers(sqlite_shell: Shell) -> None:
    """What is printed is what is served, byte for byte the same each time."""
    printed = sqlite_shell.run("openapi")
    assert (printed.status, printed.err) == (0, "")
    assert sqlite_shell.run("openapi").out == printed.out
    with sqlite_shell.serving() as server:
        assert httpx2.get(server.url + "/openapi.json").json() == json.loads(printed.out)


def test_it_needs_neither_secret_nor_database(shell: Shell) -> None:
    """In production, and with a database that is not there; nothing is left in the folder."""
    shell.settings = {"DATABASE_URL": "postgresql://ada:lovelace@127.0.0.1:1/nothing", "GATEWRIGHT_API_PREFIX": "/api"}
    document = json.loads(shell.run("openapi").out)
    assert "/api/auth/login" in document["paths"]
    assert list(shell.folder.iterdir()) == []


def test_in_an_app_it_is_the_apps(shell: Shell, app: Path) -> None:
    """With its own tables and routes, in production and without a secret; the same as is served."""
    assert shell.run("migrate", "make", "-m", "posts").status == 0
    shell.settings["DATABASE_URL"] = f"sqlite:///{app}/test.db"
    with shell.serving("--migrate") as server:
        served = httpx2.get(server.url + "/openapi.json").json()
    shell.settings = {"DATABASE_URL": "postgresql://ada:lovelace@127.0.0.1:1/nothing", "GATEWRIGHT_SECRET_FILE": "no"}
    printed = shell.run("openapi")
    assert (printed.status, printed.err) == (0, "")
    assert json.loads(printed.out) == served
    assert {"/posts", "/posts/{id}", "/users/admin", "/auth/login"} <= served["paths"].keys()
    assert served["info"]["title"] == "myapp"


def test_what_the_app_prints_is_no_part_of_it(shell: Shell, app: Path) -> None:
    """It goes to standard error, as the document alone is piped on."""
    with (app / "app/main.py").open("a") as main:
        main.write('print("hello")\n')
    printed = shell.run("openapi")
    assert printed.err == "hello\n"
    assert "/posts" in json.loads(printed.out)["paths"]


@pytest.mark.parametrize("command", ["openapi", "serve"])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("def broken(:", "SyntaxError (invalid syntax) in app/main.py, line"),
        ("import nothing_here", "ModuleNotFoundError (No module named 'nothing_here') in app/main.py, line"),
        ('raise ValueError("a password")', "ValueError in app/main.py, line"),
    ],
)
def test_broken_code_of_the_app_is_said_with_its_place(
    shell: Shell, app: Path, command: str, line: str, message: str
) -> None:
    """One line, without what an exception may carry."""
    with (app / "app/main.py").open("a") as main:
        main.write(line + "\n")
    refusal = shell.run(command).refused()
    assert message in refusal
    assert "a password" not in refusal


def test_code_that_was_not_generated_is_said_to_be(shell: Shell, app: Path) -> None:
    """The refusal names the command."""
    (app / "app/generated").rename(app / "elsewhere")
    assert shell.run("openapi").refused().endswith("Run: gatewright generate")
