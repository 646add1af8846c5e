"""Deleted rows that are kept: to all but administrators they are gone, and an administrator can restore them."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from gatewright import Gatewright, crud
from gatewright.core.principal import Principal
from gatewright.design.document import Design
from gatewright.errors import Conflict
from gatewright.generator.model import app_view
from gatewright.generator.render import render
from gatewright.http.errors import NotAuthenticated
from gatewright.testing import FakeClock
from tests.crud.conftest import People, Person, faults
from tests.generator.designs import ID, completed

PACKAGE = "keeping_app"
OPEN = {**dict.fromkeys(("list", "read"), "public"), **dict.fromkeys(("create", "update", "delete"), "authenticated")}


def _text(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": "String", **keys}


def _reference(name: str, table: str, action: str, **keys: Any) -> dict[str, Any]:
    return _text(name, references={"table": table, "onDelete": action, **keys.pop("references", {})}, **keys)


TABLES: list[dict[str, Any]] = [
    {
        "name": "Post",
        "columns": [
            ID,
            _text("title"),
            _text("slug", isUnique=True),
            _text("code", isUnique=True),
            _reference("boardId", "Board", "restrict"),
            {"name": "updatedAt", "type": "DateTime", "isUpdatedAt": True},
        ],
        "indexes": [{"columns": ["title", "boardId"], "isUnique": True}],
        "access": OPEN,
        "softDelete": True,
    },
    {
        "name": "Card",
        "columns": [{"name": "id", "type": "Int", "isPrimaryKey": True, "defaultValue": "autoincrement()"}],
        "softDelete": True,
    },
    {"name": "Board", "columns": [ID, _text("name")], "access": OPEN, "softDelete": True},
    {
        "name": "Comment",
        "columns": [
            ID,
            _reference("postId", "Post", "cascade"),
            _reference("parentId", "Comment", "cascade"),
            _reference("quotedId", "Post", "setNull", references={"anyRow": True}),
            _text("mark", isUnique=True),
            # As Prisma makes it, while that of posts has microseconds.
            {"name": "deletedAt", "type": "DateTime", "dbType": "timestamp(3) with time zone"},
        ],
        "access": OPEN,
        "softDelete": True,
    },
    {"name": "Review", "columns": [ID, _reference("postId", "Post", "restrict")], "access": OPEN},
    {"name": "Note", "columns": [ID, _reference("postCode", "Post", "noAction", references={"column": "code"})]},
    {
        "name": "Label",
        "columns": [
            _reference("postId", "Post", "cascade", isPrimaryKey=True),
            _reference("boardId", "Board", "cascade", isPrimaryKey=True),
        ],
        "access": OPEN,
    },
    {
        "name": "Diary",
        "columns": [
            ID,
            {"name": "ownerId", "type": "String", "references": {"table": "User", "onDelete": "restrict"}},
            {"name": "deletedAt", "type": "DateTime", "isHidden": True, "dbName": "gone"},
        ],
        "access": {**dict.fromkeys(("list", "read", "delete", "update"), "owner"), "create": "authenticated"}
        | {"ownerColumn": "ownerId"},
        "softDelete": True,
    },
]


class Hooks:
    """What an app may write in its own service."""

    refuses = False

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    async def before_delete(self, call: crud.Call, key: crud.Key) -> None:
        self.seen.append(f"before_delete {key}")

    async def after_delete(self, call: crud.Call, row: Any) -> None:
        self.seen.append(f"after_delete {row.deleted_at is not None}")

    async def before_restore(self, call: crud.Call, key: crud.Key) -> None:
        self.seen.append(f"before_restore {key}")
        if self.refuses:
            raise Conflict("Not today.")

    async def after_restore(self, call: crud.Call, row: Any) -> None:
        self.seen.append(f"after_restore {row.deleted_at is not None}")


@pytest.fixture(scope="module")
def keeping_design() -> Design:
    """Tables whose deleted rows are kept, and others that refer to them by each action."""
    return completed(*TABLES)


@pytest.fixture(scope="module")
def package(keeping_design: Design, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `gatewright generate` writes for these tables, ready for import."""
    folder = tmp_path_factory.mktemp("generated")
    rendered = render(app_view(keeping_design, PACKAGE))
    for part, files in (("generated", rendered.generated), ("modules", rendered.modules)):
        for path, content in files.items():
            file = folder / PACKAGE / part / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    (folder / PACKAGE / "__init__.py").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield PACKAGE


@pytest.fixture
def design(keeping_design: Design) -> Design:
    """The design that is served."""
    return keeping_design


@pytest.fixture
def routers(package: str) -> list[crud.Router]:
    """The resources of the generated app."""
    return [importlib.import_module(f"{package}.generated.routers").router]


async def make(person: Person, path: str, **values: Any) -> str:
    """The key of a new row."""
    answer = await person.client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def delete(person: Person, url: str) -> None:
    answer = await person.client.delete(url)
    assert answer.status_code == 204, answer.text


async def restore(people: People, url: str) -> httpx2.Response:
    return await people.admin.client.post(f"{url}/restore")


async def keys(person: Person, path: str, **parameters: str) -> list[str]:
    """The keys of the rows in a list."""
    answer = await person.client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def status(person: Person, url: str) -> int:
    return (await person.client.get(url)).status_code


@pytest.mark.both_databases
async def test_a_deleted_row_is_gone_for_all_and_stays_in_the_database(people: People, auth: Gatewright) -> None:
    """No call finds it, whoever makes it, and no list counts it; the row itself stays."""
    post = await make(people.owner, "/posts", title="a")
    await make(people.owner, "/posts", title="b")
    await delete(people.owner, f"/posts/{post}")
    for person in (people.owner, people.admin):
        client, url = person.client, f"/posts/{post}"
        assert [(await client.request(each, url)).status_code for each in ("GET", "DELETE")] == [404, 404]
        assert (await client.patch(url, json={"title": "c"})).status_code == 404
        assert (await client.delete("/posts", params={"id": post})).status_code == 404
        page = (await client.get("/posts")).json()
        assert (len(page["data"]), page["pagination"]["total"]) == (1, 1)
        assert await keys(person, "/posts", cursor="") != [post]
        assert await keys(person, "/posts", search="a") == []
        assert await keys(person, "/posts", **{"filter[title]": "a"}) == []
    table = auth.database.schema["Post"]
    rows = await auth.database.read(lambda tx: tx.values(sa.select(table.c.title).where(table.c.id == post)))
    assert rows == ["a"]


async def test_administrators_alone_read_deleted_rows(people: People) -> None:
    """`deleted=true` gives deleted rows and no others, on lists and single rows, with filters, sorts and cursors."""
    live, *gone = [await make(people.owner, "/posts", title=title) for title in "abc"]
    for each in gone:
        await delete(people.owner, f"/posts/{each}")
    for url in ("/posts", f"/posts/{gone[0]}"):
        assert await status(people.anonymous, f"{url}?deleted=true") == 401
        for person in (people.owner, people.other, people.editor):
            assert await status(person, f"{url}?deleted=true") == 403
    admin = people.admin
    assert await keys(admin, "/posts", deleted="true", sort="-title") == gone[::-1]
    assert await keys(admin, "/posts", deleted="true", sort="-deletedAt", cursor="", limit="1")
    assert await keys(admin, "/posts", deleted="true", **{"filter[title]": "b"}) == [gone[0]]
    assert await keys(admin, "/posts", deleted="false") == await keys(people.anonymous, "/posts", deleted="false")
    found = await admin.client.get(f"/posts/{gone[0]}?deleted=true")
    assert found.json()["deletedAt"] is not None
    assert found.headers["ETag"]
    assert await status(admin, f"/posts/{live}?deleted=true") == 404
    for wrong in ("deleted=yes", "deleted=true&deleted=false"):
        assert set(faults(await admin.client.get(f"/posts?{wrong}"))) == {"/deleted"}
    assert set(faults(await admin.client.get("/reviews?deleted=true"))) == {"/deleted"}


async def test_clients_cannot_set_the_time_of_deletion(people: People) -> None:
    """Neither to delete a row nor to bring one back, administrators included."""
    post = await make(people.owner, "/posts")
    for person in (people.owner, people.admin):
        sent = {"deletedAt": None}
        assert faults(await person.client.post("/posts", json=sent)) == {"/deletedAt": "unknown_field"}
        assert faults(await person.client.patch(f"/posts/{post}", json=sent)) == {"/deletedAt": "unknown_field"}


@pytest.mark.both_databases
async def test_values_of_deleted_rows_are_free_and_block_their_restoring(people: People) -> None:
    """Unless a reference names the column, which is unique in the whole table then."""
    board = await make(people.owner, "/boards")
    values = {"title": "t", "slug": "s", "boardId": board}
    first = await make(people.owner, "/posts", **values, code="c")
    await delete(people.owner, f"/posts/{first}")
    assert (await people.owner.client.post("/posts", json={"code": "c"})).status_code == 409
    second = await make(people.owner, "/posts", **values)
    for changed, words in (({"title": "u"}, "slug"), ({"title": "t", "slug": "x"}, "title and boardId")):
        await people.owner.client.patch(f"/posts/{second}", json=changed)
        refused = await restore(people, f"/posts/{first}")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert words in refused.json()["detail"]
        assert await status(people.admin, f"/posts/{first}") == 404
    await delete(people.owner, f"/posts/{second}")
    assert (await restore(people, f"/posts/{first}")).status_code == 200
    assert (await restore(people, f"/posts/{second}")).status_code == 409


async def test_only_administrators_restore_and_only_deleted_rows(people: People) -> None:
    """The row is as it was, but for the times of its last change and of its deletion."""
    before = (await people.owner.client.post("/posts", json={"title": "t"})).json()
    url = f"/posts/{before['id']}"
    assert (await restore(people, url)).status_code == 404
    assert (await restore(people, "/posts/none")).status_code == 404
    await delete(people.owner, url)
    assert (await people.anonymous.client.post(f"{url}/restore")).status_code == 401
    for person in (people.owner, people.editor):
        assert (await person.client.post(f"{url}/restore")).status_code == 403
        # Not even whether there can be such a key.
        assert (await person.client.post("/cards/x/restore")).status_code == 403
    restored = await restore(people, url)
    assert restored.status_code == 200
    assert restored.json() == {**before, "updatedAt": restored.json()["updatedAt"]}
    assert restored.headers["ETag"] == (await people.owner.client.get(url)).headers["ETag"]
    assert (await restore(people, url)).status_code == 404


async def test_code_that_calls_the_service_restores_for_administrators_alone(
    people: People, auth: Gatewright, package: str
) -> None:
    """A route of an app's own needs no check of its own."""
    post = await make(people.owner, "/posts")
    await delete(people.owner, f"/posts/{post}")
    service = importlib.import_module(f"{package}.generated.post.service").PostService()
    with pytest.raises(NotAuthenticated):
        await service.restore(crud.Call(auth.context(), None), (post,))
    assert await status(people.admin, f"/posts/{post}?deleted=true") == 200


async def test_hooks_run_around_a_deletion_and_a_restore(people: People, auth: Gatewright, package: str) -> None:
    """With the row as it is then; an error of the first one refuses a restore."""
    service = importlib.import_module(f"{package}.generated.post.service").PostService
    hooked: Any = type("HookedService", (Hooks, service), {})()
    admin = Principal(people.admin.id, "ADMIN", frozenset(), "session", auth.clock.now(), ())
    call, post = crud.Call(auth.context(), admin), await make(people.owner, "/posts")
    await hooked.delete(call, (post,))
    await hooked.restore(call, (post,))
    before = [f"before_{each} {(post,)}" for each in ("delete", "restore")]
    assert hooked.seen == [before[0], "after_delete True", before[1], "after_restore False"]
    await hooked.delete(call, (post,))
    hooked.refuses = True
    with pytest.raises(Conflict, match="Not today"):
        await hooked.restore(call, (post,))
    assert await status(people.owner, f"/posts/{post}") == 404


async def test_versions_are_compared(people: People) -> None:
    """`If-Match` of a delete and of a restore; a deleted row has another version."""
    made = await people.owner.client.post("/posts", json={"title": "t"})
    url, old = f"/posts/{made.json()['id']}", {"If-Match": made.headers["ETag"]}
    other = {"If-Match": '"another"'}
    assert (await people.owner.client.delete(url, headers=other)).status_code == 412
    assert (await people.owner.client.delete(url, headers=old)).status_code == 204
    gone = await people.admin.client.get(f"{url}?deleted=true")
    assert gone.headers["ETag"] != made.headers["ETag"]
    assert (await people.admin.client.post(f"{url}/restore", headers=old)).status_code == 412
    current = {"If-Match": gone.headers["ETag"]}
    assert (await people.admin.client.post(f"{url}/restore", headers=current)).status_code == 200


@pytest.mark.both_databases
async def test_references_name_no_deleted_row(people: People) -> None:
    """A deleted row is refused like a missing one: with `anyRow`, for administrators and in updates as well."""
    post, other = [await make(people.owner, "/posts") for _ in range(2)]
    comment = await make(people.owner, "/comments", postId=other, quotedId=other)
    await delete(people.owner, f"/posts/{post}")
    for person in (people.owner, people.admin):
        for name in ("postId", "quotedId"):
            for answer in (
                await person.client.post("/comments", json={name: post}),
                await person.client.patch(f"/comments/{comment}", json={name: post}),
            ):
                assert faults(answer) == {f"/{name}": "invalid_choice"}
    missing = await people.owner.client.post("/comments", json={"postId": "missing"})
    deleted = await people.owner.client.post("/comments", json={"postId": post})
    assert missing.json()["errors"] == deleted.json()["errors"]


async def test_rows_that_restrict_keep_a_row(people: People) -> None:
    """As they do with a real delete; rows that are deleted themselves keep none."""
    board, post = await make(people.owner, "/boards"), await make(people.owner, "/posts", code="c")
    await people.owner.client.patch(f"/posts/{post}", json={"boardId": board})
    refused = await people.owner.client.delete(f"/boards/{board}")
    assert (refused.status_code, refused.json()["detail"]) == (409, "Other rows refer to this one.")
    for path, values in (("/reviews", {"postId": post}), ("/notes", {"postCode": "c"})):
        keeping = await make(people.admin, path, **values)
        assert (await people.owner.client.delete(f"/posts/{post}")).status_code == 409
        assert (await people.owner.client.delete("/posts", params={"id": post})).status_code == 409
        assert await status(people.owner, f"/posts/{post}") == 200
        await delete(people.admin, f"{path}/{keeping}")
    await delete(people.owner, f"/posts/{post}")
    await delete(people.owner, f"/boards/{board}")
    # The other way round, a row does not come back to one that is deleted.
    refused = await restore(people, f"/posts/{post}")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Post.boardId names a deleted Board. Restore that row first.",
    )
    assert await status(people.owner, f"/posts/{post}") == 404
    for url in (f"/boards/{board}", f"/posts/{post}"):
        assert (await restore(people, url)).status_code == 200


@pytest.mark.both_databases
async def test_rows_that_cascade_are_deleted_and_restored_together(people: People, auth: Gatewright) -> None:
    """At any depth; a row that was deleted before stays deleted. Rows of a join table stay, and references empty."""
    post, other = [await make(people.owner, "/posts") for _ in range(2)]
    board = await make(people.owner, "/boards")
    assert (await people.owner.client.post("/labels", json={"postId": post, "boardId": board})).status_code == 201
    before = await make(people.owner, "/comments", postId=post)
    await delete(people.owner, f"/comments/{before}")
    assert isinstance(auth.clock, FakeClock)
    auth.clock.advance(timedelta(seconds=1, microseconds=2345))
    top = await make(people.owner, "/comments", postId=post)
    below = await make(people.owner, "/comments", postId=other, parentId=top)
    quoting = await make(people.owner, "/comments", postId=other, quotedId=post)
    await delete(people.owner, f"/posts/{post}")
    assert await keys(people.owner, "/comments") == [quoting]
    assert (await people.owner.client.get(f"/comments/{quoting}")).json()["quotedId"] is None
    assert set(await keys(people.admin, "/comments", deleted="true")) == {before, top, below}
    assert len((await people.admin.client.get("/labels")).json()["data"]) == 1
    refused = await restore(people, f"/comments/{top}")
    assert refused.json()["detail"] == "Comment.postId names a deleted Post. Restore that row first."
    assert (await restore(people, f"/posts/{post}")).status_code == 200
    assert set(await keys(people.owner, "/comments")) == {top, below, quoting}
    assert await keys(people.admin, "/comments", deleted="true") == [before]


async def test_a_long_chain_of_rows_is_deleted_and_restored(people: People, auth: Gatewright) -> None:
    """Rows that cascade from rows that cascade: as many as there are, and each once."""
    post, length = await make(people.owner, "/posts"), 500
    comments = auth.database.schema["Comment"]
    chain = [{"id": f"{i:03}", "post_id": None if i else post, "parent_id": f"{i - 1:03}"} for i in range(length)]
    chain[0]["parent_id"] = None
    await auth.database.write(lambda tx: tx.run(sa.insert(comments).values(chain)))
    await delete(people.owner, f"/posts/{post}")
    live = sa.select(sa.func.count()).select_from(comments).where(comments.c.deleted_at.is_(None))
    assert await auth.database.read(lambda tx: tx.value(live)) == 0
    assert (await restore(people, f"/posts/{post}")).status_code == 200
    assert await auth.database.read(lambda tx: tx.value(live)) == length


async def test_restoring_is_all_or_nothing(people: People) -> None:
    """A row that would come back with it, and whose value is taken, keeps the whole from coming back."""
    post, other = [await make(people.owner, "/posts") for _ in range(2)]
    comment = await make(people.owner, "/comments", postId=post, mark="m")
    await delete(people.owner, f"/posts/{post}")
    await make(people.owner, "/comments", postId=other, mark="m")
    assert (await restore(people, f"/posts/{post}")).status_code == 409
    assert await status(people.owner, f"/posts/{post}") == 404
    assert await status(people.admin, f"/comments/{comment}?deleted=true") == 200


async def test_owners_see_their_rows_until_these_are_deleted(people: People) -> None:
    """The rule `owner` counts as before; a hidden time of deletion is in no answer."""
    diary = (await people.owner.client.post("/diaries", json={})).json()
    assert "deletedAt" not in diary
    url = f"/diaries/{diary['id']}"
    assert await status(people.other, url) == 404
    await delete(people.owner, url)
    assert await status(people.owner, url) == 404
    assert await status(people.owner, f"{url}?deleted=true") == 403
    assert "deletedAt" not in (await people.admin.client.get(f"{url}?deleted=true")).json()


async def test_many_rows_are_marked_all_or_none(people: People) -> None:
    """One that others keep keeps all; a second call finds none."""
    first, second = [await make(people.owner, "/posts") for _ in range(2)]
    review = await make(people.owner, "/reviews", postId=second)
    both = {"id": f"{first},{second}"}
    assert (await people.owner.client.delete("/posts", params=both)).status_code == 409
    assert await status(people.owner, f"/posts/{first}") == 200
    await delete(people.owner, f"/reviews/{review}")
    assert (await people.owner.client.delete("/posts", params=both)).status_code == 204
    assert (await people.owner.client.delete("/posts", params=both)).status_code == 404
    assert set(await keys(people.admin, "/posts", deleted="true")) == {first, second}


@pytest.mark.both_databases
async def test_no_row_begins_to_refer_to_a_row_that_is_being_deleted(people: People, auth: Gatewright) -> None:
    """Of a delete and a review of the same post, one is refused, whichever comes first."""
    for _ in range(6):
        post = await make(people.owner, "/posts")
        deleted, review = await asyncio.gather(
            people.owner.client.delete(f"/posts/{post}"),
            people.other.client.post("/reviews", json={"postId": post}),
        )
        assert (deleted.status_code, review.status_code) in {(204, 422), (409, 201)}


async def test_the_document_has_the_parameter_and_the_call(app: Any) -> None:
    """Only for tables that keep deleted rows."""
    paths = app.openapi()["paths"]
    parameters = {each["name"] for each in paths["/posts"]["get"]["parameters"]}
    assert "deleted" in parameters
    assert "deleted" in {each["name"] for each in paths["/posts/{id}"]["get"]["parameters"]}
    assert {"200", "403", "404", "409", "412"} <= set(paths["/posts/{id}/restore"]["post"]["responses"])
    assert {} not in paths["/posts/{id}/restore"]["post"]["security"]
    assert "403" in paths["/posts"]["get"]["responses"]
    assert "/reviews/{id}/restore" not in paths
    assert "deleted" not in {each["name"] for each in paths["/reviews"]["get"]["parameters"]}
