"""Names are as long as the design says, and asked for unless it says otherwise."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.design.problems import DesignError
from gatewright.testing import FakeClock
from tests.conftest import make_settings
from tests.migrations.apps import App

ID = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
PERSON = {"email": "wei@example.com", "password": "correct horse battery", "firstName": "Wei", "lastName": "Li"}
ONE = {"minLength": 1, "maxLength": 80}


class Registry:
    """An app whose design says this about names."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._url = f"sqlite:///{folder}/names.db"
        monkeypatch.chdir(folder)

    def app(self, first: dict[str, Any], last: dict[str, Any], **settings: Any) -> FastAPI:
        made = App(self._folder, self._url)
        names = [{"name": "firstName", "type": "String", **first}, {"name": "lastName", "type": "String", **last}]
        made.write({"name": "User", "columns": [ID, *names]})
        made.make("start")
        auth = Gatewright(make_settings(self._url, **settings), clock=FakeClock())
        host = FastAPI(lifespan=auth.lifespan)
        auth.install(host)
        return host


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    return Registry(tmp_path, monkeypatch)


def test_names_of_one_character_where_the_design_says_so(registry: Registry) -> None:
    """\u674e and \u4f1f are whole names. The longest, the profile and the document follow the design too."""
    with TestClient(registry.app(ONE, ONE)) as client:
        short = {**PERSON, "firstName": " \u4f1f ", "lastName": "\u674e"}
        made = client.post("/auth/register", json=short)
        assert made.status_code == 201, made.text
        assert (made.json()["user"]["firstName"], made.json()["user"]["lastName"]) == ("\u4f1f", "\u674e")
        bearer = {"Authorization": f"Bearer {made.json()['accessToken']}"}
        for name, status in (("x" * 80, 200), ("x" * 81, 422), ("", 422), ("y", 200)):
            assert client.patch("/users/profile", json={"firstName": name}, headers=bearer).status_code == status
        schema = client.get("/openapi.json").json()["components"]["schemas"]["Registration"]
        assert {"firstName", "lastName"} <= set(schema["required"])
        pattern = re.compile(schema["properties"]["firstName"]["pattern"])
        assert [bool(pattern.search(each)) for each in ("y", "x" * 80, "x" * 81, "")] == [True, True, False, False]


@pytest.mark.parametrize("keys", [{}, {"isRequired": True}, {"minLength": 2, "maxLength": 50, "isInput": True}])
def test_without_lengths_of_the_design_they_are_the_tutorials(registry: Registry, keys: dict[str, Any]) -> None:
    """2 to 50 characters, and needed: so were they in designs that say nothing of it."""
    with TestClient(registry.app(keys, keys)) as client:
        for name, code in (("x", "too_short"), ("x" * 51, "too_long")):
            refused = client.post("/auth/register", json={**PERSON, "firstName": name})
            assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [("/firstName", code)]
        refused = client.post("/auth/register", json={**PERSON, "lastName": None})
        assert refused.status_code == 422
        left_out = {name: value for name, value in PERSON.items() if name != "lastName"}
        assert client.post("/auth/register", json=left_out).json()["errors"][0]["code"] == "required"


def test_a_name_that_is_not_required_may_be_missing(registry: Registry) -> None:
    """At register, and in the profile it can be emptied; what is given still has to fit."""
    optional = {"isRequired": False}
    with TestClient(registry.app({}, optional)) as client:
        mononym = {name: value for name, value in PERSON.items() if name != "lastName"}
        made = client.post("/auth/register", json=mononym)
        assert made.status_code == 201, made.text
        assert made.json()["user"]["lastName"] is None
        bearer = {"Authorization": f"Bearer {made.json()['accessToken']}"}
        assert client.patch("/users/profile", json={"lastName": "Li"}, headers=bearer).json()["lastName"] == "Li"
        assert client.patch("/users/profile", json={"lastName": None}, headers=bearer).json()["lastName"] is None
        assert client.patch("/users/profile", json={"firstName": None}, headers=bearer).status_code == 422
        assert client.patch("/users/profile", json={"lastName": "x"}, headers=bearer).status_code == 422


def test_in_development_the_error_names_the_place(registry: Registry) -> None:
    """So that nobody looks for a setting."""
    with TestClient(registry.app({}, {})) as client:
        refused = client.post("/auth/register", json={**PERSON, "firstName": "\u4f1f"}).json()
        assert "minLength of User.firstName in db.design.json" in refused["errors"][0]["message"]


def test_in_production_it_does_not(registry: Registry) -> None:
    """A visitor can't change the design."""
    production = {
        "environment": "production",
        "secret": secrets.token_urlsafe(48),
        "argon2": {},
        "auto_migrate": True,
        "public_url": "https://example.com",
        "mail_url": "smtp://mail.example.com",
    }
    app = registry.app({}, {}, **production)
    with TestClient(app, base_url="https://example.com") as client:
        refused: httpx2.Response = client.post("/auth/register", json={**PERSON, "firstName": "\u4f1f"})
        assert refused.json()["errors"][0]["code"] == "too_short"
        assert "design" not in json.dumps(refused.json())


@pytest.mark.parametrize(
    ("keys", "path"), [({"minLength": 60}, "minLength"), ({"maxLength": 1}, "maxLength"), ({"pattern": "x"}, "pattern")]
)
def test_lengths_that_do_not_fit_are_refused_by_name(tmp_path: Path, keys: dict[str, Any], path: str) -> None:
    """One length without the other may leave nothing between them."""
    app = App(tmp_path, "")
    app.write({"name": "User", "columns": [ID, {"name": "firstName", "type": "String", **keys}]})
    with pytest.raises(DesignError, match=rf"columns\[1\]\.{path}: User\.firstName"):
        app.design  # noqa: B018 (reading it is the test)


def test_other_lengths_change_nothing_in_the_database(tmp_path: Path) -> None:
    """The database has no lengths for names, so that neither an upgrade nor a change asks for a migration."""
    app = App(tmp_path, f"sqlite:///{tmp_path}/names.db")
    app.write({"name": "User", "columns": [ID]})
    app.make("start")
    app.write({"name": "User", "columns": [ID, {"name": "firstName", "type": "String", **ONE, "isRequired": False}]})
    assert app.make("names") is None
