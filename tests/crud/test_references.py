"""A caller refers to rows that they may read, and to no others: unreadable rows are refused like missing ones."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
import httpx2
import pytest

from gatewright import Gatewright, crud
from gatewright.design.document import Design
from tests.crud.conftest import People, Person, faults
from tests.crud.packages import write_package
from tests.generator.designs import ID, completed

PACKAGE = "referring_app"
OWNER: dict[str, Any] = {"name": "ownerId", "type": "String", "references": {"table": "User", "onDelete": "cascade"}}


def _table(name: str, *columns: dict[str, Any], **access: Any) -> dict[str, Any]:
    owned = {"ownerColumn": "ownerId", **access}
    code = {"name": "code", "type": "String", "isUnique": True}
    return {"name": name, "columns": [ID, OWNER, code, *columns], "access": {"create": "authenticated", **owned}}


def _reference(name: str, table: str, kind: str = "String", **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "references": {"table": table, "onDelete": "restrict", **keys}}


REFERENCES = [
    _reference("paperId", "Paper"),
    _reference("paperCode", "Paper", column="code"),
    _reference("topicId", "Topic"),
    _reference("journalId", "Journal"),
    _reference("draftId", "Draft"),
    _reference("secretId", "Secret"),
    _reference("userId", "User"),
    _reference("email", "User", column="email"),
    _reference("sessionId", "RefreshToken"),
    _reference("anyPaperId", "Paper", anyRow=True),
    _reference("anyUserId", "User", anyRow=True),
]
TEXT = {"name": "text", "type": "String"}
HIDDEN = [
    {"name": "costPrice", "type": "Int", "isHidden": True},
    {"name": "tip", "type": "Int", "isHidden": True, "isInput": True},
]
OWN_CALLS = dict.fromkeys(("list", "read", "update", "delete"), "owner")
TABLES = [
    _table("Paper", **OWN_CALLS),
    _table("Topic", read="authenticated"),
    _table("Journal", read="public"),
    _table("Draft", **{**OWN_CALLS, "read": ["owner", "role:EDITOR"]}),
    _table("Secret", list="authenticated"),
    _table("Comment", *REFERENCES, _reference("parentId", "Comment"), TEXT, **OWN_CALLS),
    {
        "name": "Guest",
        "columns": [ID, *REFERENCES, *HIDDEN, TEXT],
        "access": dict.fromkeys(("create", "update"), "public"),
    },
    {
        "name": "Node",
        "columns": [
            {"name": "path", "type": "String", "isPrimaryKey": True},
            {**_reference("parentPath", "Node", column="path"), "isRequired": True},
        ],
        "access": {"create": "authenticated", "read": "authenticated"},
    },
]
# Whose rows somebody may name, by the column; rows of "admin" are those of another than the caller.
MAY_NAME_OTHERS = {
    "anonymous": {"journalId", "anyPaperId", "anyUserId"},
    "other": {"topicId", "journalId", "anyPaperId", "anyUserId"},
    "editor": {"topicId", "journalId", "draftId", "anyPaperId", "anyUserId"},
    "admin": {reference["name"] for reference in REFERENCES},
}
MAY_NAME_THEIR_OWN = {"paperId", "paperCode", "topicId", "journalId", "draftId", "userId", "email", "anyPaperId"}


@pytest.fixture(scope="module")
def referring_design() -> Design:
    """Tables with each kind of rule, and others that refer to them."""
    return completed(*TABLES)


@pytest.fixture(scope="module")
def package(referring_design: Design, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `gatewright generate` writes for these tables, ready for import."""
    folder = tmp_path_factory.mktemp("generated")
    write_package(folder, referring_design, PACKAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield PACKAGE


@pytest.fixture
def design(referring_design: Design) -> Design:
    """The design that is served."""
    return referring_design


@pytest.fixture
def routers(package: str) -> list[crud.Router]:
    """Its generated routes."""
    return [importlib.import_module(f"{package}.generated.routers").router]


async def _make(person: Person, path: str, **values: Any) -> dict[str, Any]:
    answer = await person.client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    location = answer.headers["location"]
    return {"id": location.rpartition("/")[2], **values}


async def _rows_of(person: Person, admin: Person) -> dict[str, str]:
    """A value for each reference: rows that *person* made, and their account."""
    paper, draft = await _make(person, "/papers", code=f"of-{person.id}"), await _make(person, "/drafts")
    topic, journal = await _make(person, "/topics"), await _make(person, "/journals")
    sessions = (await admin.client.get("/refresh-tokens", params={"filter[userId]": person.id})).json()["data"]
    user = (await admin.client.get(f"/users/{person.id}")).json()
    return {
        "paperId": paper["id"],
        "paperCode": paper["code"],
        "topicId": topic["id"],
        "journalId": journal["id"],
        "draftId": draft["id"],
        "secretId": (await _make(person, "/secrets"))["id"],
        "userId": person.id,
        "email": user["email"],
        "sessionId": sessions[0]["id"],
        "anyPaperId": paper["id"],
        "anyUserId": person.id,
    }


async def _taken(person: Person, path: str, values: Mapping[str, str], url: str | None = None) -> set[str]:
    """The references that *person* can set, of *values* one after the other; each other is refused as if missing."""
    taken = set()
    for name, value in values.items():
        there, nowhere = [await _set(person, path, {name: each}, url) for each in (value, "nowhere")]
        assert faults(nowhere) == {f"/{name}": "invalid_choice"}
        if there.is_success:
            taken.add(name)
        else:
            assert _refusal(there) == _refusal(nowhere)
    return taken


async def _set(person: Person, path: str, body: dict[str, Any], url: str | None) -> httpx2.Response:
    return await (person.client.post(path, json=body) if url is None else person.client.patch(url, json=body))


def _refusal(answer: httpx2.Response) -> tuple[int, dict[str, Any]]:
    return answer.status_code, {**answer.json(), "requestId": ""}


@pytest.mark.parametrize("who", MAY_NAME_OTHERS)
@pytest.mark.both_databases
async def test_rows_of_others_are_named_by_those_who_may_read_them(people: People, who: str) -> None:
    """Each rule, at create and at update; a row that one may not read is as unknown as one that is not there."""
    person: Person = getattr(people, who)
    values = await _rows_of(people.owner, people.admin)
    guest = await _make(people.anonymous, "/guests")
    assert await _taken(person, "/guests", values) == MAY_NAME_OTHERS[who]
    assert await _taken(person, "/guests", values, f"/guests/{guest['id']}") == MAY_NAME_OTHERS[who]


async def test_ones_own_rows_are_named(people: People) -> None:
    """By ownership; of accounts, one's own. Sessions and tables that only administrators read, not even then."""
    values = await _rows_of(people.other, people.admin)
    comment = await _make(people.other, "/comments")
    expected = MAY_NAME_THEIR_OWN | {"anyUserId"}
    assert await _taken(people.other, "/comments", values) == expected
    assert await _taken(people.other, "/comments", values, f"/comments/{comment['id']}") == expected


async def test_all_references_at_fault_are_named_at_once(people: People) -> None:
    """And nothing is written, neither of a new row nor of a change."""
    values = await _rows_of(people.owner, people.admin)
    comment = await _make(people.other, "/comments", text="before")
    body = {name: values[name] for name in ("paperId", "draftId", "userId", "journalId")} | {"text": "after"}
    at_fault = {"/paperId": "invalid_choice", "/draftId": "invalid_choice", "/userId": "invalid_choice"}
    assert faults(await people.other.client.post("/comments", json=body)) == at_fault
    assert faults(await people.other.client.patch(f"/comments/{comment['id']}", json=body)) == at_fault
    listed = (await people.other.client.get("/comments")).json()["data"]
    assert [(row["text"], row["journalId"]) for row in listed] == [("before", None)]


async def test_nobody_keeps_the_rows_and_the_account_of_another(people: People) -> None:
    """A comment on a paper of another user could keep that user from deleting it, and from leaving."""
    paper = await _make(people.owner, "/papers")
    for body in ({"paperId": paper["id"]}, {"userId": people.owner.id}):
        assert (await people.other.client.post("/comments", json=body)).status_code == 422
    assert (await people.owner.client.delete(f"/papers/{paper['id']}")).status_code == 204
    assert (await people.owner.client.delete("/users/profile")).status_code == 204


async def test_a_taken_value_does_not_tell_of_a_row(people: People) -> None:
    """The reference is refused before a unique column of the same body could be."""
    paper = await _make(people.owner, "/papers")
    await _make(people.other, "/comments", code="taken")
    for value in (paper["id"], "nowhere"):
        answer = await people.other.client.post("/comments", json={"code": "taken", "paperId": value})
        assert faults(answer) == {"/paperId": "invalid_choice"}


async def test_a_row_of_another_is_not_found_whatever_it_would_refer_to(people: People) -> None:
    """404 comes before 422, and so does 412."""
    comment = await _make(people.owner, "/comments")
    body = {"paperId": "nowhere"}
    assert (await people.other.client.patch(f"/comments/{comment['id']}", json=body)).status_code == 404
    stale = {"If-Match": '"stale"'}
    answer = await people.owner.client.patch(f"/comments/{comment['id']}", json=body, headers=stale)
    assert answer.status_code == 412
    current = {"If-Match": (await people.owner.client.get(f"/comments/{comment['id']}")).headers["etag"]}
    answer = await people.owner.client.patch(f"/comments/{comment['id']}", json=body, headers=current)
    assert faults(answer) == {"/paperId": "invalid_choice"}


async def test_a_reference_can_be_taken_back_and_left_alone(people: People) -> None:
    """Null names nothing; what a change leaves out stays, also where its caller could not set it."""
    paper = await _make(people.owner, "/papers")
    comment = await _make(people.admin, "/comments", paperId=paper["id"])
    changed = await people.admin.client.patch(f"/comments/{comment['id']}", json={"text": "x"})
    assert (changed.status_code, changed.json()["paperId"]) == (200, paper["id"])
    changed = await people.admin.client.patch(f"/comments/{comment['id']}", json={"paperId": None})
    assert (changed.status_code, changed.json()["paperId"]) == (200, None)


@pytest.mark.both_databases
async def test_a_table_that_refers_to_itself(people: People) -> None:
    """Rows of others are closed there too; a row whose key the client chooses may refer to itself."""
    mine, theirs = await _make(people.other, "/comments"), await _make(people.owner, "/comments")
    assert (await people.other.client.post("/comments", json={"parentId": mine["id"]})).status_code == 201
    answer = await people.other.client.post("/comments", json={"parentId": theirs["id"]})
    assert faults(answer) == {"/parentId": "invalid_choice"}
    assert (await people.other.client.post("/nodes", json={"path": "a", "parentPath": "a"})).status_code == 201
    answer = await people.other.client.post("/nodes", json={"path": "b", "parentPath": "c"})
    assert faults(answer) == {"/parentPath": "invalid_choice"}


async def test_hooks_decide_for_themselves_and_not_for_the_caller(people: People, package: str) -> None:
    """A reference that a hook adds is the app's own; one that the caller sent is checked, also after a hook."""
    service = importlib.import_module(f"{package}.generated.comment.service").CommentService
    paper = await _make(people.owner, "/papers")

    async def before_create(self: Any, call: crud.Call, values: dict[str, Any]) -> None:
        if "paper_id" in values:
            values["paper_id"] = values["paper_id"].strip()
        else:
            values["paper_id"] = paper["id"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "before_create", before_create)
        answer = await people.other.client.post("/comments", json={"text": "x"})
        assert (answer.status_code, answer.json()["paperId"]) == (201, paper["id"])
        answer = await people.other.client.post("/comments", json={"paperId": f" {paper['id']} "})
        assert faults(answer) == {"/paperId": "invalid_choice"}


async def test_statements_of_ones_own_keep_the_rule(people: People, package: str, auth: Gatewright) -> None:
    """A repository that an app overrides, with the arguments of old, writes under the same conditions."""
    repository = importlib.import_module(f"{package}.generated.comment.service").CommentRepository
    paper = await _make(people.owner, "/papers")
    seen: list[str] = []
    auth.database.observers.append(seen.append)

    class Own(crud.Repository[Any]):
        def insert(self, tx: crud.Transaction, values: Mapping[str, Any], *, now: Any) -> Any:
            return crud.Repository.insert(self, tx, {**values, "text": "own"}, now=now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repository, "insert", Own.insert)
        answer = await people.other.client.post("/comments", json={"paperId": paper["id"]})
        assert faults(answer) == {"/paperId": "invalid_choice"}
        answer = await people.owner.client.post("/comments", json={"paperId": paper["id"]})
        assert (answer.status_code, answer.json()["text"]) == (201, "own")
    inserted = [sql for sql in seen if sql.startswith("INSERT INTO comments")]
    assert [("WHERE EXISTS" in sql) for sql in inserted] == [True, True]


@pytest.mark.both_databases
async def test_a_key_that_other_rows_refer_to_stays(people: People) -> None:
    """Changing it is a conflict, as deleting the row is."""
    paper = await _make(people.owner, "/papers", code="a")
    await _make(people.owner, "/comments", paperCode="a")
    answer = await people.owner.client.patch(f"/papers/{paper['id']}", json={"code": "b"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_hidden_columns_are_not_in_requests_either(people: People, auth: Gatewright) -> None:
    """Not even in an administrator's; where the design says isInput, they are taken and never given back."""
    guest = await _make(people.admin, "/guests")
    url = f"/guests/{guest['id']}"
    for answer in (
        await people.admin.client.post("/guests", json={"costPrice": 5}),
        await people.admin.client.patch(url, json={"costPrice": 5}),
    ):
        assert faults(answer) == {"/costPrice": "unknown_field"}
    assert (await people.admin.client.patch(url, json={"tip": 7})).status_code == 200
    row = (await people.admin.client.get(url)).json()
    assert not {"costPrice", "tip"} & row.keys()
    stored = "SELECT cost_price, tip FROM guests"
    assert tuple(await auth.database.read(lambda tx: tx.connection.exec_driver_sql(stored).one())) == (None, 7)


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
async def test_a_row_that_is_deleted_at_the_same_time(people: People, auth: Gatewright, migrated_url: str) -> None:
    """It was there when the statement looked, and is gone when the reference is checked: 422 at the column."""
    paper = await _make(people.owner, "/papers")
    url = migrated_url.replace("postgresql+asyncpg", "postgresql")
    deleting, watching = [await asyncpg.connect(url) for _ in range(2)]
    try:
        transaction = deleting.transaction()
        await transaction.start()
        await deleting.execute("DELETE FROM papers WHERE id = $1", paper["id"])
        creating = asyncio.create_task(people.owner.client.post("/comments", json={"paperId": paper["id"]}))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while not await watching.fetchval(waiting):
            assert not creating.done()
        await transaction.commit()
        assert faults(await creating) == {"/paperId": "invalid_choice"}
    finally:
        await deleting.close()
        await watching.close()
