"""What an app adds to the generated code: hooks, and routes of its own."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright import crud
from gatewright.errors import Conflict
from tests.crud.conftest import People, Person
from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.service import PostService

seen: list[str] = []


class HookedService(PostService):
    """Notes what happens, writes a hidden column, and refuses one title."""

    async def before_create(self, call: crud.Call, values: dict[str, Any]) -> None:
        if values["title"] == "forbidden":
            raise Conflict("Not this title.")
        values["moderation_note"] = f"by {values['author_id']}"
        seen.append("before_create")

    async def after_create(self, call: crud.Call, row: Post) -> None:
        seen.append(f"after_create {row.moderation_note}")

    async def before_update(self, call: crud.Call, key: crud.Key, values: dict[str, Any]) -> None:
        values["title"] = values["title"].upper()
        seen.append("before_update")

    async def after_update(self, call: crud.Call, row: Post) -> None:
        seen.append(f"after_update {row.title}")

    async def before_delete(self, call: crud.Call, key: crud.Key) -> None:
        seen.append("before_delete")

    async def after_delete(self, call: crud.Call, row: Post) -> None:
        seen.append(f"after_delete {row.title}")


@pytest.fixture
def routers() -> list[crud.Router]:
    """The generated routes behind one of the app's own."""
    router = crud.Router(tags=["posts"])

    @router.get("/posts/popular")
    async def popular() -> dict[str, str]:
        return {"title": "the app's own"}

    PostResource(HookedService()).add_to(router)
    return [router]


async def _create(person: Person, title: str) -> Any:
    return await person.client.post("/posts", json={"title": title})


async def test_hooks_run_before_and_after_each_change(people: People) -> None:
    """They see and change the values, hidden columns too, and see the row that came of it."""
    seen.clear()
    row = (await _create(people.owner, "a")).json()
    await people.owner.client.patch(f"/posts/{row['id']}", json={"title": "b"})
    await people.owner.client.delete(f"/posts/{row['id']}")
    assert seen == [
        "before_create",
        f"after_create by {people.owner.id}",
        "before_update",
        "after_update B",
        "before_delete",
        "after_delete B",
    ]


async def test_a_hook_can_refuse(people: People) -> None:
    """Nothing is written then, and the client reads why."""
    refused = await _create(people.owner, "forbidden")
    assert (refused.status_code, refused.json()["detail"]) == (409, "Not this title.")
    assert (await people.owner.client.get("/posts")).json()["pagination"]["total"] == 0


async def test_nothing_follows_a_change_that_did_not_happen(people: People) -> None:
    """No hook after a 404, a 412 or a conflict."""
    row = (await _create(people.owner, "a")).json()
    seen.clear()
    await people.other.client.patch(f"/posts/{row['id']}", json={"title": "b"})
    await people.owner.client.delete(f"/posts/{row['id']}", headers={"If-Match": '"stale"'})
    assert [each for each in seen if each.startswith("after")] == []


async def test_routes_of_ones_own_come_first(people: People) -> None:
    """`/posts/popular` is no post whose key is "popular"."""
    assert (await people.anonymous.client.get("/posts/popular")).json() == {"title": "the app's own"}
    assert (await people.anonymous.client.get("/posts/unknown")).status_code == 404
