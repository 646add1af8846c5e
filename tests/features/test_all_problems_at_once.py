"""One answer names all that is wrong with a body, the password policy's findings among it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from gatewright import Gatewright, Settings
from gatewright.core.tokens import mailed_tokens
from gatewright.features.invitations.mails import INVITATION_TOKEN
from tests.conftest import example_app

pytestmark = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)

BODY = {"email": "ada@example.com", "password": "correct horse battery", "firstName": "Ada", "lastName": "Lovelace"}
# The body of a call that sets a password, and what is wrong with it beside the password.
CASES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("/auth/register", {**BODY, "firstName": "\x01Ada", "email": "nobody"}, {"/firstName", "/email"}),
    ("/auth/register", {"nonsense": 1}, {"/nonsense", "/email", "/firstName", "/lastName"}),
    ("/auth/register", {**BODY, "lastName": "x" * 60_000}, {"/lastName"}),
    ("/auth/password/reset", {}, {"/token"}),
    ("/auth/password/reset", {"token": 5, "nonsense": 1}, {"/token", "/nonsense"}),
    ("/auth/password/change", {}, {"/currentPassword"}),
    ("/auth/password/set", {"nonsense": 1}, {"/nonsense"}),
]
PASSWORDS = {"short": "too_short", "Password123": "password_too_common", "\x07" * 9: "invalid_characters"}
FIELDS = {"/auth/password/change": "newPassword", "/auth/password/set": "newPassword"}


@pytest.fixture
def auth(settings: Settings) -> Gatewright:
    """What the client calls."""
    return Gatewright(settings)


@pytest.fixture
async def client(auth: Gatewright) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that is signed in, where a call asks for that."""
    transport = httpx2.ASGITransport(app=example_app(auth))
    async with auth.lifespan(None), httpx2.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        made = (await client.post("/auth/register", json={**BODY, "email": "signed-in@example.com"})).json()
        client.headers["Authorization"] = f"Bearer {made['accessToken']}"
        yield client


def _found(answer: httpx2.Response) -> dict[str, set[str]]:
    assert answer.status_code == 422, answer.text
    found: dict[str, set[str]] = {}
    for item in answer.json()["errors"]:
        found.setdefault(item["field"], set()).add(item["code"])
    return found


async def test_the_password_is_judged_with_the_rest(client: httpx2.AsyncClient) -> None:
    """Short, common and untypeable ones, next to every other field at fault; a good password is not mentioned."""
    for path, body, beside in CASES:
        field = FIELDS.get(path, "password")
        for password, code in PASSWORDS.items():
            found = _found(await client.post(path, json={**body, field: password}))
            assert set(found) == beside | {f"/{field}"}
            assert code in found[f"/{field}"]
        found = _found(await client.post(path, json={**body, field: "a good passphrase"}))
        assert set(found) == beside


async def test_a_password_made_of_the_name_is_told_beside_a_wrong_address(client: httpx2.AsyncClient) -> None:
    """The names of the same body count, as far as they are texts."""
    body = {**BODY, "email": "nobody", "firstName": "Lovelace", "lastName": 5, "password": "lovelace1"}
    assert _found(await client.post("/auth/register", json=body)) == {
        "/email": {"invalid_email"},
        "/lastName": {"invalid_type"},
        "/password": {"password_contains_identity"},
    }


async def test_a_password_that_is_none_is_told_once(client: httpx2.AsyncClient) -> None:
    """A missing one is required, and one that is no text has the wrong type; the policy has nothing to add."""
    for password, code in (({}, "required"), ({"password": 5}, "invalid_type"), ({"password": None}, "invalid_type")):
        body = {name: value for name, value in BODY.items() if name != "password"}
        found = _found(await client.post("/auth/register", json={**body, "email": "x", **password}))
        assert found == {"/email": {"invalid_email"}, "/password": {code}}


async def test_the_page_of_an_invitation_tells_of_both(client: httpx2.AsyncClient, auth: Gatewright) -> None:
    """A form is a body too."""
    now = auth.context().clock.now()
    token = await auth.database.write(
        lambda tx: mailed_tokens.issue(tx, now, INVITATION_TOKEN, email="new@example.com", suffix="USER")
    )
    form = {"token": token, "password": "short", "firstName": "\x01", "lastName": "Lovelace"}
    answer = await client.post("/auth/pages/invitation", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422
    assert "First name:" in answer.text
    assert "Password:" in answer.text


async def test_a_new_address_has_at_most_64_characters_before_the_at(client: httpx2.AsyncClient) -> None:
    """RFC 5321 section 4.5.3.1.1; of accounts that have a longer one from before, everything goes on working."""
    longest, longer = "a" * 64 + "@example.com", "a" * 65 + "@example.com"
    assert (await client.post("/auth/register", json={**BODY, "email": f" {longest}"})).status_code == 201
    assert _found(await client.post("/auth/register", json={**BODY, "email": longer})) == {"/email": {"invalid_email"}}
    answer = await client.post("/auth/email/change", json={"newEmail": longer})
    assert _found(answer) == {"/newEmail": {"invalid_email"}}
    assert (await client.post("/auth/password/forgot", json={"email": longer})).status_code == 202
    assert (await client.post("/auth/login", json={"email": longer, "password": "x"})).status_code == 401
