"""The wheel, installed into an empty environment outside the checkout, serves and carries the whole tutorial."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import DEVELOPMENT
from tests.cli.developing import POST, add_table, developing
from tests.design.documents import TUTORIAL
from tests.flows.journey import ADMIN_DATA, call, check_document, check_rules, done, logged_in, registered
from tests.flows.wheels import WheelShell, install, run

pytestmark = pytest.mark.extra

MYPY = [sys.executable, "-m", "mypy", "--no-incremental"]
# What the app needs to know that `gatewright dev` says by itself.
ON_THIS_MACHINE = {"GATEWRIGHT_ENVIRONMENT": "development"}


def shell_with(wheel: Path, folder: Path, *extras: str) -> WheelShell:
    """A shell in an empty folder, where nobody has set anything."""
    environment, empty = folder / "environment", folder / "empty"
    install(wheel, environment, *extras)
    empty.mkdir()
    program = (str(environment / "bin" / "gatewright"),)
    return WheelShell(empty, settings={}, program=program, environment_folder=environment)


@pytest.fixture
def shell(wheel: Path, tmp_path: Path) -> WheelShell:
    """The wheel with what its author says that it needs, and no more."""
    return shell_with(wheel, tmp_path)


@pytest.fixture
def author(wheel: Path, tmp_path: Path) -> WheelShell:
    """The wheel as the author of an app has it."""
    return shell_with(wheel, tmp_path, "dev", "testing")


def test_the_wheel_serves_the_tutorials_calls(shell: WheelShell) -> None:
    """Register, login and profile, by a server that knows nothing of the repository."""
    shell.settings = ON_THIS_MACHINE
    with shell.serving("--migrate") as server:
        registered(server.url)
        token = logged_in(server.url)
        assert call(server.url, "GET", "/users/profile", token).json()["email"] == "user@example.com"
        assert call(server.url, "GET", "/users/admin", token).status_code == 403
        assert "swagger" in call(server.url, "GET", "/docs").text.lower()


def test_the_wheel_carries_the_whole_tutorial(author: WheelShell) -> None:
    """init, the three tables, dev; users and an administrator; then posts, generated, migrated and guarded.

    The design's change is followed by `dev` itself, so what is typed after it makes of the draft a revision.
    """
    done(author, "init", "myapp")
    author.folder /= "myapp"
    (author.folder / "tutorial.js").write_text(TUTORIAL)
    # Its tables are those that the app has, in another order of columns.
    assert done(author, "design", "import", "tutorial.js") == "db.design.json was written.\n"
    assert done(author, "design", "import", "tutorial.js") == "db.design.json already contains these tables.\n"
    assert done(author, "design", "diff") == "The database stays as it is.\n"

    with developing(author) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        user = registered(dev.url)
        assert call(dev.url, "GET", "/users/profile", user).json()["email"] == "user@example.com"
        check_admin(author, dev.url)
        assert call(dev.url, "GET", "/posts").status_code == 404

        add_table(author.folder, POST)
        dev.wait_for("Reloaded")
        assert "Nothing to do" in done(author, "generate")
        assert "_posts.py. Review it" in done(author, "migrate", "make", "-m", "posts")
        assert "up to date" in done(author, "migrate", "apply")
        check_rules(dev.url, logged_in(dev.url))
        check_document(dev.url)
        dev.process.send_signal(signal.SIGINT)
        assert dev.process.wait(30) == 0

    check_app(author)


def check_admin(shell: WheelShell, url: str) -> None:
    """The tutorial's guarded route: a user is refused, and the same user let in with another role."""
    assert call(url, "GET", "/users/admin").status_code == 401
    assert call(url, "GET", "/users/admin", logged_in(url)).status_code == 403
    shell.settings = ON_THIS_MACHINE
    done(shell, "user", "set-role", "user@example.com", "ADMIN")
    shell.settings = {}
    assert call(url, "GET", "/users/admin", logged_in(url)).json() == ADMIN_DATA


def check_app(shell: WheelShell) -> None:
    """What the app is when it is committed: current, laid out, and passing its own tests."""
    assert shell.run("generate", "--check").status == 0
    assert shell.run("migrate", "status").status == 0
    shell.run_tool("ruff", "check", "--no-cache")
    shell.run_tool("ruff", "format", "--check", "--no-cache")
    # What a strict checker makes of the app: the types come with the wheel.
    run([*MYPY, "--python-executable", shell.environment_folder / "bin" / "python"], shell.folder, shell.environment)
    # Hashes as cheap as allowed: it is not they that are tested.
    shell.settings = {name: value for name, value in DEVELOPMENT.items() if "ARGON2" in name}
    assert " passed" in shell.run_tool("pytest", "-q", "-p", "no:cacheprovider")
