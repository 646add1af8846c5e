"""`generate` and `migrate apply` are killed like a process that runs out of memory, and the app goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import GATEWRIGHT, Shell
from tests.cli.developing import POST, add_table
from tests.flows.journey import call, done

pytestmark = pytest.mark.extra

ROUNDS = 2


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Shell:
    """A shell in the folder of an app with posts, on a database that is up to date."""
    shell = Shell(tmp_path, program=GATEWRIGHT)
    done(shell, "init", "myapp")
    shell.folder /= "myapp"
    shell.settings |= {"DATABASE_URL": database_url, "GATEWRIGHT_AUTO_MIGRATE": "false"}
    change(shell, 0, description="A first one.")
    done(shell, "generate")
    done(shell, "migrate", "make", "-m", "posts")
    done(shell, "migrate", "apply")
    return shell


def change(shell: Shell, columns: int, description: str) -> None:
    """Change the design: the code by the description alone, the database by another number of columns."""
    added = [{"name": f"column{n}", "type": "Boolean", "defaultValue": False} for n in range(columns)]
    add_table(shell.folder, {**POST, "columns": [*POST["columns"], *added], "description": description})


def killed(shell: Shell, after: float, *command: str) -> int:
    """Run a command for so many seconds at most; how it ended."""
    with subprocess.Popen([*shell.program, *command], cwd=shell.folder, env=shell.environment) as process:
        try:
            return process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def length(shell: Shell, *command: str) -> float:
    """How long it takes when nobody kills it, in seconds."""
    began = time.perf_counter()
    done(shell, *command)
    return time.perf_counter() - began


def test_the_app_starts_and_the_next_run_completes(app: Shell) -> None:
    """A loop of moments, most of them after the imports; what a start meets is the former app or the new one."""
    chance = random.Random(6)  # noqa: S311 (moments, no secrets)
    change(app, 0, description="Measured.")
    whole, statuses = length(app, "generate"), set()
    for number in range(1, ROUNDS + 1):
        change(app, number - 1, description=f"Number {number}.")
        statuses.add(killed(app, chance.uniform(0.5, 1) * whole, "generate"))
        check_start(app)
        done(app, "generate")
        assert app.run("generate", "--check").status == 0

        change(app, number, description=f"Number {number}.")
        done(app, "migrate", "make", "-m", "one more")
        statuses.add(killed(app, chance.uniform(0.5, 1) * whole, "migrate", "apply"))
        check_start(app, "--migrate")
        assert app.run("migrate", "status").status == 0
    assert -signal.SIGKILL in statuses


def check_start(shell: Shell, *options: str) -> None:
    with shell.serving(*options) as server:
        assert call(server.url, "GET", "/posts").status_code == 200
