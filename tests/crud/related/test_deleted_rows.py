"""Deleted rows that are kept, seen from the rows that lead to them: no relation, owner or list does so any more."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gatewright import Gatewright, crud
from gatewright.design.document import Design
from tests.crud.conftest import People, Person, faults
from tests.crud.packages import write_package
from tests.crud.related.blog import make
from tests.generator.designs import ID, completed

PACKAGE = "keeping_blog"
OPEN = {**dict.fromkeys(("list", "read"), "public"), **dict.fromkeys(("create", "update", "delete"), "authenticated")}
OWN = {**dict.fromkeys(("list", "read", "update", "delete"), "owner"), "create": "authenticated"}


def _reference(name: str, table: str, action: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": "String", "references": {"table": table, "onDelete": action}, **keys}


@pytest.fixture(scope="module")
def keeping_blog() -> Design:
    """Tables that keep deleted rows, related in each way."""
    post = _reference("postId", "Post", "cascade", isRequired=True)
    return completed(
        {"name": "Board", "columns": [ID], "access": OPEN, "softDelete": True},
        {"name": "Tag", "columns": [ID], "access": OPEN, "softDelete": True},
        {
            "name": "Post",
            "columns": [
                ID,
                _reference("authorId", "User", "restrict", isRequired=True),
                _reference("boardId", "Board", "restrict"),
            ],
            "relationships": [{"name": "tags", "type": "ManyToMany", "toTable": "Tag", "throughTable": "Tagging"}],
            "access": {**OPEN, "ownerColumn": "authorId"},
            "softDelete": True,
            "audit": True,
        },
        {
            "name": "Tagging",
            "columns": [
                _reference("postId", "Post", "cascade", isPrimaryKey=True),
                _reference("tagId", "Tag", "cascade", isPrimaryKey=True),
            ],
            "softDelete": True,
        },
        {
            "name": "Draft",
            "columns": [ID, post],
            "access": {**OWN, "ownerColumn": "post.authorId"},
            "softDelete": True,
        },
    )


@pytest.fixture(scope="module")
def package(keeping_blog: Design, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated code, ready for import."""
    folder = tmp_path_factory.mktemp("generated")
    write_package(folder, keeping_blog, PACKAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield PACKAGE


@pytest.fixture
def design(keeping_blog: Design) -> Design:
    """The design that is served."""
    return keeping_blog


@pytest.fixture
def routers(package: str) -> list[crud.Router]:
    """Its generated routes."""
    return [importlib.import_module(f"{package}.generated.routers").router]


async def delete(person: Person, url: str) -> None:
    assert (await person.client.delete(url)).status_code == 204


async def rows(person: Person, url: str) -> Any:
    answer = await person.client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ids(person: Person, url: str) -> set[str]:
    page = await rows(person, url)
    assert page["pagination"]["total"] == len(page["data"])
    return {row["id"] for row in page["data"]}


async def mark(auth: Gatewright, table: str, key: str) -> None:
    """Mark a row as deleted as another program would: without a look at what refers to it."""
    built = auth.database.schema[table]
    marked = sa.update(built).where(built.c.id == key).values(deleted_at=auth.clock.now())
    await auth.database.write(lambda tx: tx.run(marked))


@pytest.mark.both_databases
async def test_no_relation_leads_to_a_deleted_row(people: People, auth: Gatewright) -> None:
    """`include=` to one row, to several and over a join table; also where the row that leads to it is deleted."""
    board, tag, gone_tag = await make(people.owner, "/boards"), *[await make(people.owner, "/tags") for _ in range(2)]
    post, gone = [await make(people.owner, "/posts", boardId=board) for _ in range(2)]
    for each in (tag, gone_tag):
        assert (await people.admin.client.post("/taggings", json={"postId": post, "tagId": each})).status_code == 201
    await delete(people.owner, f"/posts/{gone}")
    await delete(people.owner, f"/tags/{gone_tag}")
    for person in (people.owner, people.admin):
        assert [row["id"] for row in (await rows(person, f"/boards/{board}?include=posts"))["posts"]] == [post]
        found = await rows(person, f"/posts/{post}?include=board,tags")
        assert (found["board"]["id"], [row["id"] for row in found["tags"]]) == (board, [tag])
    await delete(people.admin, f"/taggings/{post}/{tag}")
    assert (await rows(people.owner, f"/posts/{post}?include=tags"))["tags"] == []
    assert await ids(people.owner, f"/posts/{post}/tags") == set()
    await mark(auth, "Board", board)
    assert (await rows(people.admin, f"/posts/{post}?include=board"))["board"] is None
    assert [row["board"] for row in (await rows(people.admin, "/posts?deleted=true&include=board"))["data"]] == [None]


async def test_lists_of_related_rows_have_no_deleted_ones(people: People) -> None:
    """Of a reference and of a join table; administrators ask for them, and a deleted row has no lists."""
    board, tag = await make(people.owner, "/boards"), await make(people.owner, "/tags")
    post, gone = [await make(people.owner, "/posts", boardId=board) for _ in range(2)]
    for each in (post, gone):
        assert (await people.admin.client.post("/taggings", json={"postId": each, "tagId": tag})).status_code == 201
    await delete(people.owner, f"/posts/{gone}")
    author = f"/users/{people.owner.id}/posts"
    # The row of the join table went with its post.
    for url, kept in ((f"/boards/{board}/posts", {gone}), (author, {gone}), (f"/tags/{tag}/posts", set[str]())):
        for person in (people.owner, people.admin):
            assert await ids(person, url) == {post}
        assert await ids(people.admin, f"{url}?deleted=true") == kept
        assert (await people.owner.client.get(f"{url}?deleted=true")).status_code == 403
        assert (await people.anonymous.client.get(f"{url}?deleted=true")).status_code == 401
        assert set(faults(await people.admin.client.get(f"{url}?deleted=2"))) == {"/deleted"}
    for person in (people.owner, people.admin):
        assert (await person.client.get(f"/posts/{gone}/tags")).status_code == 404
        assert (await person.client.get(f"/posts/{gone}/tags?deleted=true")).status_code in (403, 404)
    await delete(people.owner, f"/posts/{post}")
    await delete(people.owner, f"/boards/{board}")
    for person in (people.owner, people.admin, people.anonymous):
        assert (await person.client.get(f"/boards/{board}/posts")).status_code == 404


async def test_a_row_belongs_to_no_user_by_a_deleted_row(people: People) -> None:
    """It goes with that row, and its owner reaches it again when both are restored. No new one is made."""
    post = await make(people.owner, "/posts")
    draft = await make(people.owner, "/drafts", postId=post)
    await delete(people.owner, f"/posts/{post}")
    assert (await people.owner.client.get(f"/drafts/{draft}")).status_code == 404
    assert await ids(people.owner, "/drafts") == set()
    for person in (people.owner, people.admin):
        assert faults(await person.client.post("/drafts", json={"postId": post})) == {"/postId": "invalid_choice"}
    assert (await people.admin.client.post(f"/posts/{post}/restore")).status_code == 200
    assert await ids(people.owner, "/drafts") == {draft}


async def test_deletions_and_restores_are_in_the_audit_log(people: People, auth: Gatewright) -> None:
    """With who made them; a deletion has all values, a restore those that changed."""
    post = (await people.owner.client.post("/posts", json={})).json()
    url = f"/posts/{post['id']}"
    await delete(people.owner, url)
    gone = (await people.admin.client.get(f"{url}?deleted=true")).json()
    assert (await people.admin.client.post(f"{url}/restore")).status_code == 200
    await delete(people.owner, f"/posts?id={post['id']}")
    events = auth.database.schema["gatewright_audit_events"]
    found = sa.select(events).where(events.c.event.in_(["row.deleted", "row.restored"])).order_by(events.c.id)
    logged = {row["event"]: row for row in await auth.database.read(lambda tx: tx.all(found))}
    assert logged["row.deleted"]["details"]["before"] == post
    assert "after" not in logged["row.deleted"]["details"]
    restored = logged["row.restored"]
    assert (restored["actor_id"], restored["subject_id"]) == (people.admin.id, people.owner.id)
    assert restored["details"]["before"] == {"deletedAt": gone["deletedAt"]}
    assert restored["details"]["after"] == {"deletedAt": None}


async def test_the_document_says_where_deleted_rows_are_asked_for(app: Any) -> None:
    """In lists of related rows too."""
    paths = app.openapi()["paths"]
    for path, takes in (("/boards/{id}/posts", True), ("/tags/{id}/posts", True), ("/users/{id}/posts", True)):
        names = {each["name"] for each in paths[path]["get"]["parameters"]}
        assert ("deleted" in names) is takes
