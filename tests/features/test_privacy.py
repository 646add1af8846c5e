"""A copy of all that is stored about oneself, and an account that goes with all that hangs on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from gatewright import CurrentUser, Gatewright
from gatewright.addresses import parse_address
from gatewright.features.admin import service as admin
from gatewright.features.privacy import export, service
from gatewright.storage.rows import Row
from gatewright.testing import FakeClock
from gatewright.testing.mails import CapturedMails, deliver_all
from tests.conftest import make_settings
from tests.migrations.apps import App

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
ID = {"name": "id", "type": "String", "isPrimaryKey": True}
TABLES: list[dict[str, Any]] = [
    {"name": "User", "columns": [{**ID, "defaultValue": "cuid()"}, {"name": "phone", "type": "String"}]},
    {
        "name": "Post",
        "columns": [
            ID,
            {"name": "authorId", "type": "String", "references": {"table": "User", "onDelete": "cascade"}},
            {"name": "editorId", "type": "String", "references": {"table": "User", "onDelete": "setNull"}},
            {"name": "badge", "type": "Bytes"},
            {"name": "score", "type": "Int", "isHidden": True},
        ],
        "access": {"ownerColumn": "authorId"},
    },
    {
        "name": "Note",
        "columns": [
            {
                "name": "userId",
                "type": "String",
                "isPrimaryKey": True,
                "references": {"table": "User", "onDelete": "cascade"},
            },
            {"name": "number", "type": "Int", "isPrimaryKey": True},
        ],
    },
    {
        "name": "Order",
        "columns": [ID, {"name": "userId", "type": "String", "references": {"table": "User", "onDelete": "restrict"}}],
    },
    {
        "name": "Quote",
        "columns": [ID, {"name": "postId", "type": "String", "references": {"table": "Post", "onDelete": "restrict"}}],
    },
    {"name": "Country", "columns": [ID]},
    {
        "name": "Draft",
        "columns": [ID, {"name": "userId", "type": "String", "references": {"table": "User", "onDelete": "restrict"}}],
        "access": {"ownerColumn": "userId"},
        "softDelete": True,
    },
    {
        "name": "Remark",
        "columns": [
            ID,
            {"name": "draftId", "type": "String", "references": {"table": "Draft", "onDelete": "restrict"}},
            {"name": "postId", "type": "String", "references": {"table": "Post", "onDelete": "restrict"}},
        ],
        "softDelete": True,
    },
]


@pytest.fixture
def mails() -> CapturedMails:
    return CapturedMails()


@pytest.fixture
async def auth(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, mails: CapturedMails
) -> AsyncIterator[Gatewright]:
    """A running app with tables of its own that refer to users."""
    app = App(tmp_path, database_url)
    app.write(*TABLES)
    app.make("start")
    monkeypatch.chdir(tmp_path)
    made = Gatewright(make_settings(database_url), clock=FakeClock(), mail_sender=mails)
    async with made.lifespan(None):
        yield made


@pytest.fixture
async def client(auth: Gatewright) -> AsyncIterator[httpx2.AsyncClient]:
    host = FastAPI()
    auth.install(host)

    @host.get("/whoami")
    async def whoami(user: CurrentUser) -> str:
        return user.id

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(host), base_url="http://localhost:3000") as made:
        yield made


class User:
    """Somebody with an account."""

    def __init__(self, client: httpx2.AsyncClient, auth: Gatewright, login: dict[str, Any]) -> None:
        self.client, self.auth, self.login = client, auth, login
        self.id: str = login["user"]["id"]
        self.headers = {"Authorization": f"Bearer {login['accessToken']}"}

    async def delete(self) -> httpx2.Response:
        return await self.client.delete("/users/profile", headers=self.headers)

    async def export(self) -> dict[str, Any]:
        answer = await self.client.get("/users/profile/export", headers=self.headers)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        body: dict[str, Any] = answer.json()
        return body


async def sign_up(client: httpx2.AsyncClient, auth: Gatewright, email: str = EMAIL) -> User:
    body = {"email": email, "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}
    answer = await client.post("/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return User(client, auth, answer.json())


@pytest.fixture
async def ada(client: httpx2.AsyncClient, auth: Gatewright) -> User:
    return await sign_up(client, auth)


async def put(auth: Gatewright, table: str, **values: Any) -> None:
    await auth.database.write(lambda tx: tx.run(insert(tx.table(table)).values(**values)))


async def rows(auth: Gatewright, table: str) -> list[Row]:
    return await auth.database.read(lambda tx: tx.all(select(tx.table(table))))


async def test_an_export_has_all_that_is_ones_own(ada: User, auth: Gatewright, client: httpx2.AsyncClient) -> None:
    """Own columns, sessions, mailed links, events, and rows by owner; nothing of anybody else's."""
    bob = await sign_up(client, auth, "bob@example.com")
    await put(auth, "Post", id="a", author_id=ada.id, editor_id=bob.id, badge=b"\xff\xfe", score=7)
    await put(auth, "Post", id="b", author_id=bob.id, editor_id=ada.id)
    await put(auth, "Order", id="o", user_id=ada.id)
    await deliver_all(auth.deliveries)

    found = await ada.export()
    tables = found["tables"]
    assert tables.keys() == {"User", "RefreshToken", "EmailVerification", "Post", "Note", "Order", "Draft"}
    assert [(user["email"], user["phone"]) for user in tables["User"]] == [(EMAIL, None)]
    assert tables["Post"] == [{"id": "a", "authorId": ada.id, "editorId": bob.id, "badge": "//4="}]
    assert tables["Order"] == [{"id": "o", "userId": ada.id}]
    assert [session["userId"] for session in tables["RefreshToken"]] == [ada.id]
    assert {token["purpose"] for token in tables["EmailVerification"]} == {"verify_email", "not_me"}
    assert {"user.registered", "session.started"} <= {event["event"] for event in found["events"]}
    sessions = {event["sessionId"] for event in found["events"]} - {None}
    assert sessions == {session["id"] for session in tables["RefreshToken"]}


async def test_an_export_holds_no_secret(ada: User, auth: Gatewright, mails: CapturedMails) -> None:
    """Neither a hash, nor a token, nor a column that is hidden."""
    await deliver_all(auth.deliveries)
    await put(auth, "Post", id="a", author_id=ada.id, score=7)
    text = json.dumps(await ada.export())
    (mail,) = mails.to(EMAIL)
    (user,) = await rows(auth, "User")
    secrets = [user["password"], mail.token, ada.login["accessToken"], ada.login["refreshToken"]]
    secrets += [row["token"] for table in ("RefreshToken", "EmailVerification") for row in await rows(auth, table)]
    assert [secret for secret in secrets if secret in text] == []
    assert not {"password", "token", "emailKey", "score"} & _names(json.loads(text))


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(_names(each) for each in value.values()))
    return set().union(*(_names(each) for each in value)) if isinstance(value, list) else set()


@pytest.mark.both_databases
async def test_an_export_is_read_a_page_at_a_time(ada: User, auth: Gatewright, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a key of several columns too, and nothing is lost or comes twice between the pages."""
    monkeypatch.setattr(export, "_PAGE", 3)
    for number in range(7):
        await put(auth, "Note", user_id=ada.id, number=number)
    notes = (await ada.export())["tables"]["Note"]
    assert [note["number"] for note in notes] == list(range(7))


@pytest.mark.both_databases
async def test_a_deleted_account_leaves_nothing(
    ada: User, auth: Gatewright, client: httpx2.AsyncClient, mails: CapturedMails
) -> None:
    """The row, sessions, mailed links, waiting mails and own rows; what refers to it loosely stays, without it."""
    bob = await sign_up(client, auth, "bob@example.com")
    await put(auth, "Post", id="a", author_id=ada.id)
    await put(auth, "Post", id="b", author_id=bob.id, editor_id=ada.id)
    await client.post("/auth/password/forgot", json={"email": EMAIL})
    await deliver_all(auth.deliveries)

    answer = await ada.delete()
    assert (answer.status_code, answer.content) == (204, b"")
    assert [row["id"] for row in await rows(auth, "User")] == [bob.id]
    assert [(row["id"], row["editor_id"]) for row in await rows(auth, "Post")] == [("b", None)]
    for table in ("RefreshToken", "EmailVerification"):
        assert {row["user_id"] for row in await rows(auth, table)} == {bob.id}

    # Without a look at the row: what counts is that the session has ended.
    assert (await client.get("/whoami", headers=ada.headers)).status_code == 401
    refreshed = await client.post("/auth/refresh", json={"refreshToken": ada.login["refreshToken"]})
    assert refreshed.status_code == 401
    await deliver_all(auth.deliveries)
    assert "is deleted" in mails.to(EMAIL)[-1].subject
    assert (await sign_up(client, auth)).id != ada.id


@pytest.mark.both_databases
async def test_the_audit_log_keeps_nothing_personal(ada: User, auth: Gatewright, client: httpx2.AsyncClient) -> None:
    """That something happened stays, and to which identifier; addresses and user agents of others stay too."""
    await sign_up(client, auth, "bob@example.com")
    await client.post("/auth/login", json={"email": EMAIL, "password": "a wrong passphrase"})
    assert (await ada.delete()).status_code == 204
    events = await rows(auth, "gatewright_audit_events")
    mine = [event for event in events if event["subject_id"] == ada.id]
    assert {"user.registered", "login.failed", "user.deleted"} <= {event["event"] for event in mine}
    assert {(event["ip_address"], event["user_agent"]) for event in mine} == {(None, None)}
    assert all(event["user_agent"] for event in events if event["subject_id"] not in (ada.id, None))


async def test_a_mail_that_waits_for_another_try_is_forgotten(
    ada: User, auth: Gatewright, mails: CapturedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is composed already, and would go out although nobody is there any more."""
    assert isinstance(auth.clock, FakeClock)
    await deliver_all(auth.deliveries)
    sent = len(mails.all)

    async def fail(message: EmailMessage, *, to: str) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(mails, "send", fail)
        await ada.client.post("/auth/password/forgot", json={"email": EMAIL})
        await deliver_all(auth.deliveries)
    (waiting,) = [row for row in await rows(auth, "gatewright_outbox") if row["done_at"] is None]
    assert (await ada.delete()).status_code == 204
    (dropped,) = [row for row in await rows(auth, "gatewright_outbox") if row["id"] == waiting["id"]]
    assert (dropped["sealed"], dropped["outcome"]) == (None, "dropped")
    auth.clock.advance(7200)
    await deliver_all(auth.deliveries)
    assert ["is deleted" in mail.subject for mail in mails.all[sent:]] == [True]


@pytest.mark.parametrize("table", ["Order", "Quote"])
@pytest.mark.both_databases
async def test_rows_that_have_to_go_first_keep_an_account(ada: User, auth: Gatewright, table: str) -> None:
    """Those that refer to it, and those that refer to a row that would go with it; then nothing at all goes."""
    await put(auth, "Post", id="a", author_id=ada.id)
    await put(auth, table, id="x", **{"Order": {"user_id": ada.id}, "Quote": {"post_id": "a"}}[table])
    refused = await ada.delete()
    assert (refused.status_code, refused.json()["code"]) == (409, "account_has_data")
    assert refused.json()["detail"] == f"Delete the rows of these tables first: {table}."
    assert (await ada.client.get("/users/profile", headers=ada.headers)).status_code == 200
    assert len(await rows(auth, "Post")) == 1
    assert (await rows(auth, "gatewright_audit_events"))[0]["user_agent"] is not None


@pytest.mark.both_databases
async def test_rows_that_the_user_deleted_go_with_the_account(
    ada: User, auth: Gatewright, client: httpx2.AsyncClient
) -> None:
    """With the deleted rows of others that refer to them, or to a row that cascades; the rest of others stays."""
    bob = await sign_up(client, auth, "bob@example.com")
    gone = {"deleted_at": auth.clock.now()}
    await put(auth, "Post", id="a", author_id=ada.id)
    await put(auth, "Draft", id="mine", user_id=ada.id, **gone)
    await put(auth, "Draft", id="other", user_id=bob.id, **gone)
    for key, values in {"a": {"draft_id": "mine"}, "b": {"draft_id": "other"}, "c": {"post_id": "a"}}.items():
        await put(auth, "Remark", id=key, **values, **gone)
    assert [row["id"] for row in (await ada.export())["tables"]["Draft"]] == ["mine"]
    assert (await ada.delete()).status_code == 204
    assert [row["id"] for row in await rows(auth, "Draft")] == ["other"]
    assert [row["id"] for row in await rows(auth, "Remark")] == ["b"]


@pytest.mark.both_databases
async def test_rows_that_are_not_deleted_keep_an_account_as_ever(ada: User, auth: Gatewright) -> None:
    """A table that keeps deleted rows keeps accounts by its other rows, and then nothing goes."""
    await put(auth, "Draft", id="live", user_id=ada.id)
    await put(auth, "Draft", id="gone", user_id=ada.id, deleted_at=auth.clock.now())
    refused = await ada.delete()
    assert refused.json()["detail"] == "Delete the rows of these tables first: Draft."
    assert len(await rows(auth, "Draft")) == 2


async def test_deleting_asks_for_a_recent_proof(ada: User, auth: Gatewright) -> None:
    """Whoever finds an open browser cannot delete the account behind it."""
    assert isinstance(auth.clock, FakeClock)
    auth.clock.advance(301)
    refused = await ada.delete()
    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    assert len(await rows(auth, "User")) == 1


@pytest.mark.both_databases
async def test_of_many_deletions_one_deletes(ada: User, mails: CapturedMails, auth: Gatewright) -> None:
    """The others find that they are nobody any more, and one mail goes out."""
    answers = await asyncio.gather(*(ada.delete() for _ in range(10)))
    assert sorted({answer.status_code for answer in answers}) == [204, 401]
    assert [answer.status_code for answer in answers].count(204) == 1
    await deliver_all(auth.deliveries)
    assert len([mail for mail in mails.all if "is deleted" in mail.subject]) == 1


@pytest.mark.both_databases
async def test_no_login_survives_a_deletion_at_the_same_time(
    ada: User, auth: Gatewright, client: httpx2.AsyncClient
) -> None:
    """Whichever comes first, there is no session without an account, and no token that counts."""
    body = {"email": EMAIL, "password": PASSWORD}
    for _ in range(3):
        logins = [client.post("/auth/login", json=body) for _ in range(4)]
        *answers, deleted = await asyncio.gather(*logins, ada.delete())
        assert deleted.status_code == 204
        assert {answer.status_code for answer in answers} <= {200, 401}
        assert await rows(auth, "RefreshToken") == []
        for answer in answers:
            if answer.is_success:
                bearer = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
                assert (await client.get("/whoami", headers=bearer)).status_code == 401
                token = {"refreshToken": answer.json()["refreshToken"]}
                assert (await client.post("/auth/refresh", json=token)).status_code == 401
        ada = await sign_up(client, auth)


async def test_cookies_are_cleared(ada: User, client: httpx2.AsyncClient) -> None:
    """The browser forgets them with the account; a page of another site cannot delete it."""
    client.headers["Origin"] = "http://localhost:3000"
    await client.post("/auth/login?useCookies=true", json={"email": EMAIL, "password": PASSWORD})
    foreign = await client.delete("/users/profile", headers={"Origin": "https://evil.example"})
    assert foreign.json()["code"] == "cross_site_request"
    answer = await client.delete("/users/profile")
    assert answer.status_code == 204
    assert [value.split(";")[1].strip() for value in answer.headers.get_list("set-cookie")] == ["Max-Age=0"] * 2


async def test_the_last_administrator_may_go(auth: Gatewright) -> None:
    """Whoever runs the server makes another from a shell."""
    context = auth.context()
    account = await admin.create(
        context,
        email=parse_address(EMAIL),
        password_text=PASSWORD,
        first_name="Ada",
        last_name="Lovelace",
        role="ADMIN",
    )
    await service.erase(context, account.id)
    assert await rows(auth, "User") == []
