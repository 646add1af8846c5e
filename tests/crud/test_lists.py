"""Lists: pages, sort, filters and search, and what they must not tell."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright import Gatewright
from tests.crud.conftest import People, faults, new_post

FOUND = [
    ("filter[status]=published", {"banana_split", "Cherry"}),
    ("filter[status][ne]=published", {"Apple pie", "date", "Élan"}),
    ("filter[status][in]=draft,archived", {"Apple pie", "date", "Élan"}),
    ("filter[status][in]=draft&filter[status][in]=archived", {"Apple pie", "date", "Élan"}),
    ("filter[price][gt]=9.5", {"banana_split", "Cherry"}),
    ("filter[price][gte]=9.5&filter[price][lte]=10", {"Apple pie", "banana_split"}),
    ("filter[price][lt]=10", {"Apple pie"}),
    ("filter[price]=100.25", {"Cherry"}),
    ("filter[price][ne]=100.25", {"Apple pie", "banana_split", "date", "Élan"}),
    ("filter[price][isNull]=true", {"date", "Élan"}),
    ("filter[tags][isNull]=false", {"Cherry"}),
    ("filter[title][contains]=APPLE", {"Apple pie"}),
    ("filter[title]=Élan", {"Élan"}),
    ("filter[views][gte]=0&filter[slug]=apple", {"Apple pie"}),
    ("filter[createdAt][lte]=2999-01-01T00:00:00Z&filter[createdAt][gt]=2999-01-01T00:00:00%2B01:00", set()),
    ("search=pie", {"Apple pie"}),
    ("search=COLD", {"banana_split"}),
    ("search=", {"Apple pie", "banana_split", "Cherry", "date", "Élan"}),
]

# fmt: off
NOT_TAKEN = [
    ("page=0", {"/page": "out_of_range"}),
    ("page=-1", {"/page": "out_of_range"}),
    ("page=x", {"/page": "invalid_type"}),
    ("page=1&page=2", {"/page": "invalid_format"}),
    ("page=99999999999999999999", {"/page": "out_of_range"}),
    ("page=100000&limit=100", {"/page": "out_of_range"}),
    (f"page={10**30}", {"/page": "out_of_range"}),
    ("page=999999999", {"/page": "out_of_range"}),
    ("limit=0", {"/limit": "out_of_range"}),
    ("limit=101", {"/limit": "out_of_range"}),
    ("limit=-1", {"/limit": "out_of_range"}),
    (f"limit=-{'9' * 5000}", {"/limit": "out_of_range"}),
    ("limit=1.0", {"/limit": "invalid_type"}),
    ("limit=-", {"/limit": "invalid_type"}),
    ("limit=", {"/limit": "invalid_type"}),
    ("limit=²", {"/limit": "invalid_type"}),
    ("nonsense=1", {"/nonsense": "unknown_field"}),
    ("Page=1&sort=title", {"/Page": "unknown_field"}),
    ("sort=title,title", {"/sort": "invalid_format"}),
    ("sort=title,-title", {"/sort": "invalid_format"}),
    ("sort=,", {"/sort": "unknown_field"}),
    ("sort=tags", {"/sort": "invalid_choice"}),
    ("sort=title,slug,body,price,views,status", {"/sort": "too_long"}),
    ("filter[price]=x", {"/filter[price]": "invalid_type"}),
    ("filter[price][gt]=1e9999999", {"/filter[price][gt]": "out_of_range"}),
    ("filter[price]=NaN", {"/filter[price]": "out_of_range"}),
    ("filter[views]=2147483648", {"/filter[views]": "out_of_range"}),
    (f"filter[views]={'9' * 30}", {"/filter[views]": "out_of_range"}),
    ("filter[views]=1.5", {"/filter[views]": "invalid_type"}),
    ("filter[views][contains]=1", {"/filter[views][contains]": "invalid_choice"}),
    ("filter[status]=nonsense", {"/filter[status]": "invalid_choice"}),
    ("filter[status][gt]=draft", {"/filter[status][gt]": "invalid_choice"}),
    ("filter[tags]=x", {"/filter[tags]": "invalid_choice"}),
    ("filter[title][isNull]=maybe", {"/filter[title][isNull]": "invalid_choice"}),
    ("filter[title]=%00", {"/filter[title]": "invalid_characters"}),
    ("search=%00", {"/search": "invalid_characters"}),
    ("filter[createdAt]=yesterday", {"/filter[createdAt]": "invalid_format"}),
    ("filter[createdAt][gt]=2026-01-31T12:00:00", {"/filter[createdAt][gt]": "invalid_format"}),
    ("filter[title]=a&filter[title]=b", {"/filter[title]": "invalid_format"}),
    ("filter[title]=a&filter[title][eq]=b", {"/filter[title][eq]": "invalid_format"}),
    ("filter=x", {"/filter": "unknown_field"}),
    ("filter[]=x", {"/filter[]": "invalid_format"}),
    ("filter[title][eq][x]=x", {"/filter[title][eq][x]": "invalid_format"}),
    ("page=1&cursor=", {"/cursor": "invalid_format"}),
    ("page=0&limit=0&x=1", {"/page": "out_of_range", "/limit": "out_of_range", "/x": "unknown_field"}),
    (f"search={'x' * 201}", {"/search": "too_long"}),
    (f"filter[title]={'x' * 1001}", {"/filter[title]": "too_long"}),
    (f"filter[title][in]={'x,' * 100}x", {"/filter[title][in]": "too_long"}),
    (f"filter[title][in]={'x,' * 10_000}x", {"/filter[title][in]": "too_long"}),
    ("&".join(["filter[title][in]=x"] * 2_000), {"/filter[title][in]": "too_long"}),
    (
        "&".join(f"filter[{c}][{o}]=2" for c in ("title", "slug", "body") for o in ("gt", "gte", "lt", "lte", "eq", "ne", "in")),  # noqa: E501
        {"/filter": "too_long"},
    ),
]
# fmt: on


@pytest.fixture
async def posts(people: People, auth: Gatewright) -> list[dict[str, Any]]:
    """Five posts of several kinds."""
    rows: list[dict[str, Any]] = [
        {"title": "Apple pie", "body": "100% butter", "price": "9.50", "slug": "apple"},
        {"title": "banana_split", "body": "cold", "price": "10.00", "status": "published"},
        {"title": "Cherry", "price": "100.25", "status": "published", "tags": ["x"]},
        {"title": "date", "body": "a\\b"},
        {"title": "Élan", "body": "ÉCLAIR", "status": "archived"},
    ]
    return [await new_post(people.owner, **row) for row in rows]


async def titles(people: People, query: str) -> list[str]:
    """The titles that a list holds."""
    answer = await people.anonymous.client.get(f"/posts?{query}")
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()["data"]]


@pytest.mark.usefixtures("posts")
@pytest.mark.both_databases
async def test_pages_are_numbered(people: People) -> None:
    """A page says where it stands among all pages, and pages don't overlap."""
    seen = []
    for page in (1, 2, 3):
        answer = (await people.anonymous.client.get(f"/posts?page={page}&limit=2&sort=title")).json()
        seen += [row["title"] for row in answer["data"]]
        assert answer["pagination"] == {
            "page": page,
            "limit": 2,
            "total": 5,
            "totalPages": 3,
            "hasNext": page < 3,
            "hasPrev": page > 1,
        }
    assert sorted(seen) == sorted(["Apple pie", "banana_split", "Cherry", "date", "Élan"])
    assert await titles(people, "page=4&limit=2") == []


@pytest.mark.usefixtures("posts")
@pytest.mark.both_databases
async def test_filters_and_search_find_what_they_name(people: People) -> None:
    """All filters have to hold; what has no value is not equal to one."""
    for query, expected in FOUND:
        assert set(await titles(people, query)) == expected, query


@pytest.mark.usefixtures("posts")
@pytest.mark.both_databases
async def test_wildcards_stand_for_themselves(people: People) -> None:
    """`%` and `_` find rows that hold them, and no others."""
    for text, expected in [
        ("%", {"Apple pie"}),
        ("_", {"banana_split"}),
        ("\\", {"date"}),
        ("/", set()),
        ("''", set()),
    ]:
        answer = await people.anonymous.client.get("/posts", params={"search": text})
        assert {row["title"] for row in answer.json()["data"]} == expected
        for column in ("title", "body"):
            answer = await people.anonymous.client.get("/posts", params={f"filter[{column}][contains]": text})
            assert {row["title"] for row in answer.json()["data"]} <= expected


@pytest.mark.usefixtures("posts")
@pytest.mark.both_databases
async def test_rows_are_sorted_by_several_columns_and_nulls_are_the_most(people: People) -> None:
    """The same order on every database."""
    assert (await titles(people, "sort=price"))[:3] == ["Apple pie", "banana_split", "Cherry"]
    assert (await titles(people, "sort=-price"))[2:] == ["Cherry", "banana_split", "Apple pie"]
    by_status = await titles(people, "sort=status,-price")
    assert by_status[0] == "Élan"
    assert by_status[1:3] == ["date", "Apple pie"]
    assert by_status[3:] == ["Cherry", "banana_split"]


async def test_hidden_columns_are_as_unknown_as_those_that_do_not_exist(people: People) -> None:
    """Nobody sorts or filters by what they may not see, ADMIN neither; the answers do not differ."""
    client = people.admin.client
    for column in ["moderationNote", "moderation_note", "password", "nonsense", "id;--", "__class__", "title]["]:
        assert faults(await client.get("/posts", params={"sort": column})) == {"/sort": "unknown_field"}
        assert faults(await client.get("/posts", params={"sort": f"-{column}"})) == {"/sort": "unknown_field"}
        for operator in ("", "[contains]", "[isNull]", "[nonsense]"):
            answer = await client.get("/posts", params={f"filter[{column}]{operator}": "x"})
            assert set(faults(answer).values()) <= {"unknown_field", "invalid_format"}


async def test_search_does_not_look_into_hidden_columns_and_identifiers(
    people: People, post: dict[str, Any], auth: Gatewright
) -> None:
    """A search never finds a row by a text that its reader can't see."""
    note = "UPDATE posts SET moderation_note = 'secretive'"
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(note))
    for text in ("secretive", post["id"], post["authorId"]):
        assert await titles(people, f"search={text}") == []
    assert "secretive" not in (await people.admin.client.get("/posts")).text


async def test_what_a_list_does_not_take_is_named(people: People) -> None:
    """Unknown, twice, out of bounds or of another type: 422 with each parameter at fault."""
    for query, found in NOT_TAKEN:
        assert faults(await people.anonymous.client.get(f"/posts?{query}")) == found, query


async def test_an_answer_does_not_grow_with_what_is_wrong(people: People) -> None:
    """Whoever asks for thousands of columns is told of the first hundred that there are not."""
    for query in ("&".join(f"x{i}=1" for i in range(2_000)), "&".join(["filter[title][in]=x"] * 2_000)):
        answer = await people.anonymous.client.get(f"/posts?{query}")
        assert answer.status_code == 422
        assert len(answer.json()["errors"]) == 100


@pytest.mark.both_databases
async def test_values_are_bound_and_never_part_of_a_statement(people: People, post: dict[str, Any]) -> None:
    """SQL in a value is a value."""
    for text in ("' OR 1=1 --", "'; DROP TABLE posts; --", "\\'", '"', ":title", "%(title)s", "$1"):
        for name in ("search", "filter[title]", "filter[title][contains]", "filter[title][in]"):
            answer = await people.anonymous.client.get("/posts", params={name: text})
            assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert await titles(people, "") == [post["title"]]
