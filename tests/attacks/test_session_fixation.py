"""Having somebody sign in to a session that one knows already (CWE-384)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import pytest

from gatewright.core import base64url
from tests.live import PASSWORD, LiveServer, bearer, log_in, register

NAMES = ("gatewright_access", "gatewright_refresh", "gatewright_device")


@pytest.fixture
def ours(live: LiveServer) -> dict[str, str]:
    """What a browser says of the server's own pages."""
    return {"Origin": f"http://localhost:{live.port}"}


@pytest.fixture
def victim(client: httpx2.Client, new_email: Callable[[], str]) -> str:
    """The address of somebody with an account."""
    email = new_email()
    register(client, email)
    return email


def payload(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """What an access token says."""
    claims: dict[str, Any] = json.loads(base64url.decode(tokens["accessToken"].split(".")[1]))
    return claims


def sessions(client: httpx2.Client, tokens: Mapping[str, Any]) -> dict[str, bool]:
    """The identifiers of a user's sessions, and which is the present one."""
    answer = client.get("/auth/sessions", headers=bearer(tokens))
    return {each["id"]: each["current"] for each in answer.json()["data"]}


def test_a_login_over_planted_cookies_starts_a_session_of_its_own(
    live: LiveServer, client: httpx2.Client, victim: str, new_email: Callable[[], str], ours: dict[str, str]
) -> None:
    """The attacker's cookies are in the victim's browser: they are replaced, and lead to the victim by no way."""
    attacker, before = register(client, new_email()), set(sessions(client, log_in(client, victim)))
    planted = dict(
        zip(NAMES, (attacker["accessToken"], attacker["refreshToken"], attacker["deviceToken"]), strict=True)
    )
    with live.client() as browser:
        header = "; ".join(f"{name}={value}" for name, value in planted.items())
        answer = browser.post(
            "/auth/login?useCookies=true",
            json={"email": victim, "password": PASSWORD},
            headers={**ours, "Cookie": header},
        )
        assert answer.status_code == 200
        given = {name: answer.cookies[name] for name in NAMES}
    assert not set(given.values()) & set(planted.values())

    mine = {"accessToken": given["gatewright_access"]}
    profile = client.get("/users/profile", headers=bearer(mine))
    assert profile.json()["email"] == victim
    assert set(sessions(client, mine)) == {*before, payload(mine)["sid"]}
    assert payload(mine)["sid"] not in {*before, payload(attacker)["sid"]}
    # Whether the attacker's session goes on or not, it is the attacker's.
    again = client.post("/auth/refresh", json={"refreshToken": attacker["refreshToken"]}).json()
    for tokens in (attacker, again):
        if "accessToken" in tokens:
            assert payload(tokens)["sub"] == attacker["user"]["id"]
            assert client.get("/users/profile", headers=bearer(tokens)).json().get("email") != victim


def test_nobody_chooses_the_name_of_a_session(client: httpx2.Client, victim: str) -> None:
    """Identifiers in bodies, queries, headers and cookies are refused or ignored; every login has its own."""
    chosen = "c" * 24
    body = {"email": victim, "password": PASSWORD}
    for name in ("sessionId", "sid", "id", "session_id", "refreshToken", "accessToken"):
        assert client.post("/auth/login", json={**body, name: chosen}).status_code == 422
    query = {"sid": chosen, "sessionId": chosen, "PHPSESSID": chosen}
    headers = {"X-Session-Id": chosen, "Cookie": f"sid={chosen}; sessionId={chosen}; session={chosen}"}
    tokens = client.post("/auth/login", json=body, params=query, headers=headers).json()
    found = sessions(client, tokens)
    assert chosen not in found
    assert len(found) == 2
    assert (
        len({next(each for each, current in sessions(client, log_in(client, victim)).items() if current)} | set(found))
        == 3
    )


def test_a_bearer_at_a_login_is_not_signed_in_further(
    client: httpx2.Client, victim: str, new_email: Callable[[], str]
) -> None:
    """The attacker's access token on the victim's login stays the attacker's, and is no part of what comes of it."""
    attacker = register(client, new_email())
    answer = client.post("/auth/login", json={"email": victim, "password": PASSWORD}, headers=bearer(attacker))
    assert answer.status_code == 200
    assert client.get("/users/profile", headers=bearer(attacker)).json()["email"] != victim
    assert client.get("/users/profile", headers=bearer(answer.json())).json()["email"] == victim


def test_a_planted_device_token_is_continued_for_nobody_else(
    client: httpx2.Client, victim: str, new_email: Callable[[], str]
) -> None:
    """A device token that an attacker planted does not become one of the victim's account."""
    attacker = register(client, new_email())
    body = {"email": victim, "password": PASSWORD, "deviceToken": attacker["deviceToken"]}
    given = client.post("/auth/login", json=body).json()["deviceToken"]
    assert given[8:30] != attacker["deviceToken"][8:30]


def test_a_session_from_before_the_password_changed_is_worth_nothing(client: httpx2.Client, victim: str) -> None:
    """What somebody had planted or copied before: the change keeps the session that it was made in, and no other."""
    planted, mine = log_in(client, victim), log_in(client, victim)
    change = {"currentPassword": PASSWORD, "newPassword": "another attacked passphrase"}
    assert client.post("/auth/password/change", json=change, headers=bearer(mine)).status_code == 200
    assert client.post("/auth/refresh", json={"refreshToken": planted["refreshToken"]}).status_code == 401
    assert client.post("/auth/refresh", json={"refreshToken": mine["refreshToken"]}).status_code == 200
