"""This year's advisories about systems like this one, replayed: each test names the one that it comes from.

Those about reading tokens are in `test_token_advisories`. What is about signing in with somebody else, which is not
built yet, waits for it: the provider's half of CVE-2026-53516 (an unverified local address is not linked), of
CVE-2026-121802 (the state is made here, and bound to the browser), and of CVE-2026-67336 (PKCE is S256, nothing else).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from gatewright import Gatewright, Settings, SetupError
from gatewright.addresses import parse_address
from gatewright.core import base64url
from gatewright.core.keys.public_keys import read_jwks
from gatewright.core.keys.ring import SigningKey
from gatewright.features.admin import service as admin
from gatewright.features.users.errors import EmailTaken
from gatewright.storage.rows import Row
from gatewright.testing.clients import PASSWORD, AsUser, SignedInClient
from gatewright.testing.mails import CapturedMails, SentMail
from tests.attacks.mailed import not_me_token
from tests.attacks.test_token_confusion import opened
from tests.conftest import make_settings

ADVISORIES = {
    "CVE-2025-61928",
    "CVE-2026-27962",
    "CVE-2026-28802",
    "CVE-2026-48526",
    "CVE-2026-53516",
    "CVE-2026-67333",
    "CVE-2026-67336",
    "CVE-2026-75509",
    "CVE-2026-102946",
    "CVE-2026-121802",
}
"""Those that must not be repeated here."""

VICTIM, STRANGER = "victim@example.com", "stranger@example.com"
CHOSEN = "chosen-by-the-caller"
OWNERS = "the owner's passphrase"
NAMES_OF_A_USER = ("userId", "user_id", "user", "id", "sub", "accountId", "ownerId", "authorId")


@pytest.fixture
def settings(sqlite_template_copy: Path) -> Settings:
    """The network and the database have no part in any of this."""
    return make_settings(f"sqlite:///{sqlite_template_copy}", rate_limit_enabled=False)


@pytest.fixture
def victim(as_user: AsUser) -> SignedInClient:
    return as_user(email=VICTIM)


def register(client: TestClient, email: str, **more: Any) -> httpx2.Response:
    names = {"firstName": "Test", "lastName": "User"}
    return client.post("/auth/register", json={"email": email, "password": PASSWORD, **names, **more})


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# The list.


def test_every_advisory_is_replayed() -> None:
    """None is forgotten, and no test names another."""
    files = [Path(__file__), Path(__file__).with_name("test_token_advisories.py")]
    found = (
        each
        for path in files
        for each in re.finditer(r"^(?:async )?def test_cve_(\d{4})_(\d+)_", path.read_text("utf-8"), re.M)
    )
    assert {f"CVE-{each[1]}-{each[2]}" for each in found} == ADVISORIES


# Who acts is said by the session, never by the request.


def test_cve_2025_61928_nobody_acts_for_the_user_whom_a_request_names(
    auth_client: TestClient, auth_gatewright: Gatewright, as_user: AsUser, victim: SignedInClient
) -> None:
    """better-auth made API keys for whichever `userId` stood in the body, also for somebody who was not signed in."""
    user_id = victim.user["id"]
    named = dict.fromkeys(NAMES_OF_A_USER, user_id)
    before = _rows_of(auth_client, auth_gatewright, user_id)
    calls = _calls_of(auth_gatewright)
    assert len(calls) > 20
    for call in calls:
        # Somebody else for each call: some of these end the caller's session, or the account.
        for caller in (auth_client, as_user()):
            asks: dict[str, Any] = {"params": named, "headers": {"X-User-Id": user_id}}
            usual = caller.request(call.method, call.path, json=call.body, **asks)
            also = caller.request(call.method, call.path, json=None if call.body is None else named, **asks)
            assert VICTIM not in usual.text + also.text
            if call.is_guarded and caller is auth_client:
                assert {usual.status_code, also.status_code} <= {401, 422}, call
            elif call.body is not None:
                unknown = {each["field"] for each in also.json()["errors"] if each["code"] == "unknown_field"}
                assert unknown == {f"/{name}" for name in named}, call
    assert _rows_of(auth_client, auth_gatewright, user_id) == before


def test_cve_2025_61928_a_form_that_names_a_user_signs_in_whose_password_it_holds(
    auth_client: TestClient, as_user: AsUser, victim: SignedInClient
) -> None:
    """Forms take more fields than they know (RFC 6749 section 3.2), and do nothing with them."""
    stranger = as_user(email=STRANGER)
    form = {"grant_type": "password", "username": STRANGER, "password": PASSWORD}
    named = dict.fromkeys(NAMES_OF_A_USER, victim.user["id"])
    answer = auth_client.post("/auth/token", data={**named, **form})
    assert opened(answer.json()["access_token"])[1]["sub"] == stranger.user["id"]


@dataclass(frozen=True)
class Call:
    """A call that the server has, with a body that it takes; None where it takes no JSON."""

    method: str
    path: str
    body: dict[str, str] | None
    is_guarded: bool


USUAL = {
    "email": "new@example.com",
    "password": PASSWORD,
    "firstName": "Mallory",
    "lastName": "Stranger",
    "currentPassword": PASSWORD,
    "newPassword": OWNERS,
    "newEmail": "newer@example.com",
    "refreshToken": "x",
    "token": "x",
}


def _calls_of(auth: Gatewright) -> list[Call]:
    host = FastAPI()
    auth.install(host)
    document = host.openapi()
    return [
        Call(method, path.format(session_id="x"), _body_for(document, message), "security" in message)
        for path, of in document["paths"].items()
        for method, message in of.items()
    ]


def _body_for(document: dict[str, Any], message: dict[str, Any]) -> dict[str, str] | None:
    content = message.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    name = str(content["application/json"]["schema"].get("$ref", "")).rpartition("/")[2]
    properties = document["components"]["schemas"].get(name, {}).get("properties", {})
    return {each: USUAL[each] for each in properties if each in USUAL}


def _rows_of(client: TestClient, auth: Gatewright, user_id: str) -> list[list[Row]]:
    def work(tx: Any) -> list[list[Row]]:
        user, own = tx.table("User"), [tx.table(name) for name in ("RefreshToken", "EmailVerification")]
        rows = [tx.all(select(user).where(user.c.id == user_id))]
        return rows + [tx.all(select(table).where(table.c.user_id == user_id)) for table in own]

    assert client.portal is not None
    return client.portal.call(auth.database.read, work)


# Whoever proves an address gets nobody else along with it.


def _by_reset(client: TestClient, mails: CapturedMails, _first: SentMail) -> None:
    client.post("/auth/password/forgot", json={"email": VICTIM})
    body = {"token": mails.to(VICTIM)[-1].token, "password": OWNERS}
    assert client.post("/auth/password/reset", json=body).status_code == 200


def _by_not_me(client: TestClient, mails: CapturedMails, first: SentMail) -> None:
    assert client.post("/auth/not-me", json={"token": not_me_token(first)}).status_code == 200


@pytest.mark.parametrize("way", [_by_reset, _by_not_me])
def test_cve_2026_53516_who_was_there_first_does_not_share_the_account(
    auth_client: TestClient, auth_mails: CapturedMails, way: Callable[[TestClient, CapturedMails, SentMail], None]
) -> None:
    """A stranger registers the victim's address and waits: the victim's proof ends all that the stranger had.

    In the advisory the proof was a provider's; that one waits for social login. The link "Confirm your address" is no
    such proof: it says whose account it confirms, and has "this wasn't me" beside it.
    """
    early = register(auth_client, VICTIM).json()
    bearer = {"Authorization": f"Bearer {early['accessToken']}"}
    (first,) = auth_mails.to(VICTIM)
    auth_client.post("/auth/email/change", json={"newEmail": STRANGER}, headers=bearer)
    (change,) = auth_mails.to(STRANGER)
    way(auth_client, auth_mails, first)
    assert auth_client.get("/users/profile", headers=bearer).status_code == 401
    assert auth_client.post("/auth/refresh", json={"refreshToken": early["refreshToken"]}).status_code == 401
    login = {"email": VICTIM, "password": PASSWORD, "deviceToken": early["deviceToken"]}
    assert code(auth_client.post("/auth/login", json=login)) == (401, "invalid_credentials")
    assert auth_client.post("/auth/email/change/confirm", json={"token": change.token}).status_code == 400
    _by_reset(auth_client, auth_mails, first)
    assert auth_client.post("/auth/login", json={"email": VICTIM, "password": OWNERS}).status_code == 200


async def test_cve_2026_53516_an_invitation_is_not_linked_to_an_account_that_is_there(
    settings: Settings, sqlite_template_copy: Path
) -> None:
    """It gives its role to an account that it makes; a stranger who registers its address before gets nothing."""
    mails = CapturedMails()
    auth = Gatewright(settings, mail_sender=mails)
    host = FastAPI()
    auth.install(host)
    async with (
        auth.lifespan(None),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(host), base_url="http://localhost:3000") as client,
    ):
        await admin.invite(auth.context(), parse_address(VICTIM), "ADMIN")
        while await auth.deliveries.deliver_due():
            pass
        (invitation,) = mails.to(VICTIM)
        body = {"email": VICTIM, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
        early = (await client.post("/auth/register", json=body)).json()
        redeemed = await client.post("/auth/register", json={**body, "inviteToken": invitation.token})
        assert code(redeemed) == (409, "email_taken")
        with pytest.raises(EmailTaken):
            await admin.invite(auth.context(), parse_address(VICTIM), "ADMIN")
        bearer = {"Authorization": f"Bearer {early['accessToken']}"}
        profile = (await client.get("/users/profile", headers=bearer)).json()
    assert (profile["role"], profile["isEmailVerified"]) == ("USER", False)


# What is signed here was made here.


def test_cve_2026_121802_no_token_says_what_the_caller_chose(auth_client: TestClient, victim: SignedInClient) -> None:
    """A state that callers could choose was signed for them. Nothing of a request is in a token that we make."""
    extra = dict.fromkeys(("state", "nonce", "scope", "audience", "client_id", "redirect_uri", "role", "sid"), CHOSEN)
    headers = dict.fromkeys(("X-Request-Id", "User-Agent", "Referer", "X-Forwarded-Host", "State"), CHOSEN)
    form = {"grant_type": "password", "username": VICTIM, "password": PASSWORD, **extra}
    login = {"email": VICTIM, "password": PASSWORD, "deviceToken": CHOSEN}
    by_form = auth_client.post("/auth/token", data=form, params=extra, headers=headers).json()
    by_body = auth_client.post("/auth/login", json=login, params=extra, headers=headers).json()
    usual = opened(victim.tokens["accessToken"])[1]
    for token in (by_form["access_token"], by_body["accessToken"]):
        claims = opened(token)[1]
        assert claims.keys() == usual.keys()
        same = ("iss", "aud", "client_id", "sub", "role", "amr")
        assert {name: claims[name] for name in same} == {name: usual[name] for name in same}
    opaque = (by_form["refresh_token"], by_body["refreshToken"], by_body["deviceToken"])
    for text in (*opaque, json.dumps([opened(by_form["access_token"])[:2], opened(by_body["accessToken"])[:2]])):
        plain = base64url.decode(text[4:]) if text.startswith("gw") else text.encode()
        assert CHOSEN.encode() not in plain


def test_cve_2026_121802_a_device_that_the_caller_made_up_is_not_signed_on(
    auth_client: TestClient, as_user: AsUser, victim: SignedInClient
) -> None:
    """A login continues the device whose credential counts for that account, and no other."""
    stranger = as_user(email=STRANGER)
    foreign = stranger.tokens["deviceToken"]
    own = victim.tokens["deviceToken"]
    made_up = _device(own, bytes(16))
    assert _device_after(auth_client, own) == _device_of(own)
    for given in (made_up, foreign, _device(foreign, _device_of(own))):
        assert _device_after(auth_client, given) not in (_device_of(given), _device_of(own))


def _device_after(client: TestClient, device_token: str) -> bytes:
    body = {"email": VICTIM, "password": PASSWORD, "deviceToken": device_token}
    return _device_of(client.post("/auth/login", json=body).json()["deviceToken"])


def _device_of(token: str) -> bytes:
    return base64url.decode(token[4:])[5:21]


def _device(token: str, identifier: bytes) -> str:
    raw = base64url.decode(token[4:])
    return f"gwd_{base64url.encode(raw[:5] + identifier + raw[21:])}"


def test_cve_2026_121802_no_mail_leads_where_the_caller_chose(
    auth_client: TestClient, auth_mails: CapturedMails
) -> None:
    """Neither by a parameter nor by a header, and a link holds its token and nothing else."""
    extra = dict.fromkeys(("next", "redirectTo", "callbackURL", "state", "link"), f"https://{CHOSEN}.example")
    headers = dict.fromkeys(("X-Forwarded-Host", "X-Original-Host", "Origin", "Referer"), f"{CHOSEN}.example")
    registered = auth_client.post(
        "/auth/register",
        json={"email": VICTIM, "password": PASSWORD, "firstName": "Test", "lastName": "User"},
        params=extra,
        headers=headers,
    )
    bearer = {"Authorization": f"Bearer {registered.json()['accessToken']}", **headers}
    for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
        auth_client.post(path, json={"email": VICTIM}, params=extra, headers=headers)
    auth_client.post("/auth/email/change", json={"newEmail": STRANGER}, params=extra, headers=bearer)
    mails = auth_mails.all
    assert len(mails) >= 4
    link = re.compile(r"http://localhost:3000/auth/pages/[a-z-]+\?token=[\w-]{43}")
    for mail in mails:
        assert CHOSEN not in mail.text + mail.html
        assert all(link.fullmatch(each) for each in mail.links)


# What a server lets itself be set to.


@pytest.mark.parametrize("none", ["none", "None", "NONE", "nOnE", "", " none", "HS256,none", "ES256,none"])
def test_cve_2026_67336_none_is_no_algorithm(sqlite_template_copy: Path, none: str) -> None:
    """Neither as a setting, nor as a key of ours, nor as one that is published to a `Verifier`."""
    with pytest.raises(SetupError, match="signing_algorithm"):
        make_settings(f"sqlite:///{sqlite_template_copy}", signing_algorithm=none)
    private = json.loads(SigningKey.generate("ES256").to_json())
    with pytest.raises(SetupError):
        SigningKey.from_json(json.dumps({**private, "alg": none}).encode())
    public = {"kid": "1", "alg": none, "use": "sig"}
    for key in ({"kty": "oct", "k": ""}, {"kty": "oct", "k": "AAAA"}, SigningKey.generate("ES256").public_jwk()):
        assert read_jwks(json.dumps({"keys": [{**(key or {}), **public}]}).encode()) == {}


@pytest.mark.parametrize("method", ["plain", "none", "S256"])
def test_cve_2026_67336_there_is_no_exchange_yet_to_weaken(
    auth_client: TestClient, victim: SignedInClient, method: str
) -> None:
    """A code with a plain verifier, or with none, buys nothing; which exchange there will be is S256 only."""
    for grant in ("authorization_code", "client_credentials", "none", "implicit"):
        form = {"grant_type": grant, "code": "x", "code_verifier": "x" * 43, "code_challenge_method": method}
        answer = auth_client.post("/auth/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "scheme", ["javascript", "JavaScript", "data", "vbscript", "blob", "filesystem", "file", "about", "view-source"]
)
@pytest.mark.parametrize("rest", [":alert(1)", "://app.example/%0aalert(1)", "://app.example"])
def test_cve_2026_67333_no_setting_sends_a_browser_to_a_script(
    sqlite_template_copy: Path, scheme: str, rest: str
) -> None:
    """Also with a host in it: the `//` of `javascript://app.example/%0aalert(1)` is a comment, which the line ends."""
    for setting in ("redirect_urls", "mail_link_base", "public_url"):
        for written in (f"{scheme}{rest}", f"\t{scheme}{rest}", f"{scheme[:4]}\n{scheme[4:]}{rest}"):
            with pytest.raises(SetupError, match=setting):
                make_settings(f"sqlite:///{sqlite_template_copy}", **{setting: written})
    with pytest.raises(SetupError, match="redirect_urls"):
        make_settings(f"sqlite:///{sqlite_template_copy}", redirect_urls=f"https://app.example/x,{scheme}{rest}")
