"""Rows that belong to a user by another row: `ownerColumn: "post.authorId"`."""

from __future__ import annotations

import pytest

from gatewright import Gatewright
from tests.crud.conftest import People, faults
from tests.crud.related.blog import make

pytestmark = pytest.mark.both_databases


async def test_a_row_is_reached_by_the_owner_of_its_post_alone(people: People) -> None:
    """To others it is missing, in each call; a list holds one's own rows."""
    post = await make(people.owner, "/posts", name="mine")
    answer = await people.owner.client.post("/drafts", json={"name": "one", "postId": post})
    assert (answer.status_code, answer.json()["name"]) == (201, "one")
    url = answer.headers["location"]
    for person, status in ((people.other, 404), (people.anonymous, 401), (people.owner, 200), (people.admin, 200)):
        assert (await person.client.get(url)).status_code == status
        assert (await person.client.patch(url, json={"name": "two"})).status_code == status
    assert (await people.other.client.get("/drafts")).json()["data"] == []
    assert len((await people.owner.client.get("/drafts")).json()["data"]) == 1
    assert (await people.other.client.delete(url)).status_code == 404
    assert (await people.owner.client.delete(url)).status_code == 204


async def test_the_post_of_a_new_row_is_the_callers_own(people: People) -> None:
    """Though everyone may read the post; and a row can't be moved to the post of another."""
    mine, theirs = await make(people.owner, "/posts"), await make(people.other, "/posts")
    for path in ("/drafts", "/facts"):
        refused = await people.owner.client.post(path, json={"postId": theirs})
        assert faults(refused) == {"/postId": "invalid_choice"}
        many = await people.owner.client.post(path, json=[{"postId": mine}, {"postId": theirs}])
        assert faults(many) == {"/1/postId": "invalid_choice"}
        row = await make(people.owner, path, postId=mine)
        moved = await people.owner.client.patch(f"{path}/{row}", json={"postId": theirs})
        assert faults(moved) == {"/postId": "invalid_choice"}
    assert (await people.other.client.get("/drafts")).json()["data"] == []


async def test_who_may_create_for_others_need_not_own_the_post(people: People) -> None:
    """A role of the rule, administrators, and everyone where the rule is public. They read the row if it is theirs."""
    post = await make(people.owner, "/posts")
    assert (await people.editor.client.post("/facts", json={"postId": post})).status_code == 201
    assert (await people.admin.client.post("/drafts", json={"postId": post})).json()["postId"] == post
    sent = await people.anonymous.client.post("/messages", json={"postId": post, "name": "hello"})
    assert (sent.status_code, sent.content, "etag" in sent.headers) == (201, b"", False)
    by_other = await people.other.client.post("/messages", json={"postId": post})
    assert (by_other.status_code, by_other.content) == (201, b"")
    assert (await people.other.client.get("/messages")).json()["data"] == []
    assert {row["name"] for row in (await people.owner.client.get("/messages")).json()["data"]} == {"hello", None}


async def test_a_reference_names_a_row_of_ones_own_post(people: People) -> None:
    """Rows that belong by their post are closed to others, like those with an owner of their own."""
    draft = await make(people.owner, "/drafts", postId=await make(people.owner, "/posts"))
    assert await make(people.owner, "/answers", draftId=draft)
    refused = await people.other.client.post("/answers", json={"draftId": draft})
    assert faults(refused) == {"/draftId": "invalid_choice"}


async def test_an_export_of_ones_data_holds_the_rows_of_ones_posts(auth: Gatewright, people: People) -> None:
    """They are a user's own as much as the post."""
    draft = await make(people.owner, "/drafts", postId=await make(people.owner, "/posts"))
    await make(people.other, "/drafts", postId=await make(people.other, "/posts"))
    exported = await people.owner.client.get("/users/profile/export")
    assert exported.status_code == 200, exported.text
    assert [row["id"] for row in exported.json()["tables"]["Draft"]] == [draft]
