"""What a generated resource does for those who may use it."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright import Gatewright
from gatewright.testing import FakeClock
from tests.crud.conftest import People, faults, new_post


@pytest.mark.both_databases
async def test_a_row_goes_its_way(people: People, auth: Gatewright) -> None:
    """Create, read, change, delete: each answer says what is stored."""
    client = people.owner.client
    created = await client.post("/posts", json={"title": "First", "price": "12.5", "tags": ["a", {"b": [1]}]})
    assert created.status_code == 201
    row = created.json()
    assert created.headers["location"] == f"/posts/{row['id']}"
    assert row == {
        "id": row["id"],
        "title": "First",
        "slug": None,
        "body": None,
        "authorId": people.owner.id,
        "status": "draft",
        "price": "12.50",
        "tags": ["a", {"b": [1]}],
        "views": 0,
        "createdAt": _wire(auth),
        "updatedAt": _wire(auth),
    }
    read = await client.get(created.headers["location"])
    assert (read.status_code, read.json(), read.headers["etag"]) == (200, row, created.headers["etag"])

    assert isinstance(auth.clock, FakeClock)
    auth.clock.advance(60)
    changed = await client.patch(f"/posts/{row['id']}", json={"status": "published", "tags": None})
    assert changed.status_code == 200
    assert changed.json() == {**row, "status": "published", "tags": None, "updatedAt": _wire(auth)}
    assert changed.headers["etag"] != read.headers["etag"]

    deleted = await client.delete(f"/posts/{row['id']}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await client.get(f"/posts/{row['id']}")).status_code == 404


def _wire(auth: Gatewright) -> str:
    return auth.clock.now().isoformat().replace("+00:00", "Z")


@pytest.mark.both_databases
async def test_clients_set_only_what_is_theirs(people: People, post: dict[str, Any]) -> None:
    """Keys, owners, hidden and read-only columns are as unknown as a column that does not exist."""
    for field in ("id", "authorId", "author_id", "moderationNote", "views", "createdAt", "updatedAt", "nonsense"):
        created = await people.admin.client.post("/posts", json={"title": "x", field: "1"})
        changed = await people.owner.client.patch(f"/posts/{post['id']}", json={field: "1"})
        assert faults(created) == faults(changed) == {f"/{field}": "unknown_field"}
    moved = await people.other.client.post("/post-reactions", json={"postId": post["id"], "emoji": "x"})
    for field in ("postId", "userId"):
        changed = await people.other.client.patch(moved.headers["location"], json={field: "1"})
        assert faults(changed) == {f"/{field}": "unknown_field"}


async def test_a_change_of_nothing_changes_nothing(people: People, post: dict[str, Any]) -> None:
    """An empty body answers with the row as it is; a null where there has to be a value is refused."""
    answer = await people.owner.client.patch(f"/posts/{post['id']}", json={})
    assert (answer.status_code, answer.json()) == (200, post)
    nothing = await people.owner.client.patch(f"/posts/{post['id']}", json={"title": None})
    assert faults(nothing) == {"/title": "invalid_type"}


@pytest.mark.both_databases
async def test_a_key_of_several_columns_is_a_path_of_several_parts(people: People, post: dict[str, Any]) -> None:
    """Such a row is found by all its parts, and its owner's part is the caller."""
    client = people.other.client
    created = await client.post("/post-reactions", json={"postId": post["id"], "emoji": "👍"})
    assert created.status_code == 201
    where = created.headers["location"]
    assert where == f"/post-reactions/{post['id']}/{people.other.id}"
    assert (await client.patch(where, json={"emoji": "👎"})).json()["emoji"] == "👎"
    assert (await client.get(f"/post-reactions/{people.other.id}/{post['id']}")).status_code == 404
    assert (await client.delete(where)).status_code == 204


async def test_a_key_that_no_row_has_is_not_found(people: People) -> None:
    """Whatever stands in the path: 404, as for a row that is gone."""
    for key in ("nonsense", "%00", "%ff", "a" * 3000, "..", "%2e%2e", "1' OR '1'='1"):
        for path in (f"/posts/x{key}", f"/sessions/x{key}", f"/post-reactions/x{key}/{key}x"):
            assert (await people.admin.client.get(path)).status_code == 404, path
            assert (await people.admin.client.delete(path)).status_code == 404, path


async def test_the_engine_s_tables_are_read_by_admin_only(people: People) -> None:
    """They can be listed and read; everything else is the engine's own business."""
    for table in ("users", "refresh-tokens", "email-verifications"):
        await _check_read_only(people, table)


async def _check_read_only(people: People, table: str) -> None:
    assert (await people.anonymous.client.get(f"/{table}")).status_code == 401
    for person in (people.owner, people.editor):
        refused = await person.client.get(f"/{table}")
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_role")
    listed = (await people.admin.client.get(f"/{table}")).json()
    for row in listed["data"]:
        assert not row.keys() & {"password", "token", "emailKey", "disabledAt"}
        assert (await people.admin.client.get(f"/{table}/{row['id']}")).json() == row
    for method, path in (("POST", ""), ("PATCH", "/x"), ("DELETE", "/x"), ("PUT", "/x"), ("DELETE", "")):
        answer = await people.admin.client.request(method, f"/{table}{path}", json={})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_ones_own_profile_comes_before_the_table_of_users(people: People) -> None:
    """`/users/profile` is no user whose key is "profile"."""
    assert (await people.owner.client.get("/users/profile")).json()["email"] == "owner@example.com"


@pytest.mark.both_databases
async def test_statements_are_few(people: People, auth: Gatewright, post: dict[str, Any]) -> None:
    """Each call costs what it has to, and a second statement only tells 404 from 412."""
    client, path = people.owner.client, f"/posts/{post['id']}"
    stale = {"If-Match": '"stale"'}
    await client.get(path)
    seen: list[str] = []
    auth.database.observers.append(seen.append)

    async def verbs(method: str, path: str, **options: Any) -> str:
        seen.clear()
        await client.request(method, path, **options)
        # Revocations are polled for meanwhile.
        return " ".join(sql.split()[0] for sql in seen if "posts" in sql)

    assert await verbs("GET", path) == "SELECT"
    assert await verbs("GET", "/posts?search=a&filter[status]=draft&sort=-createdAt") == "SELECT SELECT"
    assert await verbs("GET", "/posts?cursor=&sort=-createdAt") == "SELECT"
    assert await verbs("POST", "/posts", json={"title": "x"}) == "INSERT"
    assert await verbs("PATCH", path, json={"title": "x"}) == "UPDATE"
    assert await verbs("PATCH", path, json={"title": "x"}, headers=stale) == "UPDATE SELECT"
    assert await verbs("PATCH", "/posts/nobody", json={"title": "x"}) == "UPDATE"
    assert await verbs("DELETE", path, headers=stale) == "DELETE SELECT"
    assert await verbs("DELETE", path) == "DELETE"


async def test_bodies_of_modules_may_be_larger_than_the_engine_s_own(people: People, post: dict[str, Any]) -> None:
    """1 MiB for generated modules, 64 KiB for Gatewright's own calls, in one app."""
    client = people.owner.client
    large = {"tags": "x" * (1024 * 1024 - 100)}
    assert (await client.patch(f"/posts/{post['id']}", json=large)).status_code == 200
    larger = {"tags": "x" * (1024 * 1024)}
    refused = await client.patch(f"/posts/{post['id']}", json=larger)
    assert (refused.status_code, refused.json()["code"]) == (413, "payload_too_large")
    own = await client.patch("/users/profile", json={"firstName": "x" * 65 * 1024})
    assert (own.status_code, own.json()["code"]) == (413, "payload_too_large")


async def test_answers_carry_the_contract_s_headers(people: People) -> None:
    """Ids, security headers once, and nothing to be stored."""
    row = await new_post(people.owner)
    answer = await people.anonymous.client.get(f"/posts/{row['id']}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get_list("x-request-id") == [answer.headers["x-request-id"]]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_lists_and_rows_take_head(people: People) -> None:
    """With the headers of a GET, the tag among them, and no content; `Allow` says so in an app of somebody else's."""
    client = people.owner.client
    row = await new_post(people.owner)
    for path in ("/posts", f"/posts/{row['id']}", "/posts/none", "/posts?sort=none"):
        got, headed = await client.get(path), await client.head(path)
        assert (headed.status_code, headed.content) == (got.status_code, b"")
        for name in ("content-type", "etag", "cache-control"):
            assert headed.headers.get(name) == got.headers.get(name)
        if got.status_code == 200:
            assert headed.headers["content-length"] == got.headers["content-length"]
    assert (await client.put("/posts")).headers["allow"] == "DELETE, GET, HEAD, POST"
    assert (await client.put(f"/posts/{row['id']}")).headers["allow"] == "DELETE, GET, HEAD, PATCH"
