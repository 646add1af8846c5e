"""References that a design adds to `User`: who registers names public rows, who is signed in what they may read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from gatewright import Gatewright
from gatewright.testing import FakeClock
from tests.conftest import make_settings
from tests.generator.designs import ID
from tests.migrations.apps import App

NAMES = ("companyId", "teamId", "vaultId", "managerId", "friendId", "noteId")


def _input(name: str, table: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": "String", "isInput": True, "references": {"table": table, **keys}}


def _table(name: str, **access: str) -> dict[str, Any]:
    return {"name": name, "columns": [ID], "access": access}


TABLES = [
    {
        "name": "User",
        "columns": [
            ID,
            _input("companyId", "Company"),
            _input("teamId", "Team"),
            _input("vaultId", "Vault"),
            _input("managerId", "User"),
            _input("friendId", "User", anyRow=True),
            _input("noteId", "Note"),
        ],
    },
    _table("Company", read="public"),
    _table("Team", read="authenticated"),
    _table("Vault", list="public"),
    {
        "name": "Note",
        "columns": [ID, {"name": "ownerId", "type": "String", "references": "User"}],
        "access": {"read": "owner", "ownerColumn": "ownerId"},
    },
]
BODY = {"email": "ann@example.com", "password": "correct horse battery", "firstName": "Ann", "lastName": "Lee"}


@pytest.fixture
async def auth(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gatewright]:
    app = App(tmp_path, database_url)
    app.write(*TABLES)
    app.make("start")
    monkeypatch.chdir(tmp_path)
    options = getattr(request, "param", {})
    made = Gatewright(make_settings(database_url, rate_limit_enabled=False, **options), clock=FakeClock())
    async with made.lifespan(None):
        for table in ("companies", "teams", "vaults", "notes"):
            await app.run(f"INSERT INTO {table} (id) VALUES (:id)", id="there")
        yield made


@pytest.fixture
async def client(auth: Gatewright) -> AsyncIterator[httpx2.AsyncClient]:
    host = FastAPI()
    auth.install(host)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(host), base_url="http://localhost:3000") as made:
        yield made


async def _register(client: httpx2.AsyncClient, name: str, **changes: Any) -> httpx2.Response:
    return await client.post("/auth/register", json={**BODY, "email": f"{name}@example.com", **changes})


async def _signed_in(client: httpx2.AsyncClient, name: str) -> tuple[str, dict[str, str]]:
    answer = (await _register(client, name)).json()
    return answer["user"]["id"], {"Authorization": f"Bearer {answer['accessToken']}"}


def _faults(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {item["field"]: item["code"] for item in answer.json()["errors"]}


async def test_who_registers_names_what_everybody_may_read(client: httpx2.AsyncClient) -> None:
    """Rows for those who are signed in are as unknown as rows that are not there, and no account is made."""
    other, _ = await _signed_in(client, "other")
    values = dict.fromkeys(NAMES, "there") | {"managerId": other, "friendId": other}
    for name, value in values.items():
        there = await _register(client, f"a-{name}".lower(), **{name: value})
        nowhere = await _register(client, f"b-{name}".lower(), **{name: "nowhere"})
        assert _faults(nowhere) == {f"/{name}": "invalid_choice"}
        if name in ("companyId", "friendId"):
            assert there.status_code == 201, there.text
        else:
            assert {**there.json(), "requestId": ""} == {**nowhere.json(), "requestId": ""}
            assert (await _register(client, f"a-{name}".lower())).status_code == 201


@pytest.mark.both_databases
async def test_a_profile_names_what_its_user_may_read(client: httpx2.AsyncClient) -> None:
    """Of accounts, one's own; nothing changes when one of several references is refused."""
    other, _ = await _signed_in(client, "other")
    user, headers = await _signed_in(client, "user")
    closed = {"vaultId": "there", "noteId": "there", "managerId": other}
    answer = await client.patch("/users/profile", json={**closed, "teamId": "there"}, headers=headers)
    assert _faults(answer) == {f"/{name}": "invalid_choice" for name in closed}
    assert _faults(await client.patch("/users/profile", json={"managerId": "nowhere"}, headers=headers))
    assert (await client.get("/users/profile", headers=headers)).json()["teamId"] is None
    allowed = {"companyId": "there", "teamId": "there", "managerId": user, "friendId": other}
    answer = await client.patch("/users/profile", json=allowed, headers=headers)
    assert (answer.status_code, allowed.items() <= answer.json().items()) == (200, True)
    answer = await client.patch("/users/profile", json={"managerId": None, "firstName": "Ada"}, headers=headers)
    assert (answer.status_code, answer.json()["managerId"]) == (200, None)


@pytest.mark.both_databases
async def test_an_account_is_not_held_by_another(client: httpx2.AsyncClient) -> None:
    """Naming somebody as a manager would keep them from leaving, if the reference restricts it."""
    victim, headers = await _signed_in(client, "victim")
    _, stranger = await _signed_in(client, "stranger")
    assert (await client.patch("/users/profile", json={"managerId": victim}, headers=stranger)).status_code == 422
    assert (await client.delete("/users/profile", headers=headers)).status_code == 204


async def test_a_bad_reference_is_reported_with_a_bad_password(client: httpx2.AsyncClient) -> None:
    """What is wrong with one body is told at once, also when the database has to be asked for it."""
    answer = await _register(client, "ann", teamId="there", companyId="nowhere", password="short")
    found = {"/teamId": "invalid_choice", "/companyId": "invalid_choice", "/password": "too_short"}
    assert _faults(answer) == found


@pytest.mark.parametrize("auth", [{"require_verified_email": True}], indirect=True)
async def test_a_reference_does_not_tell_of_addresses(client: httpx2.AsyncClient) -> None:
    """Where addresses have to be proved, a new one and a taken one are answered alike, whatever a body refers to."""
    assert (await _register(client, "taken")).status_code == 202
    for value, status in (("there", 202), ("nowhere", 422)):
        taken = await _register(client, "taken", companyId=value)
        new = await _register(client, f"new-{value}", companyId=value)
        assert taken.status_code == new.status_code == status
        assert {**taken.json(), "requestId": ""} == {**new.json(), "requestId": ""}
