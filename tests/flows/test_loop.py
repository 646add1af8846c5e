"""The tutorial's loop as a user goes through it: from an empty folder to `/posts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.developing import POST, add_table
from tests.flows.journey import ADMIN_DATA, call, check_document, check_rules, done, logged_in, registered

pytestmark = pytest.mark.both_databases


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell on a development machine, in an empty folder."""
    folder = tmp_path / "shell"
    folder.mkdir()
    return Shell(folder)


def test_from_an_empty_folder_to_posts(shell: Shell, database_url: str) -> None:
    """init, serve, register; a table, generate, migrate; then its routes answer by its rules, and are documented."""
    done(shell, "init", "myapp")
    shell.folder /= "myapp"
    shell.settings |= {"DATABASE_URL": database_url, "GATEWRIGHT_AUTO_MIGRATE": "false"}
    with shell.serving("--migrate") as server:
        token = registered(server.url)
        assert call(server.url, "GET", "/users/profile", token).json()["email"] == "user@example.com"
        assert call(server.url, "GET", "/users/admin", token).status_code == 403
        assert call(server.url, "GET", "/posts", token).status_code == 404

    add_table(shell.folder, POST)
    assert "gatewright migrate make" in shell.run("serve", "--port", "0").refused()
    assert "app/modules/post/" in done(shell, "generate")
    assert "_posts.py. Review it" in done(shell, "migrate", "make", "-m", "posts")
    assert "gatewright migrate apply" in shell.run("serve", "--port", "0").refused()
    done(shell, "migrate", "apply")

    done(shell, "user", "set-role", "user@example.com", "ADMIN")
    with shell.serving("--workers", "2") as server:
        admin = logged_in(server.url)
        assert call(server.url, "GET", "/users/admin", admin).json() == ADMIN_DATA
        check_rules(server.url, admin)
        check_document(server.url)
