"""Tables with `audit`: each change of a row is in the audit log, with what was and what came of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from gatewright import Gatewright, crud
from gatewright.core.audit.sealer import AuditSealer
from gatewright.core.audit.verification import verify
from gatewright.crud import row_events
from gatewright.errors import ValidationFailed
from gatewright.storage.dialects import open_database
from gatewright.storage.rows import Row
from tests.crud.conftest import People, Person, new_post
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.schemas import PostRead
from tests.crud.sample.generated.post.service import PostRepository, PostService
from tests.crud.sample.generated.routers import router as sample_router

EVENTS = "gatewright_audit_events"
PATIENCE_SECONDS = 60.0


class AuditedPosts(PostRepository):
    """As the generator writes it for a table with `audit`."""

    audit = True


class AuditedPostService(PostService):
    """Records what it does; a hook writes the hidden column."""

    repository = AuditedPosts()

    async def before_update(self, call: crud.Call, key: crud.Key, values: dict[str, Any]) -> None:
        if values.get("title") == "suspicious":
            values["moderation_note"] = "looks like spam"


class AuditedResource(PostResource):
    """Beside the plain one, on the same table."""

    path = "/audited-posts"


@pytest.fixture
def routers() -> list[crud.Router]:
    """The same table with `audit` and without."""
    router = crud.Router(tags=["audited"])
    AuditedResource(AuditedPostService()).add_to(router)
    return [router, sample_router]


async def row_events_of(auth: Gatewright) -> list[Row]:
    """What the log has of rows, the oldest first."""
    events = auth.database.schema[EVENTS]
    found = sa.select(events).where(events.c.event.startswith("row."))
    rows = await auth.database.read(lambda tx: tx.all(found))
    order = ["row.created", "row.updated", "row.deleted"]
    return sorted(rows, key=lambda row: (row["occurred_at"], order.index(row["event"])))


async def create(person: Person, **values: Any) -> dict[str, Any]:
    answer = await person.client.post("/audited-posts", json={"title": "A title", **values})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


@contextmanager
def statements(auth: Gatewright) -> Iterator[list[str]]:
    seen: list[str] = []
    auth.database.observers.append(seen.append)
    yield seen
    auth.database.observers.remove(seen.append)


@pytest.mark.both_databases
async def test_each_change_is_an_event_with_before_and_after(people: People, auth: Gatewright) -> None:
    """All columns of a new row and of a deleted one, the changed ones of an update, as the API shows them."""
    post = await create(people.owner, price="1.50", tags=["a", {"b": None}])
    path = f"/audited-posts/{post['id']}"
    changed = (await people.owner.client.patch(path, json={"title": "Another", "price": "2"})).json()
    assert (await people.editor.client.delete(path)).status_code == 204
    created, updated, deleted = await row_events_of(auth)
    masked = {"moderationNote": "••••"}
    where = {"table": "Post", "key": {"id": post["id"]}}
    times = [
        {"updatedAt": each["updatedAt"]} if post["updatedAt"] != changed["updatedAt"] else {}
        for each in (post, changed)
    ]
    assert created["details"] == {**where, "after": {**post, **masked}}
    assert updated["details"] == {
        **where,
        "before": {"title": "A title", "price": "1.50", **times[0]},
        "after": {"title": "Another", "price": "2.00", **times[1]},
    }
    assert deleted["details"] == {**where, "before": {**changed, **masked}}
    assert [row["event"] for row in (created, updated, deleted)] == ["row.created", "row.updated", "row.deleted"]


@pytest.mark.both_databases
async def test_what_did_not_change_leaves_no_event(people: People, auth: Gatewright) -> None:
    """A refusal, a stale version, a value that is taken, a row of another, a failure of one row among several."""
    mine = await create(people.owner, slug="taken")
    path = f"/audited-posts/{mine['id']}"
    client, other = people.owner.client, people.other.client
    before = len(await row_events_of(auth))
    refused = [
        await client.post("/audited-posts", json={"title": "again", "slug": "taken"}),
        await client.post("/audited-posts", json=[{"title": "new"}, {"title": "again", "slug": "taken"}]),
        await client.patch(path, json={"title": "b"}, headers={"If-Match": '"stale"'}),
        await other.patch(path, json={"title": "b"}),
        await other.delete(path),
        await client.delete(path, headers={"If-Match": '"stale"'}),
        await client.delete("/audited-posts", params={"id": f"{mine['id']},missing"}),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 412, 404, 404, 412, 404]
    assert len(await row_events_of(auth)) == before


@pytest.mark.parametrize("call", ["create", "update", "delete"])
async def test_no_row_changes_without_its_event(
    people: People, auth: Gatewright, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """When the event cannot be written, the change is undone."""
    post = await create(people.owner)
    before = (await people.owner.client.get("/audited-posts")).json()

    def fail(*_: object) -> None:
        raise ValidationFailed

    monkeypatch.setattr(row_events, "add_event", fail)
    client, path = people.owner.client, f"/audited-posts/{post['id']}"
    calls = {
        "create": lambda: client.post("/audited-posts", json={"title": "new"}),
        "update": lambda: client.patch(path, json={"title": "changed"}),
        "delete": lambda: client.delete(path),
    }
    assert (await calls[call]()).status_code == 422
    assert (await client.get("/audited-posts")).json() == before


async def test_several_rows_are_several_events(people: People, auth: Gatewright) -> None:
    """One for each that is created or deleted."""
    client = people.owner.client
    made = (await client.post("/audited-posts", json=[{"title": str(n)} for n in range(3)])).json()
    ids = ",".join(row["id"] for row in made)
    assert (await client.delete("/audited-posts", params={"id": ids})).status_code == 204
    found = {(row["event"], row["details"]["key"]["id"]) for row in await row_events_of(auth)}
    assert found == {(event, row["id"]) for row in made for event in ("row.created", "row.deleted")}
    assert len(await row_events_of(auth)) == 6


async def test_a_hidden_value_is_never_recorded(people: People, auth: Gatewright) -> None:
    """That it changed is; neither the value before, nor the one after, nor whether there was one."""
    post = await create(people.owner)
    await people.owner.client.patch(f"/audited-posts/{post['id']}", json={"title": "suspicious"})
    created, updated = await row_events_of(auth)
    assert created["details"]["after"]["moderationNote"] == "••••"
    assert updated["details"]["before"]["moderationNote"] == updated["details"]["after"]["moderationNote"] == "••••"
    assert "spam" not in str(updated["details"])


class OwnRead(PostRead):
    """An app's own schema, which shows what the design hides."""

    moderation_note: str | None


class Reckless(AuditedPosts):
    """Shows it to clients."""

    shown: Any = OwnRead


class OfTheApp(PostService):
    """Changes rows by the repository."""

    repository = Reckless()


async def test_what_the_design_hides_stays_hidden(people: People, auth: Gatewright) -> None:
    """Also where the app's own code shows it."""
    values = {"title": "t", "author_id": people.owner.id, "moderation_note": "spam"}
    now = auth.context().clock.now()
    await auth.database.write(lambda tx: OfTheApp.repository.insert(tx, values, now=now))
    (event,) = await row_events_of(auth)
    assert event["details"]["after"]["moderationNote"] == "••••"


async def test_who_and_where(people: People, auth: Gatewright) -> None:
    """The caller, the session and the request; the row's owner is the subject. No address of another than the owner."""
    post = await create(people.owner)
    await people.admin.client.patch(f"/audited-posts/{post['id']}", json={"title": "Edited"})
    created, updated = await row_events_of(auth)
    owner, admin = people.owner.id, people.admin.id
    assert [(row["actor_id"], row["subject_id"]) for row in (created, updated)] == [(owner, owner), (admin, owner)]
    assert created["ip_address"] is not None
    assert (updated["ip_address"], updated["user_agent"]) == (None, None)
    assert all(row["session_id"] and row["request_id"] for row in (created, updated))
    assert created["session_id"] != updated["session_id"]


async def test_code_of_the_app_is_recorded_too(people: People, auth: Gatewright) -> None:
    """By the repository: without an actor, or as the user whom `crud.for_caller` names."""
    repository, now = AuditedPosts(), auth.context().clock.now()
    values = {"title": "t", "author_id": people.owner.id}
    made = await auth.database.write(lambda tx: repository.insert(tx, values, now=now))
    context = auth.context()
    call = crud.Call(context, None)
    key = (made.row.id,)
    await auth.database.write(
        lambda tx: repository.update(
            crud.for_caller(tx, call), key, {"title": "u"}, scope=crud.Scope(), versions=None, now=now
        )
    )
    await auth.database.write(lambda tx: repository.delete(tx, key, scope=crud.Scope(), versions=None))
    found = await row_events_of(auth)
    assert sorted(row["event"] for row in found) == ["row.created", "row.deleted", "row.updated"]
    assert {(row["actor_id"], row["subject_id"]) for row in found} == {(None, people.owner.id)}


@pytest.mark.both_databases
async def test_a_table_without_audit_needs_no_further_statement(people: People, auth: Gatewright) -> None:
    """One for each change there; with `audit` one for the event, and one that reads the row before an update."""
    client = people.owner.client
    calls: dict[str, list[str]] = {}
    for path in ("/posts", "/audited-posts"):
        with statements(auth) as seen:
            row = (await client.post(path, json={"title": "t"})).json()
            await client.patch(f"{path}/{row['id']}", json={"title": "u"})
            await client.delete(f"{path}/{row['id']}")
        # Others are of the workers in the background.
        words = (sql.split()[0] for sql in seen if " posts" in sql or sql.startswith(f"INSERT INTO {EVENTS}"))
        calls[path] = list(words)
    assert calls["/posts"] == ["INSERT", "UPDATE", "DELETE"]
    assert calls["/audited-posts"] == ["INSERT", "INSERT", "SELECT", "UPDATE", "INSERT", "DELETE", "INSERT"]


async def test_an_update_that_changes_nothing_is_no_event(people: People, auth: Gatewright) -> None:
    """The row is as it was, so there is nothing to record."""
    post = await new_post(people.owner)
    body = {"postId": post["id"], "emoji": "+"}
    client = people.owner.client
    assert (await client.post("/post-reactions", json=body)).status_code == 201
    path = f"/post-reactions/{post['id']}/{people.owner.id}"
    for emoji in ("+", "-"):
        assert (await client.patch(path, json={"emoji": emoji})).status_code == 200
    created, updated = await row_events_of(auth)
    assert created["details"]["key"] == {"postId": post["id"], "userId": people.owner.id}
    assert updated["details"]["before"] == {"emoji": "+"}
    assert updated["details"]["after"] == {"emoji": "-"}


async def test_a_large_value_is_recorded_by_its_digest(people: People, auth: Gatewright) -> None:
    """An event stays small, and no value that a client sends can pass for a digest."""
    text = "x" * 15_000
    post = await create(people.owner, body=text)
    digest = {"bytes": 15_002, "sha256": "of nothing"}
    await people.owner.client.patch(f"/audited-posts/{post['id']}", json={"body": "short", "tags": digest})
    created, updated = await row_events_of(auth)
    assert created["details"]["after"]["body"]["bytes"] == 15_002
    assert len(created["details"]["after"]["body"]["sha256"]) == 64
    assert created["details"]["abridged"] == "after.body"
    assert updated["details"]["abridged"] == "before.body"
    assert updated["details"]["after"]["tags"] == digest
    assert all(len(str(row["details"])) < 4000 for row in (created, updated))


@pytest.mark.both_databases
async def test_an_erasure_leaves_no_value_of_a_users_rows(people: People, auth: Gatewright) -> None:
    """Values, keys and addresses go; what happened, who did it and the chain stay."""
    post = await create(people.owner, body="a private thing")
    await people.editor.client.delete(f"/audited-posts/{post['id']}")
    kept = await create(people.editor)
    await AuditSealer(auth.database, auth.clock, auth.context().vault).seal()
    assert (await people.owner.client.delete("/users/profile")).status_code == 204
    await AuditSealer(auth.database, auth.clock, auth.context().vault).seal()
    found = await row_events_of(auth)
    theirs = [row for row in found if row["subject_id"] == people.owner.id]
    assert [row["details"] for row in theirs] == [{"table": "Post"}] * 2
    assert {row["actor_id"] for row in theirs} == {people.owner.id, people.editor.id}
    assert [row["details"]["key"] for row in found if row not in theirs] == [{"id": kept["id"]}]
    assert (await verify(auth.database, auth.context().vault)).fault is None


async def _wait_for_lock(auth: Gatewright) -> None:
    """Wait until a statement waits for a lock. SQLite has a single writer, which waits before its transaction."""
    if auth.database.dialect.name == "sqlite":
        return
    waits = sa.text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await auth.database.read(lambda tx: tx.exists(waits)):
            pass


@pytest.mark.both_databases
async def test_before_is_what_the_update_found(people: People, auth: Gatewright, migrated_url: str) -> None:
    """Not what another transaction was just changing."""
    post = await create(people.owner)
    changed, may_commit = threading.Event(), threading.Event()

    def change(tx: crud.Transaction) -> None:
        posts = tx.table("Post")
        tx.run(sa.update(posts).values(title="by another"))
        changed.set()
        may_commit.wait(PATIENCE_SECONDS)

    async def elsewhere() -> None:
        db = open_database(migrated_url, auth.database.schema)
        await db.start()
        try:
            await db.write(change)
        finally:
            await db.stop()

    other = asyncio.create_task(asyncio.to_thread(asyncio.run, elsewhere()))
    await asyncio.to_thread(changed.wait, PATIENCE_SECONDS)
    patch = asyncio.create_task(people.owner.client.patch(f"/audited-posts/{post['id']}", json={"title": "mine"}))
    await _wait_for_lock(auth)
    may_commit.set()
    await asyncio.gather(other, patch)
    *_, updated = await row_events_of(auth)
    assert updated["details"]["before"]["title"] == "by another"
