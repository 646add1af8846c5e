"""If-Match: of changes to one version of a row, a single one happens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gatewright.crud.etags import read_if_match
from tests.crud.conftest import People


@pytest.mark.both_databases
async def test_of_twenty_parallel_changes_to_one_version_one_succeeds(people: People, post: dict[str, Any]) -> None:
    """The condition is part of the update: nobody overwrites what they have not seen."""
    client, path = people.owner.client, f"/posts/{post['id']}"
    tag = (await client.get(path)).headers["etag"]
    answers = await asyncio.gather(
        *(client.patch(path, json={"title": f"try {i}"}, headers={"If-Match": tag}) for i in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    won = next(answer for answer in answers if answer.status_code == 200)
    now = await client.get(path)
    assert (now.json(), now.headers["etag"]) == (won.json(), won.headers["etag"])


@pytest.mark.both_databases
async def test_a_clock_that_stands_still_does_not_hide_a_change(people: People, post: dict[str, Any]) -> None:
    """The tag is the content's: two changes in one microsecond are still two versions."""
    client, path = people.owner.client, f"/posts/{post['id']}"
    tag = (await client.get(path)).headers["etag"]
    changed = await client.patch(path, json={"title": "another"})
    assert changed.json()["updatedAt"] == post["updatedAt"]
    refused = await client.patch(path, json={"title": "a third"}, headers={"If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")


async def test_a_table_without_a_time_of_change_has_tags_too(people: People) -> None:
    """Every visible column counts, whatever its type, bytes and JSON too."""
    client = people.admin.client
    made = await client.post("/sessions", json={"date": "2026-01-31"})
    path, tags = made.headers["location"], [made.headers["etag"]]
    for change in ({"bytes": "AAAA"}, {"data": {"a": 1}}, {"rating": 0.1}, {"bytes": "AAAB"}, {"data": {"a": 2}}):
        answer = await client.patch(path, json=change, headers={"If-Match": tags[-1]})
        assert answer.status_code == 200
        assert (await client.patch(path, json=change, headers={"If-Match": tags[-1]})).status_code == 412
        tags.append(answer.headers["etag"])
    assert len(set(tags)) == len(tags)


async def test_a_row_that_changed_is_not_deleted(people: People, post: dict[str, Any]) -> None:
    """DELETE keeps to If-Match as PATCH does; once the row is gone the answer is 404."""
    client, path = people.owner.client, f"/posts/{post['id']}"
    stale = {"If-Match": (await client.get(path)).headers["etag"]}
    fresh = {"If-Match": (await client.patch(path, json={"title": "new"})).headers["etag"]}
    assert (await client.delete(path, headers=stale)).status_code == 412
    answers = await asyncio.gather(*(client.delete(path, headers=fresh) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 9


async def test_other_people_s_rows_are_not_found_whatever_the_tag(people: People, post: dict[str, Any]) -> None:
    """A 412 would say that the row is there."""
    path, client = f"/posts/{post['id']}", people.other.client
    right = (await client.get(path)).headers["etag"]
    for tag in (right, '"wrong"', "*"):
        assert (await client.patch(path, json={"title": "x"}, headers={"If-Match": tag})).status_code == 404
        assert (await client.patch(path, json={}, headers={"If-Match": tag})).status_code == 404
        assert (await client.delete(path, headers={"If-Match": tag})).status_code == 404


async def test_an_empty_change_keeps_to_the_tag_too(people: People, post: dict[str, Any]) -> None:
    """It answers with the row only while that is as the client knows it."""
    answer = await people.owner.client.patch(f"/posts/{post['id']}", json={}, headers={"If-Match": '"stale"'})
    assert answer.status_code == 412


async def test_a_hidden_column_is_not_in_the_tag(people: People, post: dict[str, Any], auth: Any) -> None:
    """Who knows the rest of a row must not find out the hidden part by trying digests."""
    path = f"/posts/{post['id']}"
    before = (await people.owner.client.get(path)).headers["etag"]
    table = "UPDATE posts SET moderation_note = 'secret'"
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(table))
    assert (await people.owner.client.get(path)).headers["etag"] == before


@pytest.mark.parametrize(
    ("headers", "versions"),
    [
        ([], None),
        (["*"], None),
        (['"a"'], ("a",)),
        (['"a", "b"', '"c"'], ("a", "b", "c")),
        (['W/"a"'], ()),
        (["a"], ()),
        ([""], ()),
        (['"a'], ()),
        (['*, "a"'], ("a",)),
        ([", ".join(f'"{i}"' for i in range(1000))], tuple(map(str, range(20)))),
    ],
)
def test_if_match_is_read_by_the_standard(headers: list[str], versions: tuple[str, ...] | None) -> None:
    """Weak tags and what is no tag match nothing (RFC 9110 section 13.1.1), and never anything."""
    assert read_if_match(headers) == versions
