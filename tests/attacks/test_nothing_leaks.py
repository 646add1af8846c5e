"""Everything that a whole run wrote, but for the mails: no secret, no password and no token that counts is in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import MetaData, select

from gatewright.core import base64url
from gatewright.storage.database import Transaction
from tests.attacks.conftest import migrated_copy
from tests.attacks.mailed import CHANGE, RESET, VERIFY, Mailed, not_me_token, tokens_of
from tests.live import PASSWORD, SECRET, LiveServer, bearer, until
from tests.smtp import mail_server

pytestmark = pytest.mark.both_databases

NEW, FINAL = "another attacked passphrase", "the last attacked passphrase"
WRONG = "a wrong attacked passphrase"


class Run:
    """A server on which everything is done, and all that it answered."""

    def __init__(self, mailed: Mailed, client: httpx2.Client, folder: Path) -> None:
        self.mailed, self.client, self.folder = mailed, client, folder
        self.secrets: dict[str, str] = {"SECRET": SECRET}
        """What nobody may find, by what it is."""
        self.errors: list[str] = []

    def knows(self, what: str, *values: str) -> None:
        """Remember what is secret."""
        for number, value in enumerate(values):
            self.secrets[f"{what} {number}"] = value

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Make a call; its body. What an error says is kept."""
        answer = self.client.request(method, path, **options)
        if answer.status_code >= 400:
            # A form that comes back with what was wrong has to hold its token.
            text = re.sub('name="token" value="[^"]*"', "", answer.text)
            self.errors.append(f"{answer.status_code} {answer.headers} {text}")
        body = answer.json() if answer.headers.get("Content-Type", "").endswith("json") else {}
        if isinstance(body, dict):
            self.knows(f"tokens of {path} {len(self.secrets)}", *tokens_of(body))
        return body


@pytest.fixture(params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    with mail_server() as mails, migrated_copy(request, request.param, tmp_path) as url:
        server = LiveServer(url, tmp_path, MAIL_URL=mails.url)
        server.start()
        try:
            with server.client() as client:
                yield Run(Mailed(server, mails), client, tmp_path)
        finally:
            server.stop()


def everything(run: Run, email: str, new_email: Callable[[], str]) -> None:
    """Every call with a secret in it, done rightly and wrongly."""
    mailed = run.mailed
    names = {"firstName": "Test", "lastName": "User"}
    tokens = run.call("POST", "/auth/register", json={"email": email, "password": PASSWORD, **names})
    run.call("POST", "/auth/register", json={"email": email, "password": PASSWORD, **names})
    run.call("POST", "/auth/register", json={"email": PASSWORD, "password": PASSWORD, **names})
    confirm = mailed.wait(email, VERIFY)[0]
    run.knows("links", confirm.token, not_me_token(confirm))
    for body in ({"email": email, "password": PASSWORD}, {"email": email, "password": WRONG}, {"email": PASSWORD}):
        run.call("POST", "/auth/login", json=body)
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    granted = run.call("POST", "/auth/token", data=form)
    run.knows("tokens of the form", granted["access_token"], granted["refresh_token"])
    run.call("POST", "/auth/token", data={**form, "password": WRONG})
    spent = tokens["refreshToken"]
    for _ in range(2):
        tokens |= run.call("POST", "/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
    signed_in = bearer(tokens)
    run.call("POST", "/auth/reauthenticate", json={"password": PASSWORD}, headers=signed_in)
    run.call("POST", "/auth/reauthenticate", json={"password": WRONG}, headers=signed_in)
    run.call("POST", "/auth/reauthenticate", json={"code": "12345678"}, headers=signed_in)
    run.call("POST", "/auth/email/change", json={"newEmail": (new := new_email())}, headers=signed_in)
    run.knows("link to a new address", mailed.wait(new, CHANGE)[0].token)
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    run.call("POST", "/auth/password/change", json={**change, "currentPassword": WRONG}, headers=signed_in)
    run.call("POST", "/auth/password/change", json=change, headers=signed_in)
    run.call("GET", "/users/profile/export", headers=signed_in)
    token = mailed.reset_token(run.client, email)
    live = mailed.reset_token(run.client, email)
    run.knows("links for a password", token, live)
    run.call("POST", "/auth/password/reset", json={"token": token, "password": email})
    run.call("POST", f"/auth/pages/reset-password?token={token}", data={"token": token, "password": "short"})
    run.call("GET", f"/auth/pages/reset-password?token={live}")
    run.call("POST", "/auth/pages/reset-password", data={"token": token, "password": FINAL})
    run.call("POST", "/auth/pages/verify-email", data={"token": token})
    run.call("POST", "/auth/verify-email", json={"token": f"{live}x"})
    run.call("POST", "/auth/refresh", json={"refreshToken": spent})
    run.call("POST", f"/auth/{live}")
    run.call("DELETE", f"/auth/sessions/{spent}", headers=bearer(granted | {"accessToken": granted["access_token"]}))
    last = run.call("POST", "/auth/login", json={"email": email, "password": FINAL})
    run.knows("a link that waits", mailed.reset_token(run.client, email))
    mailed.mails.mood = "busy"
    run.call("POST", "/auth/email/change", json={"newEmail": new_email()}, headers=bearer(last))
    run.client.post("/auth/password/forgot", json={"email": email})
    run.knows("passwords", PASSWORD, NEW, FINAL, WRONG)


async def test_nothing_that_was_written_holds_a_secret(run: Run, email: str, new_email: Callable[[], str]) -> None:
    """Every table, every file, the log and every error answer; in plain, and as base64, hexadecimal or reversed."""
    everything(run, email, new_email)
    until(lambda: "cannot send a mail" in run.mailed.live.log, what="a mail that waits", seconds=15)
    assert len(run.secrets) > 25
    assert len(run.errors) > 12
    assert len(run.mailed.to(email, RESET)) >= 3
    places = {
        "the database": await _all_rows(run.mailed.live),
        "the log": run.mailed.live.log,
        "the errors": "\n".join(run.errors),
        **{str(path): path.read_text("latin-1") for path in run.folder.rglob("*") if path.is_file()},
    }
    assert email in places["the database"]
    found = [
        (what, place)
        for what, secret in run.secrets.items()
        for place, text in places.items()
        if any(form in text for form in forms(secret, place))
    ]
    assert found == []
    assert [place for place, text in places.items() if re.search(r"token=[\w-]{43}", text)] == [], "a mail that waits"


def forms(secret: str, place: str) -> list[str]:
    """A secret as somebody might have written it."""
    raw = secret.encode()
    made = [secret, raw.hex(), base64url.encode(raw), secret.replace(" ", "%20"), secret.replace(" ", "+")]
    # What a row holds of a token is a keyed hash, or one of 256 random bits, and never the middle of a token.
    return [*made, hashlib.md5(raw, usedforsecurity=False).hexdigest(), *re.findall(r"[\w-]{43,}", secret)]


async def _all_rows(server: LiveServer) -> str:
    def work(tx: Transaction) -> str:
        tables = MetaData()
        tables.reflect(tx.connection)
        assert len(tables.tables) > 8
        return "\n".join(repr(dict(row)) for table in tables.sorted_tables for row in tx.all(select(table)))

    async with server.beside() as context:
        return await context.db.read(work)
