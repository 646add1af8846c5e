"""The tutorial's calls, in its order and with its words."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from gatewright.testing.clients import AsUser

pytestmark = pytest.mark.both_databases

REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}
CREDENTIALS = {"email": "user@example.com", "password": "securepassword"}


@pytest.fixture
def registered(auth_client: TestClient) -> dict[str, Any]:
    answer = auth_client.post("/auth/register", json=REGISTRATION)
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    return body


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


def test_registering_answers_with_the_user_and_tokens(registered: dict[str, Any]) -> None:
    """Register answers in the tutorial's shape, without the password."""
    user = registered["user"]
    assert user == {
        "id": user["id"],
        "email": "user@example.com",
        "firstName": "John",
        "lastName": "Doe",
        "role": "USER",
    }
    assert registered["tokenType"] == "Bearer"
    assert registered["expiresIn"] == 900


def test_registering_twice_is_refused_in_the_tutorials_words(
    auth_client: TestClient, registered: dict[str, Any]
) -> None:
    """A taken address gets 409, also in another spelling."""
    for email in ("user@example.com", "USER@Example.COM"):
        answer = auth_client.post("/auth/register", json={**REGISTRATION, "email": email})
        assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
        assert answer.json()["detail"] == "User with this email already exists"


def test_a_login_reads_the_profile(auth_client: TestClient, registered: dict[str, Any]) -> None:
    """Login, then the profile with the bearer token."""
    login = auth_client.post("/auth/login", json=CREDENTIALS)
    assert login.status_code == 200
    profile = auth_client.get("/users/profile", headers=bearer(login.json()))
    assert profile.status_code == 200
    assert profile.json() == {
        **registered["user"],
        "isEmailVerified": False,
        "createdAt": profile.json()["createdAt"],
        "updatedAt": profile.json()["updatedAt"],
    }
    assert profile.json()["createdAt"].endswith("Z")


@pytest.mark.parametrize(
    "credentials", [{**CREDENTIALS, "password": "wrong password"}, {**CREDENTIALS, "email": "nobody@example.com"}]
)
def test_wrong_credentials_get_one_answer(
    auth_client: TestClient, registered: dict[str, Any], credentials: dict[str, str]
) -> None:
    """A wrong password and an unknown address are answered alike."""
    answer = auth_client.post("/auth/login", json=credentials)
    body = {**answer.json(), "requestId": ""}
    assert answer.status_code == 401
    assert body == {
        "type": "about:blank",
        "title": "Invalid credentials",
        "status": 401,
        "detail": "Invalid credentials",
        "code": "invalid_credentials",
        "requestId": "",
    }


def test_a_refresh_gives_a_new_pair(auth_client: TestClient, registered: dict[str, Any]) -> None:
    """The new pair works, and the old access token goes on until it expires."""
    answer = auth_client.post("/auth/refresh", json={"refreshToken": registered["refreshToken"]})
    assert answer.status_code == 200
    assert set(answer.json()) == {"accessToken", "refreshToken", "tokenType", "expiresIn"}
    assert answer.json()["refreshToken"] != registered["refreshToken"]
    for tokens in (registered, answer.json()):
        assert auth_client.get("/users/profile", headers=bearer(tokens)).status_code == 200


def test_a_logout_ends_the_session(auth_client: TestClient, registered: dict[str, Any]) -> None:
    """After a logout neither token counts; a second logout, and garbage, are answered alike."""
    for token in (registered["refreshToken"], registered["refreshToken"], "garbage"):
        answer = auth_client.post("/auth/logout", json={"refreshToken": token})
        assert (answer.status_code, answer.json()) == (200, {"message": "Logged out successfully"})
    assert auth_client.get("/users/profile", headers=bearer(registered)).status_code == 401
    refused = auth_client.post("/auth/refresh", json={"refreshToken": registered["refreshToken"]})
    assert (refused.status_code, refused.json()["detail"]) == (401, "Invalid refresh token")


def test_logging_out_everywhere_ends_every_session(auth_client: TestClient, registered: dict[str, Any]) -> None:
    """All sessions end, and the answer counts them."""
    other = auth_client.post("/auth/login", json=CREDENTIALS).json()
    answer = auth_client.post("/auth/logout-all", headers=bearer(registered))
    assert (answer.status_code, answer.json()["revoked"]) == (200, 2)
    assert auth_client.get("/users/profile", headers=bearer(other)).status_code == 401


def test_sessions_are_listed_and_ended(auth_client: TestClient, registered: dict[str, Any], as_user: AsUser) -> None:
    """One sees and ends one's own sessions; somebody else's are not found."""
    other = auth_client.post("/auth/login", json=CREDENTIALS, headers={"User-Agent": "a browser"}).json()
    listed = auth_client.get("/auth/sessions", headers=bearer(registered)).json()["data"]
    assert len(listed) == 2
    second = next(s for s in listed if not s["current"])
    assert as_user().delete(f"/auth/sessions/{second['id']}").status_code == 404
    ended = auth_client.delete(f"/auth/sessions/{second['id']}", headers=bearer(registered))
    assert (ended.status_code, ended.content) == (204, b"")
    assert auth_client.get("/users/profile", headers=bearer(other)).status_code == 401
    assert auth_client.delete(f"/auth/sessions/{second['id']}", headers=bearer(registered)).status_code == 404


def test_the_profile_can_be_changed(as_user: AsUser) -> None:
    """What is sent changes, what is left out stays."""
    client = as_user(first_name="John", last_name="Doe")
    changed = client.patch("/users/profile", json={"firstName": "Jane"})
    assert (changed.status_code, changed.json()["firstName"], changed.json()["lastName"]) == (200, "Jane", "Doe")
    assert client.patch("/users/profile", json={}).json() == changed.json()


def test_a_role_guards_a_route(auth_client: TestClient, as_user: AsUser) -> None:
    """Nobody gets 401, a user 403, an administrator comes in."""
    assert auth_client.get("/admin/stats").status_code == 401
    refused = as_user().get("/admin/stats")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_role")
    assert as_user(role="ADMIN").get("/admin/stats").json() == {"ok": True}


def test_an_optional_user_may_be_nobody_but_not_somebody_false(auth_client: TestClient, as_user: AsUser) -> None:
    """Without credentials there is no user; false ones are refused all the same."""
    client = as_user()
    assert auth_client.get("/maybe").json() == {"id": None}
    assert client.get("/maybe").json() == {"id": client.user["id"]}
    assert auth_client.get("/maybe", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_the_account_has_no_hidden_column(as_user: AsUser) -> None:
    """A route that returns the account by mistake gives no hash away."""
    body = as_user().get("/me").json()
    assert "email" in body
    assert not {"password", "emailKey", "disabledAt"} & set(body)
