"""What the database refuses is told in terms of the resource: no SQL, and no hidden column."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from gatewright import Gatewright
from tests.crud.conftest import People, new_post

pytestmark = pytest.mark.both_databases


def conflict(answer: httpx2.Response) -> str:
    """What a 409 says."""
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    detail: str = answer.json()["detail"]
    for word in ("UNIQUE", "constraint", "INSERT", "posts.", "uq_", "fk_", "Key ("):
        assert word not in detail
    return detail


async def test_a_value_that_is_taken(people: People) -> None:
    """At create, and at update; of ten that come at once a single one gets it."""
    await new_post(people.owner, slug="taken")
    again = await people.other.client.post("/posts", json={"title": "x", "slug": "taken"})
    assert conflict(again) == "There is already a row with this slug."
    row = await new_post(people.other)
    assert "slug" in conflict(await people.other.client.patch(f"/posts/{row['id']}", json={"slug": "taken"}))
    body = {"title": "x", "slug": "contested"}
    answers = await asyncio.gather(*(people.owner.client.post("/posts", json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9


async def test_a_key_that_is_taken(people: People, post: dict[str, Any]) -> None:
    """Of a key in several parts all are named."""
    body = {"postId": post["id"], "emoji": "x"}
    assert (await people.other.client.post("/post-reactions", json=body)).status_code == 201
    answer = await people.other.client.post("/post-reactions", json=body)
    assert conflict(answer) == "There is already a row with this postId and userId."


async def test_a_row_that_others_refer_to(people: People, auth: Gatewright) -> None:
    """It stays; what hangs on a row by cascade goes with it."""
    row = await new_post(people.owner)
    made = await people.other.client.post("/post-reactions", json={"postId": row["id"], "emoji": "x"})
    assert (await people.owner.client.delete(f"/posts/{row['id']}")).status_code == 204
    assert (await people.other.client.get(made.headers["location"])).status_code == 404

    row = await new_post(people.owner)
    table = "CREATE TABLE pins (post_id VARCHAR REFERENCES posts (id) ON DELETE RESTRICT)"
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(table))
    pin = f"INSERT INTO pins VALUES ('{row['id']}')"
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(pin))
    answer = await people.owner.client.delete(f"/posts/{row['id']}")
    assert conflict(answer) == "Other rows refer to this one."
    assert (await people.owner.client.get(f"/posts/{row['id']}")).status_code == 200


async def test_a_hidden_column_that_clashes_is_not_named(people: People, auth: Gatewright) -> None:
    """The clash is told, the column is not."""
    rows = [await new_post(people.owner) for _ in range(2)]
    unique = "CREATE UNIQUE INDEX hidden_and_views ON posts (moderation_note, views)"
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql("UPDATE posts SET moderation_note = id"))
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(unique))

    from tests.crud.sample.generated.post.service import PostService

    note = rows[0]["id"]
    trigger = PostService.before_update
    try:

        async def set_note(self: Any, call: Any, key: Any, values: dict[str, Any]) -> None:
            values["moderation_note"] = note

        PostService.before_update = set_note  # type: ignore[method-assign]
        answer = await people.owner.client.patch(f"/posts/{rows[1]['id']}", json={"title": "x"})
    finally:
        PostService.before_update = trigger  # type: ignore[method-assign]
    assert conflict(answer) == "A value that must be unique is already used."
