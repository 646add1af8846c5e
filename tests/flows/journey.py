"""What a user types and calls on the way from an empty folder to `/posts`."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.cli.conftest import Shell
from tests.cli.developing import REGISTRATION

ADMIN_DATA = {"message": "This is admin-only data"}


def done(shell: Shell, *command: str) -> str:
    """Run a command that has to succeed without a word on standard error; what it said."""
    ended = shell.run(*command)
    assert (ended.status, ended.err) == (0, ""), ended
    return ended.out


def registered(url: str, email: str = REGISTRATION["email"]) -> str:
    """The access token of a new user."""
    answer = call(url, "POST", "/auth/register", json={**REGISTRATION, "email": email})
    assert answer.status_code == 201
    return str(answer.json()["accessToken"])


def logged_in(url: str) -> str:
    """The access token of a new login of the first user."""
    credentials = {name: REGISTRATION[name] for name in ("email", "password")}
    answer = call(url, "POST", "/auth/login", json=credentials)
    assert answer.status_code == 200
    return str(answer.json()["accessToken"])


def check_rules(url: str, admin: str) -> None:
    """Anybody reads, who is signed in writes, and only its owner and ADMIN change a row."""
    post = {"title": "First", "body": "Words"}
    owner, other = registered(url, "owner@example.com"), registered(url, "other@example.com")
    assert call(url, "POST", "/posts", json=post).status_code == 401
    assert call(url, "POST", "/posts", owner, {**post, "authorId": "x"}).status_code == 422
    made = call(url, "POST", "/posts", owner, post)
    assert made.status_code == 201
    path = f"/posts/{made.json()['id']}"
    assert call(url, "GET", path).json()["title"] == "First"
    assert [row["title"] for row in call(url, "GET", "/posts").json()["data"]] == ["First"]
    for method, body in (("PATCH", {"title": "Taken"}), ("DELETE", None)):
        assert call(url, method, path, json=body).status_code == 401
        assert call(url, method, path, other, body).status_code == 404
    assert call(url, "PATCH", path, owner, {"title": "Second"}).json()["title"] == "Second"
    assert call(url, "DELETE", path, admin).status_code == 204
    assert call(url, "GET", "/posts").json()["data"] == []


def check_document(url: str) -> None:
    """OpenAPI lists the tutorial's calls and those of posts."""
    paths = call(url, "GET", "/openapi.json").json()["paths"]
    assert paths.keys() >= {"/auth/register", "/auth/login", "/users/profile", "/users/admin"}
    assert paths["/posts"].keys() == {"get", "post", "delete"}
    assert paths["/posts/{id}"].keys() == {"get", "patch", "delete"}
    assert "401" in paths["/posts"]["post"]["responses"]


def call(url: str, method: str, path: str, token: str = "", json: Any = None) -> httpx2.Response:
    """One call, with a bearer token when there is one."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.request(method, url + path, json=json, headers=headers, timeout=30)
