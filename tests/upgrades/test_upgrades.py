"""Apps and databases of earlier commits: `migrate apply` alone upgrades them, and every user stays signed in."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright, SetupError
from gatewright.testing import FakeClock
from tests.cli.conftest import Shell
from tests.conftest import SECRET
from tests.services import postgres
from tests.upgrades.recorded import Recorded, recordings

ADA, BOB = "ada@example.com", "bob@example.com"
LAST = max(recordings(), key=lambda each: each.at).commit
NEWEST = [each for each in recordings() if each.commit == LAST]
AGENT = {"User-Agent": "Old Browser"}


@pytest.fixture(params=recordings(), ids=lambda each: f"{each.commit}-{each.kind}-{each.database}")
def recorded(request: pytest.FixtureRequest) -> Recorded:
    each: Recorded = request.param
    return each


@pytest.fixture
def upgraded(recorded: Recorded, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The recorded installation in the working folder, after `migrate apply`; gives the settings to run it with."""
    url = f"sqlite:///{tmp_path}/recorded.db"
    service = ""
    if recorded.database == "postgresql":
        service = request.getfixturevalue("postgres_service")
        url = postgres.create_database(service)
    recorded.restore(url)
    recorded.copy_app(tmp_path)
    settings = {
        "GATEWRIGHT_ENVIRONMENT": "development",
        "GATEWRIGHT_AUTO_MIGRATE": "false",
        "GATEWRIGHT_SECRET": SECRET,
        "GATEWRIGHT_DATABASE_URL": url,
        "GATEWRIGHT_ARGON2__MEMORY_KIB": "7168",
        "GATEWRIGHT_ARGON2__ITERATIONS": "1",
    }
    done = Shell(tmp_path, settings).run("migrate", "apply")
    assert done.status == 0, done
    yield settings
    if service:
        postgres.drop_database(service, url)


@pytest.fixture
def open_app(
    recorded: Recorded, upgraded: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], FastAPI]:
    """Makes the upgraded app, a minute after the recording ended."""

    def make() -> FastAPI:
        for name, value in upgraded.items():
            monkeypatch.setenv(name, value)
        auth, app = _shop(tmp_path, monkeypatch) if recorded.kind == "shop" else _built_in()
        auth.clock = FakeClock(recorded.at + timedelta(minutes=1))
        return app

    return make


def test_everybody_stays_signed_in(recorded: Recorded, open_app: Callable[[], FastAPI]) -> None:
    """Access tokens and refresh tokens of before count, also one that was refreshed, and a spent one is still theft."""
    held = recorded.held
    with TestClient(open_app(), headers=AGENT) as client:
        for email, tokens in held["people"].items():
            profile = client.get("/users/profile", headers=_bearer(tokens))
            assert (profile.status_code, profile.json()["email"]) == (200, email)
            answer = client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
            assert answer.status_code == 200, answer.text
            assert client.get("/auth/sessions", headers=_bearer(answer.json())).status_code == 200
        spent = client.post("/auth/refresh", json={"refreshToken": held["spentRefreshToken"]})
        assert spent.status_code == 401


def test_what_was_mailed_before_still_works(recorded: Recorded, open_app: Callable[[], FastAPI]) -> None:
    """Links that were mailed before redeem; the password of before opens the account, and a reset ends its sessions."""
    held = recorded.held
    with TestClient(open_app(), headers=AGENT) as client:
        verified = client.post("/auth/verify-email", json={"token": held["verifyTokens"][ADA]})
        assert verified.status_code == 200, verified.text
        login = {"email": ADA, "password": "securepassword", "deviceToken": held["people"][ADA]["deviceToken"]}
        assert client.post("/auth/login", json=login).status_code == 200
        changed = client.post(
            "/auth/password/reset", json={"token": held["resetTokens"][BOB], "password": "another passphrase"}
        )
        assert changed.status_code == 200, changed.text
        refused = client.post("/auth/refresh", json={"refreshToken": held["people"][BOB]["refreshToken"]})
        assert refused.status_code == 401


def test_rows_of_before_are_there(recorded: Recorded, open_app: Callable[[], FastAPI]) -> None:
    """The app's generated code of before runs on this version, and its rows are read and changed as they were."""
    held = recorded.held
    if recorded.kind != "shop":
        assert held["rows"] == {}
        return
    paper = held["rows"]["paper"]
    bearer = _bearer(held["people"][ADA])
    with TestClient(open_app(), headers=AGENT) as client:
        profile = client.get("/users/profile", headers=bearer).json()
        assert profile["company"] == "ACME"
        assert client.get(f"/papers/{paper['id']}", headers=bearer).json() == paper
        assert [row["text"] for row in client.get("/comments", headers=bearer).json()["data"]] == ["First"]
        changed = client.patch(f"/papers/{paper['id']}", json={"isDraft": False}, headers=bearer)
        assert (changed.status_code, changed.json()["isDraft"]) == (200, False)


def test_a_second_apply_finds_nothing(upgraded: dict[str, str], tmp_path: Path) -> None:
    """An upgraded installation is current: nothing is left to apply, to generate or to make."""
    shell = Shell(tmp_path, upgraded)
    status = shell.run("migrate", "status")
    assert status.status == 0, status
    again = shell.run("migrate", "apply")
    assert again.status == 0, again


@pytest.mark.parametrize("recorded", NEWEST, indirect=True, ids=lambda each: f"{each.kind}-{each.database}")
def test_a_feature_with_a_table_is_added_by_apply_alone(
    recorded: Recorded, upgraded: dict[str, str], open_app: Callable[[], FastAPI], tmp_path: Path
) -> None:
    """An upgrade that brings one asks an app for no migration of its own; everybody stays signed in."""
    upgraded["GATEWRIGHT_FEATURES__ADD"] = "tests.features.sms:FEATURE"
    before = sorted((tmp_path / "migrations").rglob("*.py"))
    with pytest.raises(SetupError, match="sms: at nothing, needs s0001"), TestClient(open_app()):
        pass
    applied = Shell(tmp_path, upgraded).run("migrate", "apply")
    assert applied.out.splitlines() == ["sms: nothing -> s0001", "The database is up to date."], applied
    assert sorted((tmp_path / "migrations").rglob("*.py")) == before
    with TestClient(open_app(), headers=AGENT) as client:
        bearer = _bearer(recorded.held["people"][ADA])
        assert client.get("/users/profile", headers=bearer).status_code == 200
        assert client.get("/auth/sms", headers=bearer).json() == "Shop"


def _shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Gatewright, FastAPI]:
    for name in [name for name in sys.modules if name == "app" or name.startswith("app.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(folder)
    main = importlib.import_module("app.main")
    auth: Gatewright = main.auth
    app: FastAPI = main.app
    return auth, app


def _built_in() -> tuple[Gatewright, FastAPI]:
    auth = Gatewright()
    return auth, auth.create_app()


def _bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['accessToken']}"}
