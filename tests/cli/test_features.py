"""Features that are off, and an app's own: every command follows the list of the settings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Shell
from tests.features import sms


def set_features(folder: Path, line: str) -> None:
    file = folder / "gatewright.toml"
    before = file.read_text("utf-8") if file.exists() else ""
    file.write_text(f"{before}\n[features]\n{line}\n", "utf-8")


def test_commands_follow_the_features_of_an_app(shell: Shell) -> None:
    """A feature in `app/` of a generated app: `openapi`, `migrate`, `doctor` and `serve` all see it."""
    assert shell.run("init", ".").status == 0
    shutil.copytree(Path(sms.__file__).parent, shell.folder / "app" / "sms")
    set_features(shell.folder, 'add = ["app.sms:FEATURE"]')

    assert "/auth/sms" in json.loads(shell.run("openapi").out)["paths"]
    assert "sms: nothing -> s0001" in shell.run("migrate", "apply").out.splitlines()
    assert shell.run("migrate", "status").out.splitlines()[-1] == "sms: up to date, at s0001"
    assert "schema" in shell.run("doctor").out
    with shell.serving() as server:
        assert httpx2.get(f"{server.url}/auth/sms", timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("off", "command"),
    [
        ("invitations", ["user", "invite", "ada@example.com"]),
        ("signing_keys", ["keys", "list"]),
        ("admin", ["user", "list"]),
    ],
)
def test_a_command_of_a_feature_that_is_off_is_wrong_use(sqlite_shell: Shell, off: str, command: list[str]) -> None:
    """It exits with 2 and names the feature."""
    set_features(sqlite_shell.folder, f'off = ["{off}"]')
    ended = sqlite_shell.run(*command)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"error: The feature {off} is switched off by [features] off, and this command with it.\n"


def test_a_list_that_is_wrong_stops_every_command(sqlite_shell: Shell) -> None:
    """One line, also where no feature is needed."""
    set_features(sqlite_shell.folder, 'add = ["nowhere:FEATURE"]')
    for command in (["migrate", "status"], ["openapi"], ["user", "list"]):
        message = sqlite_shell.run(*command).refused()
        assert message.startswith("[features] add: nowhere cannot be imported (ModuleNotFoundError")
