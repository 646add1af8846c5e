"""What the threat model says is not defended is so, and is no worse than it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.testing import FakeClock
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails
from tests.conftest import example_app, make_settings

EMAIL = "user@example.com"
NEW = "another good passphrase"
BODY = {"email": EMAIL, "password": NEW, "firstName": "Eve", "lastName": "Doe"}


@pytest.fixture
def auth_app(sqlite_template_copy: Path, request: pytest.FixtureRequest) -> FastAPI:
    url = f"sqlite:///{sqlite_template_copy}"
    return example_app(Gatewright(make_settings(url, **getattr(request, "param", {}))))


def guess(client: TestClient, clock: FakeClock, device_token: str | None = None) -> int:
    """A wrong password, when no limit on the client's address is in the way."""
    clock.advance(61)
    body = {"email": EMAIL, "password": "a wrong passphrase"}
    if device_token is not None:
        body["deviceToken"] = device_token
    return client.post("/auth/login", json=body).status_code


def test_a_device_credential_outlives_a_changed_password_and_opens_nothing(
    as_user: AsUser, auth_client: TestClient, auth_clock: FakeClock
) -> None:
    """It is exempt from the account's delay still, and has its own after a few tries; the old password is wrong."""
    user = as_user(email=EMAIL)
    device = user.tokens["deviceToken"]
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    assert user.post("/auth/password/change", json=change).status_code == 200
    assert [guess(auth_client, auth_clock) for _ in range(12)][-1] == 429
    tries = [guess(auth_client, auth_clock, device) for _ in range(20)]
    assert tries[:5] == [401] * 5
    assert 429 in tries


@pytest.mark.parametrize("auth_app", [{"require_verified_email": True}], indirect=True)
def test_a_login_after_registering_tells_whether_the_address_was_taken(
    as_user: AsUser, auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """The registration itself does not, and the owner of a taken address has a mail about it."""
    as_user(email=EMAIL)
    other = "new@example.com"
    registered = [auth_client.post("/auth/register", json={**BODY, "email": email}) for email in (EMAIL, other)]
    assert len({(answer.status_code, answer.content) for answer in registered}) == 1
    logins = [
        auth_client.post("/auth/login", json={"email": email, "password": NEW}).json()["code"]
        for email in (EMAIL, other)
    ]
    assert logins == ["invalid_credentials", "email_not_verified"]
    assert len(auth_mails.to(EMAIL)) == 1
