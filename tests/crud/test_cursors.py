"""Keyset paging: all rows once, whatever comes and goes meanwhile."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from tests.crud.conftest import People, faults, new_post

SORTS = [
    "",
    "title",
    "-title",
    "price,-title",
    "-price",
    "createdAt",
    "slug,-status",
    "-views",
    "-id",
    "authorId,price",
]


@pytest.fixture
async def posts(people: People) -> list[dict[str, Any]]:
    """Rows that are alike in most columns, with nulls among them."""
    values = [
        {"title": f"t{i % 3}", "price": None if i % 3 == 0 else f"{i % 4}.50", "slug": f"s{i}" if i % 2 else None}
        for i in range(11)
    ]
    return [await new_post(people.owner, **each) for each in values]


async def page(people: People, cursor: str | None, **parameters: Any) -> tuple[list[str], dict[str, Any]]:
    """The ids of one page, and how to go on."""
    answer = await people.anonymous.client.get("/posts", params={**parameters, "cursor": cursor})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]], answer.json()["pagination"]


@pytest.mark.both_databases
async def test_a_walk_meets_every_row_once_and_finds_its_way_back(people: People, posts: list[dict[str, Any]]) -> None:
    """Forwards, and backwards by the same pages, in the order of the numbered pages."""
    for sort in SORTS:
        numbered = await people.anonymous.client.get("/posts", params={"sort": sort, "limit": 100})
        expected = [row["id"] for row in numbered.json()["data"]]
        forwards, last = await _walk(people, sort, "", "nextCursor")
        backwards, _ = await _walk(people, sort, last["prevCursor"], "prevCursor")
        assert [each for ids in forwards for each in ids] == expected
        assert len(expected) == len(posts)
        assert backwards[::-1] == forwards[:-1]


async def _walk(people: People, sort: str, start: str, way: str) -> tuple[list[list[str]], dict[str, Any]]:
    """The pages from *start* on, and how the last of them could be left."""
    pages: list[list[str]] = []
    cursor: str | None = start
    while cursor is not None:
        ids, pagination = await page(people, cursor, sort=sort, limit=3)
        assert pagination.keys() == {"limit", "nextCursor", "prevCursor"}
        pages.append(ids)
        cursor = pagination[way]
    return pages, pagination


@pytest.mark.both_databases
async def test_rows_that_come_and_go_are_neither_shown_twice_nor_left_out(
    people: People, posts: list[dict[str, Any]]
) -> None:
    """An insert before the place, and the end of the very row that the cursor names, change nothing behind it."""
    order = sorted(posts, key=lambda row: (row["title"], row["id"]))
    first, pagination = await page(people, "", sort="title", limit=4)
    await new_post(people.owner, title="a new one, far in front")
    late = await new_post(people.owner, title="zz at the end")
    assert (await people.owner.client.delete(f"/posts/{first[-1]}")).status_code == 204
    rest, _ = await page(people, pagination["nextCursor"], sort="title", limit=100)
    assert first == [row["id"] for row in order[:4]]
    assert rest == [row["id"] for row in order[4:]] + [late["id"]]


@pytest.mark.usefixtures("posts")
async def test_a_cursor_belongs_to_its_sort_and_its_list(people: People) -> None:
    """With another sort, on another list, cut, changed or made up: 422."""
    _, pagination = await page(people, "", sort="-price", limit=2)
    cursor = pagination["nextCursor"]
    raw = base64.urlsafe_b64decode(cursor + "==")
    changed = base64.urlsafe_b64encode(raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:]).decode().rstrip("=")
    tries = [
        ("/posts", {"sort": "price", "cursor": cursor}),
        ("/posts", {"cursor": cursor}),
        ("/users", {"sort": "-createdAt", "cursor": cursor}),
        *(("/posts", {"sort": "-price", "cursor": text}) for text in (cursor[:-4], changed, "x", "é", "=" * 9, "[]")),
        ("/posts", {"sort": "-price", "cursor": "A" * 10_000}),
    ]
    for path, parameters in tries:
        answer = await people.admin.client.get(path, params=parameters)
        assert faults(answer) == {"/cursor": "invalid_format"}, parameters


async def test_a_cursor_of_somebody_s_own_making_is_no_fault(people: People, post: dict[str, Any]) -> None:
    """Its checksum needs no secret: whatever is in it is looked at, bound, and kept within the caller's rows."""
    made = await people.other.client.post("/post-reactions", json={"postId": post["id"], "emoji": "x"})
    assert made.status_code == 201

    def forged(table: str, sort: str, content: str) -> str:
        body = content.encode()
        return base64.urlsafe_b64encode(hashlib.sha256(f"{table} {sort} ".encode() + body).digest()[:8] + body).decode()

    for content in (
        '[0,"\\ud800","a"]',
        '[0,"\\u0000","a"]',
        "[" * 5000,
        '[0,{},"a"]',
        "[0,1,2]",
        "[0]",
        "{}",
        "[NaN,1,1]",
    ):
        answer = await people.admin.client.get(
            "/posts", params={"sort": "title", "cursor": forged("posts", "title,id", content)}
        )
        assert faults(answer) == {"/cursor": "invalid_format"}, content
    lowest = forged("post_reactions", "postId,userId", '[0,"",""]')
    answer = await people.owner.client.get("/post-reactions", params={"cursor": lowest})
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert len((await people.other.client.get("/post-reactions", params={"cursor": lowest})).json()["data"]) == 1


@pytest.mark.both_databases
async def test_every_type_that_sorts_has_cursors(people: People) -> None:
    """Values find their way into a cursor and back without losing anything."""
    rows = [
        {"date": "0001-01-01", "time": "00:00:00", "datetime": "2026-01-31T12:00:00.000001Z", "rating": 0.1},
        {"date": "9999-12-31", "time": "23:59:59.999999", "datetime": "2026-01-31T12:00:00.000002Z", "rating": 0.3},
        {"date": "2026-01-31", "visitors": 2**63 - 1, "rating": 0.30000000000000004, "isOpen": False},
        {"date": "2026-01-31", "visitors": -(2**63), "rating": 1.7e308, "decimal": "12345678901.0001"},
        {"date": "2026-01-31", "seats": 1, "str": "é'\"\\", "decimal": "-0.0000000001"},
    ]
    for row in rows:
        made = await people.admin.client.post("/sessions", json=row)
        assert made.status_code == 201, made.text
    for column in "date time datetime seats visitors rating decimal isOpen str token uuid".split():
        for sort in (column, f"-{column}"):
            seen: list[str] = []
            cursor: str | None = ""
            while cursor is not None:
                query: dict[str, str | int] = {"sort": sort, "limit": 1, "cursor": cursor}
                answer = (await people.admin.client.get("/sessions", params=query)).json()
                seen += [row["uuid"] for row in answer["data"]]
                cursor = answer["pagination"]["nextCursor"]
            assert len(seen) == len(set(seen)) == len(rows), sort


async def test_values_too_long_for_an_address_are_refused(people: People) -> None:
    """Instead of a cursor that no server would take back."""
    for _ in range(2):
        await new_post(people.owner, body="x" * 20_000)
    answer = await people.anonymous.client.get("/posts?sort=body&limit=1&cursor=")
    assert faults(answer) == {"/sort": "too_long"}
    assert (await people.anonymous.client.get("/posts?sort=body&limit=1")).status_code == 200
