"""Which passwords registration and the command line take: one policy, one answer, wherever they come from."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import FastAPI

from gatewright import Gatewright, Settings
from gatewright.addresses import parse_address
from gatewright.core.passwords import pwned_passwords
from gatewright.errors import SetupError, ValidationFailed
from gatewright.features.admin import service as admin
from gatewright.settings import prepare
from tests.conftest import add_account, example_app, make_settings
from tests.core.passwords.test_pwned_passwords import LEAKED, Api, answering, hang, line

PERSON = {"email": "user@example.com", "firstName": "John", "lastName": "Doe"}
NAMES = {"email": parse_address("ada@example.com"), "first_name": "Ada", "last_name": "Lovelace"}


@asynccontextmanager
async def client_of(auth: Gatewright) -> AsyncIterator[httpx2.AsyncClient]:
    app: FastAPI = example_app(auth)
    transport = httpx2.ASGITransport(app=app)
    async with auth.lifespan(None), httpx2.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        yield client


def item(answer: httpx2.Response) -> tuple[int, str, str]:
    """The one thing that a 422 names."""
    (error,) = answer.json()["errors"]
    return answer.status_code, error["field"], error["code"]


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_a_common_password_registers_nobody(settings: Settings) -> None:
    """In any case; the answer names the field and repeats nothing."""
    async with client_of(Gatewright(settings)) as client:
        for password in ("password", "Password123", "1qaz2wsx"):
            answer = await client.post("/auth/register", json={**PERSON, "password": password})
            assert item(answer) == (422, "/password", "password_too_common")
            assert password not in answer.text.replace("/password", "").replace("password_too_common", "") or (
                password == "password"
            )
        answer = await client.post("/auth/register", json={**PERSON, "password": "securepassword"})
        assert answer.status_code == 201


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_administrators_are_refused_the_same(running: Gatewright) -> None:
    """Making an account and setting a password go by the same policy."""
    context = running.context()
    await add_account(context)
    attempts: list[Callable[[str], Awaitable[object]]] = [
        lambda text: admin.create(context, password_text=text, **NAMES),  # type: ignore[arg-type]
        lambda text: admin.set_password(context, "user@example.com", text),
    ]
    for attempt in attempts:
        with pytest.raises(ValidationFailed) as refusal:
            await attempt("trustno1")
        assert [(each.field, each.code) for each in refusal.value.errors] == [("/password", "password_too_common")]


def asking(url: str, migrated_url: str) -> Gatewright:
    return Gatewright(make_settings(migrated_url, password={"pwned_passwords": True, "pwned_passwords_url": url}))


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_a_leaked_password_registers_nobody_where_the_settings_ask(migrated_url: str) -> None:
    """Only a password that is fine otherwise is looked up, and login never asks."""
    api = Api(answering(line(LEAKED)))
    async with api.running(), client_of(asking(api.url, migrated_url)) as client:
        answer = await client.post("/auth/register", json={**PERSON, "password": LEAKED})
        assert item(answer) == (422, "/password", "password_too_common")
        assert LEAKED not in answer.text
        assert len(api.requests) == 1

        assert (await client.post("/auth/register", json={**PERSON, "password": "password"})).status_code == 422
        assert len(api.requests) == 1

        answer = await client.post("/auth/register", json={**PERSON, "password": "an unknown passphrase"})
        assert answer.status_code == 201
        assert len(api.requests) == 2

        for password, status in ((LEAKED, 401), ("an unknown passphrase", 200)):
            credentials = {"email": PERSON["email"], "password": password}
            assert (await client.post("/auth/login", json=credentials)).status_code == status
        assert len(api.requests) == 2


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_registration_goes_on_when_pwned_passwords_does_not_answer(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After a bounded wait, with a warning."""
    monkeypatch.setattr(pwned_passwords, "SECONDS", 0.3)
    api = Api(hang)
    async with api.running(), client_of(asking(api.url, migrated_url)) as client:
        with caplog.at_level(logging.WARNING):
            answer = await client.post("/auth/register", json={**PERSON, "password": LEAKED})
    assert answer.status_code == 201
    assert "was not looked up in Pwned Passwords" in caplog.text


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_nobody_is_asked_unless_the_settings_say_so(settings: Settings) -> None:
    """A default installation calls nobody."""
    auth = Gatewright(settings)
    async with auth.lifespan(None):
        assert auth.kernel.pwned_passwords is None


def test_a_missing_client_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the setting is on, before anybody registers."""
    monkeypatch.setattr(pwned_passwords, "find_spec", lambda _name: None)
    Gatewright(make_settings("sqlite:///x.db"))
    with pytest.raises(SetupError, match=r"gatewright\[pwned-passwords\]"):
        asking("https://api.pwnedpasswords.com", "sqlite:///x.db")


@pytest.mark.parametrize(("environment", "refused"), [("production", True), ("development", False)])
def test_production_asks_over_https_only(environment: str, *, refused: bool) -> None:
    """Whoever can read the connection would learn five digits, and could answer in the API's place."""
    given = {"environment": environment, "public_url": "https://example.com", "mail_url": "smtp://localhost"}
    password = {"pwned_passwords": True, "pwned_passwords_url": "http://pwned.example.com"}
    settings = make_settings("sqlite:///x.db", **given, password=password, argon2={})
    if refused:
        with pytest.raises(SetupError, match="GATEWRIGHT_PASSWORD__PWNED_PASSWORDS_URL begins with http:"):
            prepare(settings)
    else:
        prepare(settings)
