"""`POST /auth/introspect`: other services ask whether a token counts, and strangers learn nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright, Settings, SetupError
from gatewright.testing import FakeClock
from gatewright.testing.clients import AsUser, SignedInClient
from tests.conftest import example_app, make_settings

SECRET = "the secret of reports: 0123456789 +/%abc"
OTHER = "the secret of billing: 0123456789 abcdefg"
INACTIVE = {"active": False}


@pytest.fixture
def settings(migrated_url: str) -> Settings:
    return make_settings(
        migrated_url,
        clients={"reports": {"secret": SECRET}, "billing": {"secret": OTHER}},
        roles={"EDITOR": {"permissions": ["posts:write", "posts:read"]}},
    )


@pytest.fixture
def auth_app(settings: Settings) -> FastAPI:
    return example_app(Gatewright(settings))


@pytest.fixture
def ada(as_user: AsUser) -> SignedInClient:
    return as_user(email="ada@example.com", role="EDITOR")


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def ask(client: TestClient, token: str) -> httpx2.Response:
    return client.post("/auth/introspect", data={"token": token}, headers=basic("reports", SECRET))


def token_of(user: SignedInClient) -> str:
    return str(user.tokens["accessToken"])


@pytest.mark.both_databases
def test_a_live_token_is_described(auth_client: TestClient, ada: SignedInClient, auth_clock: FakeClock) -> None:
    """In the words of RFC 7662 and RFC 9068, with the role and permissions of this moment."""
    answer = ask(auth_client, token_of(ada))
    now = int(auth_clock.timestamp())
    body = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert body == {
        "active": True,
        "token_type": "Bearer",
        "iss": "http://localhost:3000",
        "aud": "http://localhost:3000",
        "sub": ada.user["id"],
        "client_id": "gatewright",
        "sid": body["sid"],
        "jti": body["jti"],
        "iat": now,
        "exp": now + 900,
        "auth_time": now,
        "amr": ["pwd"],
        "role": "EDITOR",
        "permissions": ["posts:read", "posts:write"],
    }


def test_a_session_that_has_ended_shows_at_once(
    auth_client: TestClient, ada: SignedInClient, auth_gatewright: Gatewright, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the database, also on a worker that has not heard of it."""
    revocations = auth_gatewright.kernel.revocations
    ada.post("/auth/logout-all")
    monkeypatch.setattr(revocations, "_ended", {})
    monkeypatch.setattr(revocations, "_last_poll_began", float("inf"))
    assert ask(auth_client, token_of(ada)).json() == INACTIVE


def test_what_does_not_count_is_inactive_and_nothing_more(
    auth_client: TestClient, ada: SignedInClient, auth_clock: FakeClock
) -> None:
    """An expired token, a refresh token, garbage and a changed signature look alike."""
    token = token_of(ada)
    for other in (str(ada.tokens["refreshToken"]), "garbage", "a.b.c", token[:-2] + "AA", "\x00", "x" * 10_000, "ü"):
        answer = ask(auth_client, other)
        assert (answer.status_code, answer.json()) == (200, INACTIVE)
    auth_clock.advance(timedelta(minutes=15))
    assert ask(auth_client, token).json() == INACTIVE


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("reports", "wrong"),
        basic("reports", OTHER),
        basic("reports", ""),
        basic("", ""),
        basic("", SECRET),
        basic("nobody", ""),
        basic("REPORTS", SECRET),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
        {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()},
        {"Authorization": f"Bearer {SECRET}"},
    ],
)
def test_a_stranger_learns_nothing(auth_client: TestClient, ada: SignedInClient, headers: dict[str, str]) -> None:
    """Whatever is wrong with the credentials, the answer is the same 401, with how to do it right."""
    answer = auth_client.post("/auth/introspect", data={"token": token_of(ada)}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert SECRET not in answer.text


def test_an_access_token_is_no_clients_credential(ada: SignedInClient) -> None:
    """Users do not introspect."""
    assert ada.post("/auth/introspect", data={"token": token_of(ada)}).status_code == 401


def test_two_credentials_are_none(auth_client: TestClient, ada: SignedInClient) -> None:
    """It would not be clear who asks."""
    twice = [(b"authorization", basic("reports", SECRET)["Authorization"].encode())] * 2
    answer = auth_client.post("/auth/introspect", data={"token": token_of(ada)}, headers=httpx2.Headers(twice))
    assert answer.status_code == 401


def test_a_secret_may_be_percent_encoded(auth_client: TestClient, ada: SignedInClient) -> None:
    """As RFC 6749 section 2.3.1 asks for; `+`, `/` and `%` in a secret come through either way."""
    from urllib.parse import quote_plus

    for secret in (SECRET, quote_plus(SECRET)):
        answer = auth_client.post("/auth/introspect", data={"token": token_of(ada)}, headers=basic("reports", secret))
        assert answer.json()["active"] is True


def test_guesses_are_limited_and_clients_are_not(auth_client: TestClient, ada: SignedInClient) -> None:
    """After thirty wrong ones from an address 429; a right one from the same address gets its answer."""
    wrong = [
        auth_client.post("/auth/introspect", data={"token": "x"}, headers=basic("reports", f"guess {number}"))
        for number in range(31)
    ]
    assert [answer.status_code for answer in wrong] == [401] * 30 + [429]
    assert wrong[-1].headers["Retry-After"]
    assert ask(auth_client, token_of(ada)).json()["active"] is True


def test_a_call_without_a_token_is_refused(auth_client: TestClient) -> None:
    """As a form; JSON is none."""
    empty = ask(auth_client, "")
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "/token")
    as_json = auth_client.post("/auth/introspect", json={"token": "x"}, headers=basic("reports", SECRET))
    assert as_json.status_code == 415
    assert "application/x-www-form-urlencoded" in as_json.json()["detail"]


def test_nobody_may_ask_where_no_client_is_set(migrated_url: str) -> None:
    """The default."""
    with TestClient(example_app(Gatewright(make_settings(migrated_url)))) as client:
        assert client.post("/auth/introspect", data={"token": "x"}, headers=basic("", "")).status_code == 401


def test_production_refuses_a_weak_secret(migrated_url: str) -> None:
    """Whoever guesses it can ask about every token that comes by."""
    given = {"environment": "production", "public_url": "https://example.com", "mail_url": "smtp://mail.example.com"}
    with pytest.raises(SetupError, match="GATEWRIGHT_CLIENTS__REPORTS__SECRET is shorter than 32 bytes") as refused:
        Gatewright(make_settings(migrated_url, **given, clients={"reports": {"secret": "letmein"}}))
    assert "letmein" not in str(refused.value)


@pytest.fixture
def stopped(auth_client: TestClient, auth_gatewright: Gatewright) -> Iterator[None]:
    """The database answers no more."""
    from gatewright import Unavailable

    async def gone(_: object) -> None:
        raise Unavailable

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth_gatewright.database, "read", gone)
        yield


def test_without_the_database_nothing_is_said(auth_client: TestClient, ada: SignedInClient, stopped: None) -> None:
    """Neither active nor inactive would be known to be true."""
    assert ask(auth_client, token_of(ada)).status_code == 503
