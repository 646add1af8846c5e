"""Columns that a design adds to `User`: asked at register, shown in the profile, there in `CurrentAccount`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from gatewright import Account, CurrentAccount, Gatewright
from gatewright.design.problems import DesignError
from gatewright.testing import FakeClock
from tests.conftest import make_settings
from tests.migrations.apps import App

ID = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
COLUMNS: list[dict[str, Any]] = [
    ID,
    {"name": "phone", "type": "String", "isRequired": True, "isInput": True, "isUnique": True, "maxLength": 20},
    {"name": "nickName", "type": "String", "isInput": True, "minLength": 2, "description": "What friends say."},
    {"name": "birthday", "type": "Date", "isInput": True},
    {"name": "size", "type": "Enum", "enumValues": ["S", "M"], "defaultValue": "M", "isInput": True},
    {"name": "pin", "type": "Int", "isInput": True, "isHidden": True, "minValue": 1000},
    {"name": "publicId", "type": "Uuid", "defaultValue": "uuid7()"},
    {"name": "badge", "type": "Bytes", "defaultValue": "/w=="},
    {"name": "joinedOn", "type": "Date", "defaultValue": "now()"},
    {"name": "touchedAt", "type": "DateTime", "isUpdatedAt": True},
    {"name": "note", "type": "Text"},
]
BODY = {"email": "ann@example.com", "password": "correct horse battery", "firstName": "Ann", "lastName": "Lee"}


@pytest.fixture
async def auth(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gatewright]:
    app = App(tmp_path, database_url)
    app.write({"name": "User", "columns": COLUMNS, "indexes": [{"columns": ["nickName", "size"], "isUnique": True}]})
    app.make("start")
    monkeypatch.chdir(tmp_path)
    made = Gatewright(make_settings(database_url), clock=FakeClock())
    async with made.lifespan(None):
        yield made


@pytest.fixture
async def client(auth: Gatewright) -> AsyncIterator[httpx2.AsyncClient]:
    host = FastAPI()
    auth.install(host)

    @host.get("/me")
    async def me(account: CurrentAccount) -> Account:
        assert account.phone == "+43 1"
        return account

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(host), base_url="http://localhost:3000") as made:
        yield made


async def register(client: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    return await client.post("/auth/register", json={**BODY, **changes})


@pytest.mark.both_databases
async def test_input_columns_are_asked_and_shown(client: httpx2.AsyncClient) -> None:
    """Hidden ones are taken and never shown; what has a default need not be said."""
    answer = await register(client, phone="+43 1", birthday="2000-02-29", pin=1234)
    assert answer.status_code == 201, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    profile = (await client.get("/users/profile", headers=headers)).json()
    assert [profile[name] for name in ("phone", "birthday", "size", "badge")] == ["+43 1", "2000-02-29", "M", "/w=="]
    assert profile["nickName"] is None
    assert profile["touchedAt"] == profile["createdAt"]
    assert "pin" not in profile
    mine = (await client.get("/me", headers=headers)).json()
    assert "pin" not in mine
    assert (mine["phone"], mine["badge"]) == ("+43 1", "/w==")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({}, "/phone", "required"),
        ({"phone": None}, "/phone", "invalid_type"),
        ({"phone": "1" * 21}, "/phone", "too_long"),
        ({"phone": "a\0b"}, "/phone", "invalid_characters"),
        ({"phone": "1", "nickName": "x"}, "/nickName", "too_short"),
        ({"phone": "1", "birthday": "yesterday"}, "/birthday", "invalid_format"),
        ({"phone": "1", "size": "XL"}, "/size", "invalid_choice"),
        ({"phone": "1", "pin": "1234"}, "/pin", "invalid_type"),
        ({"phone": "1", "pin": 1}, "/pin", "out_of_range"),
        ({"phone": "1", "note": "x"}, "/note", "unknown_field"),
        ({"phone": "1", "publicId": "x"}, "/publicId", "unknown_field"),
        ({"phone": "1", "nick_name": "xx"}, "/nick_name", "unknown_field"),
        ({"phone": "1", "role": "ADMIN"}, "/role", "unknown_field"),
    ],
)
async def test_what_does_not_fit_is_refused(
    client: httpx2.AsyncClient, changes: dict[str, Any], field: str, code: str
) -> None:
    """The design's limits hold, and what is no input column can't be set."""
    answer = await register(client, **changes)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


@pytest.mark.both_databases
async def test_the_profile_changes_input_columns_and_leaves_the_rest(
    client: httpx2.AsyncClient, auth: Gatewright
) -> None:
    """A change is as narrow as what was sent; null empties what may be empty, and nothing else."""
    answer = await register(client, phone="+43 1", nickName="Annie")
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    auth.clock.advance(60)  # type: ignore[attr-defined]
    changed = await client.patch("/users/profile", json={"nickName": None, "size": "S"}, headers=headers)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["nickName"], changed.json()["size"], changed.json()["phone"]) == (None, "S", "+43 1")
    assert changed.json()["touchedAt"] == changed.json()["updatedAt"] > changed.json()["createdAt"]
    for wrong in ({"phone": None}, {"size": None}, {"note": "x"}, {"pin": 1}):
        assert (await client.patch("/users/profile", json=wrong, headers=headers)).status_code == 422


@pytest.mark.both_databases
async def test_a_unique_value_that_is_taken_is_a_conflict(client: httpx2.AsyncClient) -> None:
    """Both at register and in the profile; the address is told apart from it."""
    await register(client, phone="1")
    answer = await register(client, email="bob@example.com", phone="1")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    answer = await register(client, phone="2")
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    answer = await register(client, email="bob@example.com", phone="2")
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    answer = await client.patch("/users/profile", json={"phone": "1"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_the_document_describes_them(auth: Gatewright) -> None:
    """As a part of the bodies of register and profile."""
    schemas = auth.routes.document["components"]["schemas"]
    registration, change, profile = (schemas[name] for name in ("Registration", "ProfileChange", "Profile"))
    assert "phone" in registration["required"]
    assert "nickName" not in registration["required"]
    assert "What friends say." in json.dumps(registration["properties"]["nickName"])
    assert registration["properties"]["phone"]["maxLength"] == 20
    assert change.get("required", []) == []
    assert registration["additionalProperties"] is change["additionalProperties"] is False
    assert {"phone", "nickName", "birthday", "size", "note", "publicId"} <= set(profile["properties"])
    assert "pin" not in profile["properties"]


async def test_an_account_that_is_made_without_them_is_refused_where_they_are_needed(auth: Gatewright) -> None:
    """A command that knows no phone number can't make one up."""
    from gatewright.addresses import parse_address
    from gatewright.errors import ValidationFailed
    from gatewright.features.admin import service

    with pytest.raises(ValidationFailed) as refused:
        await service.create(
            auth.context(),
            email=parse_address("ann@example.com"),
            password_text="correct horse battery",
            first_name="Ann",
            last_name="Lee",
        )
    assert [each.field for each in refused.value.errors] == ["/phone"]


@pytest.mark.parametrize(
    "column",
    [
        {"name": "tag", "type": "String", "defaultValue": "cuid()"},
        {"name": "tag", "type": "DateTime", "isUpdatedAt": True},
        {"name": "tag", "type": "Bytes", "defaultValue": "aGVsbG8="},
    ],
)
def test_a_default_that_nobody_would_work_out_is_refused(tmp_path: Path, column: dict[str, Any]) -> None:
    """The engine inserts sessions with a statement of its own, which knows the engine's columns only."""
    app = App(tmp_path, "")
    app.write({"name": "RefreshToken", "columns": [ID, column]})
    with pytest.raises(DesignError, match="does not compute RefreshToken.tag"):
        app.design  # noqa: B018 (reading it is the test)


@pytest.mark.usefixtures("auth")
async def test_a_taken_value_does_not_tell_of_addresses(database_url: str) -> None:
    """Where addresses have to be proved first, a value that another account has is refused for a taken address too."""
    made, host = Gatewright(make_settings(database_url, require_verified_email=True), clock=FakeClock()), FastAPI()
    made.install(host)
    async with (
        made.lifespan(None),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(host), base_url="http://localhost:3000") as client,
    ):
        # Two columns that are unique together (`nickName`, `size`) behave as a single one.
        for name, phone, size, status in [
            ("dan", "4", "S", 202),
            ("eve", "5", "M", 202),
            ("eve", "6", "S", 409),
            ("fay", "7", "S", 409),
            ("eve", "8", "M", 409),
        ]:
            made_or_not = await register(client, email=f"{name}@example.com", phone=phone, nickName="Sunny", size=size)
            assert made_or_not.status_code == status, (name, size)
        for name, phone, status in [("ann", "1", 202), ("bob", "2", 202), ("ann", "2", 409), ("carol", "2", 409)]:
            assert (await register(client, email=f"{name}@example.com", phone=phone)).status_code == status
        assert (await register(client, email="ann@example.com", phone="3")).status_code == 202
