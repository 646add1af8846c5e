"""What OWASP ASVS 5.0 asks of accounts and passwords, and no other test attacks (docs/security/asvs.md)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core.passwords.password_policy import common_passwords
from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails
from tests.conftest import example_app, make_settings

EMAIL = "user@example.com"
NAMES = {"firstName": "John", "lastName": "Doe"}
_HINTS = re.compile("hint|question|answer|mother|maiden|pet", re.IGNORECASE)


@pytest.fixture
def auth_app(sqlite_template_copy: Path) -> FastAPI:
    """A service with a name of its own. The database plays no part, so there is one kind."""
    url = f"sqlite:///{sqlite_template_copy}"
    return example_app(Gatewright(make_settings(url, mail={"app_name": "Acme Bank"}, rate_limit_enabled=False)))


def count(client: TestClient, auth: Gatewright, table: str) -> int:
    assert client.portal is not None
    statement = select(func.count()).select_from(auth.database.schema[table])
    found: int = client.portal.call(auth.database.read, lambda tx: tx.connection.execute(statement).scalar_one())
    return found


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("password", ["acmebank1", "Acme Bank", "ACME-2026", "bank acme 1"])
def test_a_password_is_more_than_the_name_of_the_service(auth_client: TestClient, password: str) -> None:
    """6.2.11: nobody has to know the user to guess it. It may stand in a password that is long enough without it."""
    refused = auth_client.post("/auth/register", json={"email": EMAIL, "password": password, **NAMES})
    assert (refused.status_code, codes(refused)) == (422, ["password_contains_identity"])
    longer = {"email": EMAIL, "password": f"{password} and eight more", **NAMES}
    assert auth_client.post("/auth/register", json=longer).status_code == 201


def test_three_thousand_common_passwords_would_be_long_enough_otherwise() -> None:
    """6.2.4: of the list, so many fit the default policy that they make a difference."""
    assert len([password for password in common_passwords() if len(password) >= 8]) >= 3000


def test_a_change_refuses_common_passwords_too(as_user: AsUser) -> None:
    """6.2.4: not only registering does."""
    change = {"currentPassword": PASSWORD, "newPassword": "Password123"}
    assert codes(as_user().post("/auth/password/change", json=change)) == ["password_too_common"]


def test_a_password_does_not_grow_too_old(as_user: AsUser, auth_client: TestClient, auth_clock: FakeClock) -> None:
    """6.2.10: nothing makes users change a password that nobody knows."""
    as_user(email=EMAIL)
    auth_clock.advance(10 * 365 * 86_400)
    assert auth_client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}).status_code == 200


def test_a_fresh_installation_has_no_account(auth_client: TestClient, auth_gatewright: Gatewright) -> None:
    """6.3.2: no `admin` with a password that everybody knows."""
    assert count(auth_client, auth_gatewright, "User") == 0


class _Fields(HTMLParser):
    """The fields of a page, by their names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "input":
            self.found[dict(attrs)["name"] or ""] = dict(attrs)


@pytest.mark.parametrize("page", ["reset-password", "invitation"])
def test_a_page_hides_a_password_and_lets_a_manager_fill_it_in(auth_client: TestClient, page: str) -> None:
    """6.2.6 and 6.2.7: masked, named for what it is, and nothing that could keep anybody from pasting."""
    answer = auth_client.get(f"/auth/pages/{page}", params={"token": "x"})
    fields = _Fields(answer.text)
    field = fields.found["password"]
    assert (field["type"], field["autocomplete"]) == ("password", "new-password")
    assert not {name for name in field if name.startswith("on") or name in ("readonly", "maxlength")}
    assert "script" not in fields.tags
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_nobody_is_asked_for_a_hint(auth_app: FastAPI) -> None:
    """6.4.2: no call of Gatewright's takes or shows a hint or the answer to a secret question."""
    schemas = auth_app.openapi()["components"]["schemas"]
    names = {name for schema in schemas.values() for name in schema.get("properties", {})}
    assert {"password", "currentPassword", "newPassword", "token"} <= names
    assert [name for name in names if _HINTS.search(name)] == []


def test_a_reset_signs_nobody_in(
    as_user: AsUser, auth_client: TestClient, auth_gatewright: Gatewright, auth_mails: CapturedMails
) -> None:
    """6.4.3: who has the mail has a new password, and signs in with it like everybody else."""
    as_user(email=EMAIL).post("/auth/logout-all")
    auth_client.post("/auth/password/forgot", json={"email": EMAIL})
    body = {"token": auth_mails.to(EMAIL)[-1].token, "password": "another good passphrase"}
    sessions = count(auth_client, auth_gatewright, "RefreshToken")
    answer = auth_client.post("/auth/password/reset", json=body, headers={"Origin": "http://localhost:3000"})
    assert (answer.status_code, answer.json().keys()) == (200, {"message"})
    assert "set-cookie" not in answer.headers
    assert count(auth_client, auth_gatewright, "RefreshToken") == sessions


def test_an_account_has_as_many_sessions_as_its_owner_begins(as_user: AsUser, auth_client: TestClient) -> None:
    """7.1.2: as it is documented, no session ends because another begins; all of them are listed."""
    user = as_user(email=EMAIL)
    for _ in range(11):
        auth_client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
    assert len(user.get("/auth/sessions").json()["data"]) == 12
