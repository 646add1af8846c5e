"""Sending more than is asked for: nobody sets a column that is not theirs."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from gatewright.storage.rows import Row
from tests.live import PASSWORD, LiveServer, bearer, code, log_in, register

REGISTRATION = {"password": PASSWORD, "firstName": "Test", "lastName": "User"}

NOT_THEIRS: dict[str, Any] = {
    "role": "ADMIN",
    "Role": "ADMIN",
    "roles": ["ADMIN"],
    "permissions": ["*"],
    "isEmailVerified": True,
    "is_email_verified": True,
    "emailKey": "victim@example.com",
    "email_key": "victim@example.com",
    "id": "aaaaaaaaaaaaaaaaaaaaaaaa",
    "userId": "aaaaaaaaaaaaaaaaaaaaaaaa",
    "disabledAt": None,
    "disabled_at": None,
    "createdAt": "2000-01-01T00:00:00Z",
    "created_at": "2000-01-01T00:00:00Z",
    "updatedAt": "2000-01-01T00:00:00Z",
    "first_name": "Test",
    "last_name": "User",
    "passwordHash": "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$attacked",
    "user": {"role": "ADMIN"},
    "data": {"attributes": {"role": "ADMIN"}},
    "user.role": "ADMIN",
    "user[role]": "ADMIN",
    "$set": {"role": "ADMIN"},
    "__proto__": {"role": "ADMIN"},
    "constructor": {"prototype": {"role": "ADMIN"}},
    "__class__": "Admin",
    "model_config": {"extra": "allow"},
    "": "ADMIN",
    "ro\u200ble": "ADMIN",
    "a/b~c": "ADMIN",
}
ONLY_OF_OTHERS = {"email": "taken-over@example.com", "password": PASSWORD}
"""What registering takes, and changing a profile does not."""


def refusals(answer: httpx2.Response) -> set[tuple[str, str]]:
    """Pointer and code of each field at fault."""
    assert code(answer) == (422, "validation_failed")
    return {(error["field"], error["code"]) for error in answer.json()["errors"]}


def pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def test_registering_with_more_is_refused(client: httpx2.Client, email: str) -> None:
    """Each foreign field is refused by name, and no account comes of it."""
    body = {"email": email, **REGISTRATION}
    for name, value in NOT_THEIRS.items():
        assert refusals(client.post("/auth/register", json={**body, name: value})) == {(pointer(name), "unknown_field")}
    refused = client.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert code(refused) == (401, "invalid_credentials")


def test_signing_in_with_more_is_refused(client: httpx2.Client, email: str) -> None:
    """A login and a refresh take their own fields only."""
    tokens = register(client, email)
    for name, value in NOT_THEIRS.items():
        body = {"email": email, "password": PASSWORD, name: value}
        assert refusals(client.post("/auth/login", json=body)) == {(pointer(name), "unknown_field")}
        body = {"refreshToken": tokens["refreshToken"], name: value}
        for path in ("/auth/refresh", "/auth/logout"):
            assert refusals(client.post(path, json=body)) == {(pointer(name), "unknown_field")}
    assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200


async def test_changing_more_of_a_profile_is_refused(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """Each foreign field is refused by name, and the row stays as it was, its own fields in the same body included."""
    tokens = register(client, email)
    before = await _row(live, tokens["user"]["id"])
    for name, value in {**NOT_THEIRS, **ONLY_OF_OTHERS}.items():
        answer = client.patch("/users/profile", json={"firstName": "Changed", name: value}, headers=bearer(tokens))
        assert refusals(answer) == {(pointer(name), "unknown_field")}
    assert await _row(live, tokens["user"]["id"]) == before


async def test_a_new_account_has_no_more_than_it_should(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """What an account starts with comes from the server, whatever query, headers and form say besides."""
    answer = client.post(
        "/auth/register?role=ADMIN&isEmailVerified=true",
        json={"email": email, **REGISTRATION},
        headers={"X-Role": "ADMIN", "X-User-Role": "ADMIN", "X-HTTP-Method-Override": "PUT"},
    )
    assert (answer.status_code, answer.json()["user"]["role"]) == (201, "USER")
    row = await _row(live, answer.json()["user"]["id"])
    assert (row["role"], row["is_email_verified"], row["disabled_at"]) == ("USER", False, None)

    form = {"grant_type": "password", "username": email, "password": PASSWORD, "role": "ADMIN", "scope": "admin"}
    token = client.post("/auth/token", data=form).json()["access_token"]
    assert code(client.get("/users/admin", headers=bearer({"accessToken": token}))) == (403, "insufficient_role")


@pytest.mark.parametrize("last", ["owner", "attacker"])
async def test_a_field_that_comes_twice_gives_nobody_two_meanings(client: httpx2.Client, email: str, last: str) -> None:
    """Of an address that comes twice one counts, for the account, the answer and the login alike."""
    addresses = [f"first-{email}", f"second-{email}"]
    if last == "owner":
        addresses.reverse()
    body = (
        f'{{"email":"{addresses[0]}","password":"{PASSWORD}","firstName":"Test","lastName":"User",'
        f'"email":"{addresses[1]}"}}'
    )
    answer = client.post("/auth/register", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["user"]["email"]) == (201, addresses[1])
    assert log_in(client, addresses[1])["user"]["id"] == answer.json()["user"]["id"]
    refused = client.post("/auth/login", json={"email": addresses[0], "password": PASSWORD})
    assert code(refused) == (401, "invalid_credentials")


async def _row(live: LiveServer, user_id: str) -> Row:
    (row,) = await live.rows("User", id=user_id)
    return row
