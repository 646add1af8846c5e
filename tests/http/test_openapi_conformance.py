"""The OpenAPI document and the running server never disagree: schemathesis tries every operation of a real server.

Every check is on, for every route. What a check cannot know is said here, next to it:
- e-mail addresses that the document's `format: email` allows and Gatewright refuses (see `_email`), since JSON Schema
  has no words for them;
- that a refresh token may be missing in the body only where a cookie holds one: here one always does;
- that cookies are used and set for listed pages only: here every call says that one of those makes it;
- names and passwords that are made of what nobody can type, and passwords that are too short: a password's rules are
  settings, which the document does not repeat;
- that a token counts only if it was mailed: a good request has one that was, to the account that the case is about.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gatewright import Gatewright, Settings
from gatewright.addresses import parse_address
from gatewright.features.admin import service as admin
from gatewright.server import create
from gatewright.testing.mails import token_in
from tests.conftest import SECRET
from tests.live import LiveServer, bearer, register, until
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.extra

_TAKE_A_COOKIE = ("/auth/refresh", "/auth/logout")
_TAKE_A_MAILED_TOKEN = {
    "/auth/verify-email": "verify-email",
    "/auth/not-me": "not-me",
    "/auth/password/reset": "reset-password",
    "/auth/email/change/confirm": "change-email",
    "/auth/email/change/undo": "undo-email-change",
}

_LABEL = st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True)


def _email() -> st.SearchStrategy[str]:
    return st.builds(lambda local, name: f"{local}@{name}.example", _LABEL, _LABEL)


schemathesis.openapi.format("email", _email())
schemathesis.openapi.format("password", st.text(st.characters(exclude_categories=["C"]), min_size=12, max_size=40))


class _Run:
    """The server under test, and the mail server that its mails go to."""

    def __init__(self, live: LiveServer, client: httpx2.Client, mails: MailServer) -> None:
        self.live = live
        self.client = client
        self._mails = mails

    @property
    def origin(self) -> str:
        return self.live.url.replace("127.0.0.1", "localhost")

    def post(self, path: str, body: dict[str, str], **headers: str) -> None:
        self.client.post(path, json=body, headers=headers).raise_for_status()

    def mailed_token(self, address: str, page: str) -> str:
        """The token of the link to *page* in a mail to *address*, which is on its way."""
        until(lambda: bool(self._links(address, page)), what=f"a mail with a link to {page}", seconds=20)
        return token_in(self._links(address, page)[-1])

    def _links(self, address: str, page: str) -> list[str]:
        texts = [mail.get_body(("plain",)) for mail in self._mails.messages if mail["To"] == address]
        words = (word for text in texts if text is not None for word in text.get_content().split())
        return [word for word in words if f"/auth/pages/{page}?" in word]

    def invited(self, address: str) -> str:
        """The token of a new invitation for *address*."""

        async def invite() -> None:
            async with self.live.beside() as context:
                await admin.invite(context, email=parse_address(address), role="USER")

        asyncio.run(invite())
        return self.mailed_token(address, "invitation")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[_Run]:
    """The stand-alone server, in a process of its own."""
    folder = tmp_path_factory.mktemp("server")
    database = shutil.copy(sqlite_template, folder / "gatewright.db")
    with mail_server() as mails:
        live = LiveServer(f"sqlite:///{database}", folder, workers=1, MAIL_URL=mails.url)
        live.start()
        try:
            with httpx2.Client(base_url=live.url, timeout=30) as client:
                yield _Run(live, client, mails)
        finally:
            live.stop()


def _document() -> dict[str, Any]:
    given = Settings(environment="development", secret=SECRET, database_url="sqlite:///nowhere.db")
    return create(Gatewright(given)).openapi()


schema = schemathesis.openapi.from_dict(_document())


def test_the_server_serves_this_document(run: _Run) -> None:
    """What is tried below is what the server says of itself."""
    assert run.client.get("/openapi.json").json() == schema.raw_schema


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_does_what_the_document_says(case: schemathesis.Case[Any], run: _Run) -> None:
    """Answers have the documented statuses, types, headers and shapes; bad requests are refused, good ones are not."""
    # An account of its own for each case, since some of them end its sessions, and some the account.
    email = f"{secrets.token_hex(8)}@example.com"
    tokens = register(run.client, email)
    headers = {**bearer(tokens), "Origin": run.origin}
    if case.operation.path in _TAKE_A_COOKIE:
        headers["Cookie"] = f"gatewright_refresh={tokens['refreshToken']}"
    if _is_good(case) and isinstance(case.body, dict):
        case.body = {**case.body, **_mailed(run, case.operation.path, case.body, email, headers)}
    case.call_and_validate(base_url=run.live.url, headers=headers)


def _is_good(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _mailed(run: _Run, path: str, body: dict[str, Any], email: str, headers: dict[str, str]) -> dict[str, str]:
    """The fields of a call's body that only a mail can fill."""
    if path == "/auth/register" and body.get("inviteToken") is not None:
        address = f"{secrets.token_hex(8)}@example.com"
        return {"email": address, "inviteToken": run.invited(address)}
    page = _TAKE_A_MAILED_TOKEN.get(path)
    if page is None:
        return {}
    if page == "reset-password":
        run.post("/auth/password/forgot", {"email": email})
    if page in ("change-email", "undo-email-change"):
        new = f"{secrets.token_hex(8)}@example.com"
        run.post("/auth/email/change", {"newEmail": new}, **headers)
        if page == "change-email":
            email = new
        else:
            run.post("/auth/email/change/confirm", {"token": run.mailed_token(new, "change-email")})
    return {"token": run.mailed_token(email, page)}
