"""Calls on many rows at once: all of them or none, by the rules for one."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright import Conflict, crud
from tests.crud.conftest import People, Person
from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.schemas import PostCreate
from tests.crud.sample.generated.post.service import PostService
from tests.crud.sample.generated.post_reaction.router import PostReactionResource
from tests.crud.sample.generated.post_reaction.service import PostReactionService

seen: list[str] = []


class HookedService(PostService):
    """Notes the hooks."""

    async def before_create(self, call: crud.Call, values: dict[str, Any]) -> None:
        if values["title"] == "refused":
            raise Conflict("Not this title.")
        seen.append(f"before {values['title']}")

    async def after_create(self, call: crud.Call, row: Post) -> None:
        seen.append(f"after {row.title}")

    async def before_delete(self, call: crud.Call, key: crud.Key) -> None:
        seen.append("before delete")

    async def after_delete(self, call: crud.Call, row: Post) -> None:
        seen.append(f"deleted {row.title}")


class OwnWayService(PostService):
    """Creates and deletes in a way of its own, for one row."""

    async def create(self, call: crud.Call, body: PostCreate) -> crud.Stored[Post]:
        return await super().create(call, body)

    async def delete(self, call: crud.Call, key: crud.Key, versions: Any = None) -> None:
        await super().delete(call, key, versions)


class LetterBoxService(PostService):
    """Signed-in users throw in, and only editors read."""

    access = crud.Access(create=["authenticated"], read=["role:EDITOR"])


def at(route: str, service: PostService) -> PostResource:
    class Resource(PostResource):
        path = route

    return Resource(service)


@pytest.fixture
def routers() -> list[crud.Router]:
    router = crud.Router(tags=["posts"])
    for resource in (
        at("/posts", PostService()),
        at("/hooked", HookedService()),
        at("/own-way", OwnWayService()),
        at("/letter-box", LetterBoxService()),
        PostReactionResource(PostReactionService()),
    ):
        resource.add_to(router)
    return [router]


async def titles(people: People) -> list[str]:
    listed = await people.admin.client.get("/posts", params={"sort": "title", "limit": 100})
    return [row["title"] for row in listed.json()["data"]]


async def create(person: Person, *bodies: Any, path: str = "/posts") -> tuple[int, Any]:
    answer = await person.client.post(path, json=list(bodies))
    return answer.status_code, answer.json()


@pytest.mark.both_databases
async def test_a_list_creates_its_rows(people: People) -> None:
    """In their order, each owned by the caller."""
    status, rows = await create(people.owner, {"title": "one"}, {"title": "two", "slug": "two"})
    assert status == 201
    assert [(row["title"], row["slug"], row["authorId"]) for row in rows] == [
        ("one", None, people.owner.id),
        ("two", "two", people.owner.id),
    ]
    assert (await people.other.client.get(f"/posts/{rows[1]['id']}")).json() == rows[1]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("bad", "status", "where"),
    [
        ({"slug": "first", "title": "x"}, 409, "Item 1: There is already a row with this slug."),
        ({"title": ""}, 422, "/1/title"),
        ({"title": "x", "unknown": 1}, 422, "/1/unknown"),
        ({"title": "x\x00"}, 422, "/1/title"),
        ("no object", 422, "/1"),
    ],
)
async def test_one_item_that_is_refused_refuses_all(people: People, bad: Any, status: int, where: str) -> None:
    """The answer says which; no row was made, also not one before it."""
    found, problem = await create(people.owner, {"title": "first", "slug": "first"}, bad, {"title": "last"})
    assert found == status
    places = [error["field"] for error in problem.get("errors", [])] or [problem["detail"]]
    assert places == [where]
    assert await titles(people) == []


async def test_every_problem_of_every_item_is_named(people: People) -> None:
    """All at once, as for one row."""
    status, problem = await create(people.owner, {"title": ""}, {"title": "fine"}, {"slug": "A"})
    assert status == 422
    assert sorted(error["field"] for error in problem["errors"]) == ["/0/title", "/2/slug", "/2/title"]


@pytest.mark.parametrize("count", [0, 101])
async def test_a_list_has_a_limit(people: People, count: int) -> None:
    """One to a hundred rows."""
    status, problem = await create(people.owner, *[{"title": "x"}] * count)
    assert (status, problem["errors"][0]["code"]) == (422, "too_long" if count else "too_short")
    assert await titles(people) == []


async def test_rules_are_those_of_one_row(people: People) -> None:
    """Who may create one may create many, and only who may read a row sees it."""
    assert (await create(people.anonymous, {"title": "x"}))[0] == 401
    assert await create(people.owner, {"title": "x"}, {"title": "y"}, path="/letter-box") == (201, [None, None])
    status, problem = await create(people.owner, {"title": "x", "authorId": people.other.id})
    assert (status, [error["field"] for error in problem["errors"]]) == (422, ["/0/authorId"])


async def test_a_reference_to_a_row_of_another_refuses_all(people: People) -> None:
    """The refusal is that of a row which does not exist."""
    _, (mine,) = await create(people.owner, {"title": "mine"})
    reaction = {"postId": mine["id"], "emoji": "+"}
    found, problem = await create(people.owner, reaction, {"postId": "unknown", "emoji": "+"}, path="/post-reactions")
    assert (found, [(e["field"], e["code"]) for e in problem["errors"]]) == (422, [("/1/postId", "invalid_choice")])
    assert (await people.admin.client.get("/post-reactions")).json()["data"] == []


@pytest.mark.both_databases
async def test_a_query_of_keys_deletes_their_rows(people: People) -> None:
    """Each once, however often it is named; other rows stay."""
    _, rows = await create(people.owner, {"title": "one"}, {"title": "two"}, {"title": "three"})
    ids = [row["id"] for row in rows]
    answer = await people.owner.client.delete("/posts", params={"id": f"{ids[0]},{ids[2]},{ids[0]}"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert await titles(people) == ["two"]


@pytest.mark.both_databases
async def test_one_row_that_cannot_be_deleted_keeps_all(people: People) -> None:
    """A row of another user is not found, like one that does not exist."""
    _, rows = await create(people.owner, {"title": "mine"})
    _, others = await create(people.other, {"title": "of another"})
    for stranger in (others[0]["id"], "unknown"):
        answer = await people.owner.client.delete("/posts", params={"id": f"{rows[0]['id']},{stranger}"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await titles(people) == ["mine", "of another"]
    both = await people.editor.client.delete("/posts", params={"id": f"{rows[0]['id']},{others[0]['id']}"})
    assert both.status_code == 204


@pytest.mark.parametrize(
    "query",
    ["", "id=", "id=,,", "ids=x", "id=x&id=y", "id=x&filter[title]=y", "id=" + ",".join(map(str, range(101)))],
)
async def test_a_mistyped_query_deletes_nothing(people: People, query: str) -> None:
    """Without keys, with too many, or with a filter that would not count."""
    await create(people.owner, {"title": "one"}, {"title": "two"})
    answer = await people.admin.client.delete(f"/posts?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert await titles(people) == ["one", "two"]


async def test_rows_with_a_key_of_several_columns_are_deleted_one_by_one(people: People) -> None:
    """A comma would not say where a key ends."""
    answer = await people.admin.client.delete("/post-reactions", params={"id": "a,b"})
    assert answer.status_code == 405


async def test_hooks_run_for_each_row(people: People) -> None:
    """Before the transaction and behind it."""
    seen.clear()
    _, rows = await create(people.owner, {"title": "a"}, {"title": "b"}, path="/hooked")
    ids = ",".join(row["id"] for row in rows)
    assert (await people.owner.client.delete("/hooked", params={"id": ids})).status_code == 204
    assert seen == ["before a", "before b", "after a", "after b", *["before delete"] * 2, "deleted a", "deleted b"]


async def test_a_hook_that_refuses_an_item_refuses_all(people: People) -> None:
    """The answer says which item it is about."""
    status, problem = await create(people.owner, {"title": "fine"}, {"title": "refused"}, path="/hooked")
    assert (status, problem["detail"]) == (409, "Item 1: Not this title.")
    assert await titles(people) == []


async def test_a_way_of_its_own_for_one_row_is_not_passed_by(people: People) -> None:
    """What an app's `create` and `delete` check is checked for each row, or the call is refused."""
    status, problem = await create(people.owner, {"title": "x"}, path="/own-way")
    assert (status, problem["detail"]) == (422, "This resource takes one row at a time.")
    one = await people.owner.client.post("/own-way", json={"title": "x"})
    assert one.status_code == 201
    answer = await people.owner.client.delete("/own-way", params={"id": one.json()["id"]})
    assert (answer.status_code, answer.json()["detail"]) == (422, "This resource takes one row at a time.")
    assert await titles(people) == ["x"]
