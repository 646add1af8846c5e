"""The tutorial's loop as a user goes through it: from an empty folder to `/posts`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.conftest import Server, Shell
from tests.cli.developing import POST, REGISTRATION, add_table


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
        token = registered(server)
        assert call(server, "GET", "/users/profile", token).json()["email"] == "user@example.com"
        assert call(server, "GET", "/users/admin", token).status_code == 403
        assert call(server, "GET", "/posts", token).status_code == 404

    add_table(shell.folder, POST)
    assert "gatewright migrate make" in shell.run("serve", "--port", "0").refused()
    assert "app/modules/post/" in done(shell, "generate")
    assert "_posts.py is written" in done(shell, "migrate", "make", "-m", "posts")
    assert "gatewright migrate apply" in shell.run("serve", "--port", "0").refused()
    done(shell, "migrate", "apply")

    done(shell, "user", "set-role", "user@example.com", "ADMIN")
    with shell.serving("--workers", "2") as server:
        credentials = {name: REGISTRATION[name] for name in ("email", "password")}
        admin = call(server, "POST", "/auth/login", json=credentials).json()["accessToken"]
        assert call(server, "GET", "/users/admin", admin).json() == {"message": "This is admin-only data"}
        check_rules(server, admin)
        assert set(call(server, "GET", "/openapi.json").json()["paths"]) >= {"/posts", "/posts/{id}", "/users/admin"}


def check_rules(server: Server, admin: str) -> None:
    """Anybody reads, who is signed in writes, and only its owner and ADMIN change a row."""
    post = {"title": "First", "body": "Words"}
    owner, other = registered(server, "owner@example.com"), registered(server, "other@example.com")
    assert call(server, "POST", "/posts", json=post).status_code == 401
    assert call(server, "POST", "/posts", owner, {**post, "authorId": "x"}).status_code == 422
    made = call(server, "POST", "/posts", owner, post)
    assert made.status_code == 201
    path = f"/posts/{made.json()['id']}"
    assert call(server, "GET", path).json()["title"] == "First"
    assert call(server, "PATCH", path, other, {"title": "Taken"}).status_code == 404
    assert call(server, "PATCH", path, owner, {"title": "Second"}).json()["title"] == "Second"
    assert call(server, "DELETE", path, admin).status_code == 204
    assert call(server, "GET", "/posts").json()["data"] == []


def done(shell: Shell, *command: str) -> str:
    ended = shell.run(*command)
    assert (ended.status, ended.err) == (0, ""), ended
    return ended.out


def registered(server: Server, email: str = REGISTRATION["email"]) -> str:
    """The access token of a new user."""
    answer = call(server, "POST", "/auth/register", json={**REGISTRATION, "email": email})
    assert answer.status_code == 201
    return str(answer.json()["accessToken"])


def call(server: Server, method: str, path: str, token: str = "", json: Any = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.request(method, server.url + path, json=json, headers=headers, timeout=30)
