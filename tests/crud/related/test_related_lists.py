"""Lists of related rows: `/users/{id}/posts`."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from gatewright import Gatewright
from tests.crud.conftest import People, Person, faults
from tests.crud.related.blog import make

pytestmark = pytest.mark.both_databases


def _ids(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def _get(person: Person, path: str, **query: Any) -> httpx2.Response:
    return await person.client.get(path, params=query)


async def test_the_rows_of_a_relation_have_a_list(people: People) -> None:
    """With pages, filters, sorting, cursors and further related rows, as in the list of their own table."""
    post = await make(people.owner, "/posts", name="p")
    made = [await make(people.other, "/comments", name=name, postId=post) for name in ("a", "b", "c")]
    await make(people.other, "/comments", name="z", postId=await make(people.other, "/posts"))
    path = f"/posts/{post}/comments"
    assert set(_ids(await _get(people.anonymous, path))) == set(made)
    assert _ids(await _get(people.anonymous, path, sort="-name", limit=2)) == [made[2], made[1]]
    assert _ids(await _get(people.anonymous, path, **{"filter[name]": "b"})) == [made[1]]
    first = (await _get(people.anonymous, path, sort="name", limit=2, cursor="")).json()
    after = first["pagination"]["nextCursor"]
    assert _ids(await _get(people.anonymous, path, sort="name", limit=2, cursor=after)) == [made[2]]
    rows = (await _get(people.anonymous, path, include="post")).json()
    assert {row["post"]["name"] for row in rows["data"]} == {"p"}
    assert rows["pagination"]["total"] == 3
    assert faults(await _get(people.anonymous, path, nothing="1")) == {"/nothing": "unknown_field"}


async def test_a_list_over_a_join_table_has_the_joined_rows(people: People) -> None:
    """From both ends, and from a table to itself; only from a row that the caller may read."""
    post, other, tag = (
        await make(people.owner, "/posts"),
        await make(people.owner, "/posts"),
        await make(people.admin, "/tags"),
    )
    await people.admin.client.post("/taggings", json={"postId": post, "tagId": tag})
    await people.admin.client.post("/post-relateds", json={"fromPostId": post, "toPostId": other})
    for path, found in (
        (f"/posts/{post}/tags", [tag]),
        (f"/posts/{other}/tags", []),
        (f"/tags/{tag}/posts", [post]),
        (f"/posts/{post}/related", [other]),
        (f"/posts/{other}/related-of", [post]),
    ):
        assert _ids(await _get(people.anonymous, path)) == found
    assert (await _get(people.anonymous, "/posts/missing/tags")).status_code == 404


async def test_a_list_says_no_more_than_the_list_of_its_own_table(people: People) -> None:
    """Who may not read an account gets the posts of it that everyone may list, and nothing more of it."""
    post = await make(people.owner, "/posts")
    await make(people.other, "/posts")
    draft = await make(people.owner, "/drafts", postId=post)
    for person in (people.anonymous, people.other, people.owner, people.admin):
        assert _ids(await _get(person, f"/users/{people.owner.id}/posts")) == [post]
    assert _ids(await _get(people.other, f"/posts/{post}/drafts")) == []
    assert _ids(await _get(people.owner, f"/posts/{post}/drafts")) == [draft]
    assert (await _get(people.anonymous, f"/posts/{post}/drafts")).status_code == 401
    # Those who may list no rows of a table learn nothing of its relations.
    assert (await _get(people.owner, f"/users/{people.owner.id}/refresh-tokens")).status_code == 403
    assert (await _get(people.anonymous, f"/users/{people.owner.id}/refresh-tokens")).status_code == 401
    assert len(_ids(await _get(people.admin, f"/users/{people.owner.id}/refresh-tokens"))) == 1


async def test_a_row_that_is_missing_has_no_lists(people: People) -> None:
    """Those who may read all rows see that; to others it is a row that they may not read."""
    assert (await _get(people.admin, "/users/missing/posts")).status_code == 404
    assert _ids(await _get(people.anonymous, "/users/missing/posts")) == []
    assert (await _get(people.anonymous, "/posts/missing/comments")).status_code == 404


async def test_a_relation_over_a_hidden_column_has_no_list(people: People) -> None:
    """It would say who is behind a value that nobody sees."""
    await make(people.owner, "/posts", reviewerId=people.owner.id)
    assert (await _get(people.admin, f"/users/{people.owner.id}/posts-by-reviewer")).status_code == 404


async def test_the_document_lists_relations(auth: Gatewright, people: People) -> None:
    """Each list, and the names that can be included."""
    document = (await people.anonymous.client.get("/openapi.json")).json()
    listed = document["paths"]["/posts/{id}/tags"]["get"]
    assert listed["operationId"] == "list_tags_of_post"
    include = next(p for p in document["paths"]["/posts"]["get"]["parameters"] if p["name"] == "include")
    assert "author, team, comments, drafts" in include["description"]
    assert "reviewer" not in include["description"]
