"""A second factor that a feature brings, as one folder and its registration, is asked for by every way to sign in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from gatewright import Gatewright, Settings
from gatewright.core.context import Context
from gatewright.features.admin import service as admin
from gatewright.features.email_verification import service as addresses
from gatewright.features.password import replacing
from gatewright.features.privacy import service as privacy
from gatewright.selection import FEATURES
from gatewright.testing import AsUser, FakeClock, SignedInClient
from gatewright.testing.clients import PASSWORD
from gatewright.testing.mails import CapturedMails
from tests.conftest import example_app
from tests.features.login import word

EMAIL, SECRET_WORD = "user@example.com", "swordfish"
OTHER_PASSWORD = "another good passphrase"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def migrated_url(sqlite_template_copy: object) -> str:
    """One database is enough: `tests/attacks/test_challenge_races.py` has the statements on both."""
    return f"sqlite:///{sqlite_template_copy}"


@pytest.fixture
def auth_app(settings: Settings) -> FastAPI:
    """An app with the feature registered."""
    return example_app(Gatewright(settings, features=(*FEATURES, word.FEATURE)))


@pytest.fixture
def user(as_user: AsUser, auth_gatewright: Gatewright) -> SignedInClient:
    """A user who signed in before their account had a second factor."""
    signed_in = as_user(email=EMAIL)
    run(signed_in, lambda: word.WORD.enrol(auth_gatewright.context(), signed_in.user["id"], SECRET_WORD))
    return signed_in


@pytest.fixture
def client(user: SignedInClient) -> TestClient:
    """A client that is not signed in."""
    fresh = TestClient(user.app, base_url=str(user.base_url))
    fresh.portal = user.portal
    return fresh


def run(client: TestClient, work: Callable[[], Awaitable[Any]]) -> Any:
    assert client.portal is not None
    return client.portal.call(work)


def log_in(client: TestClient, password: str = PASSWORD, *, path: str = "/auth/login", **more: Any) -> httpx2.Response:
    answer: httpx2.Response = client.post(path, json={"email": EMAIL, "password": password, **more})
    return answer


def challenge(client: TestClient, **more: Any) -> str:
    answer = log_in(client, **more)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["mfaToken"])


def verify(client: TestClient, token: str | None, code: str = SECRET_WORD, **more: Any) -> httpx2.Response:
    body = {"method": "word", "code": code, **({} if token is None else {"mfaToken": token}), **more}
    answer: httpx2.Response = client.post("/auth/mfa/verify", json=body)
    return answer


def outcome(answer: httpx2.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def report(client: TestClient, access_token: str) -> Any:
    return client.get("/reports", headers={"Authorization": f"Bearer {access_token}"}).json()


def test_a_login_by_password_asks_for_it(client: TestClient) -> None:
    """And gives tokens only for a right answer; the session is of both factors."""
    asked = log_in(client)
    assert asked.status_code == 202
    assert asked.json() == {
        "mfaToken": asked.json()["mfaToken"],
        "methods": ["word"],
        "enrol": [],
        "expiresIn": 300,
    }
    assert asked.headers["Cache-Control"] == "no-store"
    assert "set-cookie" not in asked.headers
    done = verify(client, asked.json()["mfaToken"])
    assert done.status_code == 200
    assert done.json().keys() == {"user", "accessToken", "refreshToken", "tokenType", "expiresIn", "deviceToken"}
    assert report(client, done.json()["accessToken"])["amr"] == ["pwd", "otp", "mfa"]


def test_a_credential_may_answer_in_the_place_of_a_code(client: TestClient) -> None:
    """For factors that are no codes, such as passkeys."""
    body = {"mfaToken": challenge(client), "method": "word", "credential": {"word": SECRET_WORD}}
    assert client.post("/auth/mfa/verify", json=body).status_code == 200


def test_an_account_without_one_is_not_asked(client: TestClient, as_user: AsUser) -> None:
    """The factor of another account asks nothing of it."""
    as_user(email="other@example.com")
    answer = client.post("/auth/login", json={"email": "other@example.com", "password": PASSWORD})
    assert answer.status_code == 200


def test_the_token_form_asks_for_it(client: TestClient) -> None:
    """In the shape of RFC 6749 section 5.2; the answer goes to the same address as any."""
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    asked = client.post("/auth/token", data=form)
    assert (asked.status_code, asked.json()["error"]) == (400, "mfa_required")
    assert "access_token" not in asked.json()
    assert verify(client, asked.json()["mfa_token"]).status_code == 200


def change_email(client: TestClient) -> int:
    return client.post("/auth/email/change", json={"newEmail": "new@example.com"}).status_code


def test_reauthentication_asks_for_it(user: SignedInClient, auth_clock: FakeClock) -> None:
    """The answer renews the same session, and its refresh token stays."""
    auth_clock.advance(301)
    asked = user.post("/auth/reauthenticate", json={"password": PASSWORD})
    assert asked.status_code == 202
    assert change_email(user) == 403
    session = report(user, user.tokens["accessToken"])["session"]
    done = verify(user, asked.json()["mfaToken"])
    assert (done.status_code, done.json().keys()) == (200, {"accessToken", "tokenType", "expiresIn"})
    renewed = report(user, done.json()["accessToken"])
    assert (renewed["session"], renewed["amr"]) == (session, ["pwd", "otp", "mfa"])
    user.headers["Authorization"] = f"Bearer {done.json()['accessToken']}"
    assert change_email(user) == 202
    assert user.post("/auth/refresh", json={"refreshToken": user.tokens["refreshToken"]}).status_code == 200


def test_reauthentication_by_a_mailed_code_asks_for_it(
    user: SignedInClient, auth_gatewright: Gatewright, auth_mails: CapturedMails
) -> None:
    """A mailed code is a first proof as a password is."""
    remove = update(auth_gatewright.database.schema["User"]).values(password=None)
    run(user, lambda: auth_gatewright.database.write(lambda tx: tx.run(remove)))
    assert user.post("/auth/reauthenticate", json={}).status_code == 202
    asked = user.post("/auth/reauthenticate", json={"code": auth_mails.to(EMAIL)[-1].code})
    assert (asked.status_code, asked.json()["methods"]) == (202, ["word"])
    assert verify(user, asked.json()["mfaToken"]).status_code == 200


def test_with_cookies_the_token_is_in_one(client: TestClient, auth_gatewright: Gatewright) -> None:
    """No script reads it, in the body it counts for nothing, and the session's tokens go into cookies too."""
    client.headers.update(OWN_PAGE)
    asked = log_in(client, path="/auth/login?useCookies=true")
    assert (asked.status_code, asked.json().keys()) == (202, {"methods", "enrol", "expiresIn"})
    name = auth_gatewright.cookies.challenge
    assert asked.headers["set-cookie"].startswith(f"{name}=")
    assert "HttpOnly" in asked.headers["set-cookie"]
    token = client.cookies[name]
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")
    done = verify(client, None)
    assert (done.status_code, done.json().keys()) == (200, {"user", "expiresIn"})
    assert {auth_gatewright.cookies.access, auth_gatewright.cookies.refresh} <= set(client.cookies)
    assert name not in client.cookies


def test_a_token_of_the_body_counts_in_no_cookie(client: TestClient, auth_gatewright: Gatewright) -> None:
    """A challenge is answered the way that it was asked."""
    client.headers.update(OWN_PAGE)
    client.cookies.set(auth_gatewright.cookies.challenge, challenge(client))
    assert outcome(verify(client, None)) == (401, "invalid_mfa_token")


def test_no_other_site_answers_by_the_cookie(client: TestClient) -> None:
    """The browser sends it by itself."""
    client.headers.update(OWN_PAGE)
    log_in(client, path="/auth/login?useCookies=true")
    client.headers["Sec-Fetch-Site"] = "cross-site"
    assert outcome(verify(client, None)) == (403, "cross_site_request")


def test_a_challenge_succeeds_once(client: TestClient) -> None:
    """A second right answer gets nothing."""
    token = challenge(client)
    assert verify(client, token).status_code == 200
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")


def test_four_wrong_answers_leave_it_usable(client: TestClient) -> None:
    """People mistype."""
    token = challenge(client)
    assert [outcome(verify(client, token, "wrong")) for _ in range(4)] == [(401, "invalid_code")] * 4
    assert verify(client, token).status_code == 200


def test_the_fifth_wrong_answer_voids_it(client: TestClient) -> None:
    """It is the challenge that ends, and not the account."""
    token = challenge(client)
    assert [outcome(verify(client, token, "wrong")) for _ in range(5)] == [(401, "invalid_code")] * 5
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")
    assert log_in(client).status_code == 202


def test_it_can_be_answered_for_five_minutes(client: TestClient, auth_clock: FakeClock) -> None:
    """And not a moment longer."""
    first, second = challenge(client), challenge(client)
    auth_clock.advance(299)
    assert verify(client, first).status_code == 200
    auth_clock.advance(1)
    assert outcome(verify(client, second)) == (401, "invalid_mfa_token")


async def set_password(context: Context, user_id: str) -> None:
    await admin.set_password(context, EMAIL, OTHER_PASSWORD)


async def disable(context: Context, user_id: str) -> None:
    await admin.disable(context, EMAIL, reason="a test")
    await admin.enable(context, EMAIL)


async def erase(context: Context, user_id: str) -> None:
    await privacy.erase(context, user_id)


async def enrol_another(context: Context, user_id: str) -> None:
    await word.WORD.enrol(context, user_id, SECRET_WORD)


@pytest.mark.parametrize("change", [set_password, disable, erase, enrol_another])
def test_a_change_of_the_account_ends_it(
    client: TestClient,
    user: SignedInClient,
    auth_gatewright: Gatewright,
    change: Callable[[Context, str], Awaitable[None]],
) -> None:
    """Of the password, of the factors, disabling or erasing it: no half of a login outlives what was proved."""
    token = challenge(client)
    run(client, lambda: change(auth_gatewright.context(), user.user["id"]))
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")
    challenges = select(auth_gatewright.database.schema["gatewright_login_challenges"])
    assert run(client, lambda: auth_gatewright.database.read(lambda tx: tx.all(challenges))) == []


def test_a_new_address_ends_it(
    client: TestClient, user: SignedInClient, auth_gatewright: Gatewright, auth_mails: CapturedMails
) -> None:
    """The address is half of what the first proof was made with."""
    token = challenge(client)
    assert change_email(user) == 202
    mailed = auth_mails.to("new@example.com")[-1].token
    run(client, lambda: addresses.confirm_change(auth_gatewright.context(), mailed))
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")


def test_a_reset_ends_it_and_does_not_skip_the_factor(
    client: TestClient, auth_gatewright: Gatewright, auth_mails: CapturedMails
) -> None:
    """A mailbox is no second factor."""
    token = challenge(client)
    client.post("/auth/password/forgot", json={"email": EMAIL})
    mailed = [mail for mail in auth_mails.to(EMAIL) if "Set a new password" in mail.subject][-1].token
    run(client, lambda: replacing.reset(auth_gatewright.context(), mailed, OTHER_PASSWORD))
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")
    assert log_in(client, OTHER_PASSWORD).status_code == 202


def test_a_right_password_gives_no_new_guesses(client: TestClient, auth_clock: FakeClock) -> None:
    """Wrong answers have a delay of their own, which another first proof does not end; the right answer does."""
    token = challenge(client)
    for _ in range(5):
        verify(client, token, "wrong")
    assert outcome(verify(client, challenge(client))) == (429, "rate_limited")
    auth_clock.advance(60)
    assert verify(client, challenge(client)).status_code == 200


def test_the_token_is_no_other_token(client: TestClient) -> None:
    """Neither a bearer nor a refresh token."""
    token = challenge(client)
    bearer = client.get("/users/profile", headers={"Authorization": f"Bearer {token}"})
    assert outcome(bearer) == (401, "invalid_token")
    assert outcome(client.post("/auth/refresh", json={"refreshToken": token})) == (401, "invalid_refresh_token")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"method": "word", "code": "x"}, "/mfaToken"),
        ({"mfaToken": "x", "method": "carrier-pigeon", "code": "x"}, "/method"),
        ({"mfaToken": "x", "method": "word"}, ""),
        ({"mfaToken": "x", "method": "word", "code": "x", "credential": {}}, ""),
    ],
)
def test_an_answer_that_lacks_something_is_refused(client: TestClient, body: dict[str, Any], pointer: str) -> None:
    """With the place of the problem."""
    answer = client.post("/auth/mfa/verify", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, pointer)


@pytest.mark.parametrize("token", ["", "x", "\u00e9\u0000", "x" * 5000])
def test_a_token_that_is_none_is_refused(client: TestClient, token: str) -> None:
    """Whatever it holds."""
    assert outcome(verify(client, token)) == (401, "invalid_mfa_token")


def test_challenges_that_are_over_are_removed(
    client: TestClient, auth_gatewright: Gatewright, auth_clock: FakeClock
) -> None:
    """By housekeeping, as every row that has served."""
    challenge(client)
    auth_clock.advance(300)
    run(client, auth_gatewright._housekeeping.sweep)
    challenges = select(auth_gatewright.database.schema["gatewright_login_challenges"])
    assert run(client, lambda: auth_gatewright.database.read(lambda tx: tx.all(challenges))) == []


def test_without_a_factor_there_is_nothing_to_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is there only where a feature brings a factor."""
    with TestClient(example_app(Gatewright(settings))) as plain:
        assert plain.post("/auth/mfa/verify", json={}).status_code == 404
