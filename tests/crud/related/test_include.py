"""Related rows in an answer: `include=author,tags`."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from gatewright import Gatewright, crud
from gatewright.crud import related
from tests.crud.conftest import People, Person, faults
from tests.crud.related.blog import make

pytestmark = pytest.mark.both_databases


async def _get(person: Person, path: str, include: str, **query: Any) -> Any:
    answer = await person.client.get(path, params={"include": include, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _tagged_post(people: People, *tags: str, **values: Any) -> str:
    post = await make(people.owner, "/posts", **values)
    for name in tags:
        tag = await make(people.admin, "/tags", name=name)
        await people.admin.client.post("/taggings", json={"postId": post, "tagId": tag})
    return post


async def test_a_row_comes_with_what_it_leads_to(people: People) -> None:
    """One row or many, under the names of the relations; a row without any has null, or an empty list."""
    team = await make(people.admin, "/teams", name="press")
    post = await _tagged_post(people, "a", "b", name="one", teamId=team)
    await make(people.other, "/posts", name="two")
    await make(people.other, "/comments", name="fine", postId=post)
    row = await _get(people.admin, f"/posts/{post}", "author,team,tags,comments")
    assert row["author"]["email"] == "owner@example.com"
    assert row["team"] == {"id": team, "name": "press", "parentId": None}
    assert sorted(tag["name"] for tag in row["tags"]) == ["a", "b"]
    assert [comment["name"] for comment in row["comments"]] == ["fine"]
    rows = (await _get(people.admin, "/posts", "team,tags,comments", sort="name"))["data"]
    assert [(each["name"], each["team"] and each["team"]["name"], len(each["tags"])) for each in rows] == [
        ("one", "press", 2),
        ("two", None, 0),
    ]
    plain = (await people.admin.client.get(f"/posts/{post}")).json()
    assert plain == {name: value for name, value in row.items() if name in plain}
    assert not plain.keys() & {"author", "team", "tags", "comments"}


async def test_two_relations_one_behind_the_other_are_the_most(people: People) -> None:
    """And ten in all. What there is not is refused, and so is a relation over a hidden column."""
    head = await make(people.admin, "/teams", name="head")
    team = await make(people.admin, "/teams", name="press", parentId=head)
    post = await _tagged_post(people, "a", teamId=team)
    row = await _get(people.other, f"/posts/{post}", "team.parent,tags.posts")
    assert row["team"]["parent"]["name"] == "head"
    assert [found["id"] for tag in row["tags"] for found in tag["posts"]] == [post]
    for include, code in (
        ("team.parent.parent", "too_long"),
        (",".join(f"r{number}" for number in range(11)), "too_long"),
        ("nothing", "invalid_choice"),
        ("teamId", "invalid_choice"),
        ("team.nothing", "invalid_choice"),
        ("reviewer", "invalid_choice"),
        ("__class__", "invalid_choice"),
    ):
        for path in ("/posts", f"/posts/{post}"):
            assert faults(await people.admin.client.get(path, params={"include": include})) == {"/include": code}
    refused = await people.admin.client.get("/users", params={"include": "postsByReviewer"})
    assert faults(refused) == {"/include": "invalid_choice"}
    assert refused.json()["errors"][0]["message"].startswith("Must be among posts, comments, ")


async def test_what_the_caller_may_not_read_is_left_out(people: People) -> None:
    """By the access rules of the row's own table, at each step of the way."""
    team = await make(people.admin, "/teams")
    post = await _tagged_post(people, "a", teamId=team)
    await make(people.owner, "/drafts", name="mine", postId=post)
    include = "author,team,drafts,comments.writer"
    await make(people.other, "/comments", name="c", postId=post, writerId=people.other.id)
    seen = {
        name: await _get(getattr(people, name), f"/posts/{post}", include)
        for name in ("anonymous", "other", "owner", "editor", "admin")
    }
    # An account is read by its user and by administrators.
    assert {name: row["author"] is not None for name, row in seen.items()} == {
        "anonymous": False,
        "other": False,
        "owner": True,
        "editor": False,
        "admin": True,
    }
    assert {name: row["team"] is not None for name, row in seen.items()} == {
        **dict.fromkeys(seen, True),
        "anonymous": False,
    }
    # What belongs by the post is its owner's.
    assert {name: len(row["drafts"]) for name, row in seen.items()} == {
        **dict.fromkeys(seen, 0),
        "owner": 1,
        "admin": 1,
    }
    assert {name: row["comments"][0]["writer"] is not None for name, row in seen.items()} == {
        **dict.fromkeys(seen, False),
        "other": True,
        "admin": True,
    }


async def test_rows_that_are_in_no_list_are_in_no_included_list(people: People) -> None:
    """Who may read a team they know, but list none, can't list the teams below another."""
    team = await make(people.admin, "/teams")
    await make(people.admin, "/teams", parentId=team)
    assert (await _get(people.other, f"/teams/{team}", "teams"))["teams"] == []
    assert len((await _get(people.admin, f"/teams/{team}", "teams"))["teams"]) == 1


async def test_each_relation_is_one_statement(auth: Gatewright, people: People) -> None:
    """However many rows there are: two for the list, one for each relation."""
    for name in "abc":
        post = await _tagged_post(people, f"{name}1", f"{name}2", name=name)
        await make(people.other, "/comments", postId=post, writerId=people.other.id)
    seen: list[str] = []
    auth.database.observers.append(seen.append)
    await _get(people.anonymous, "/posts", "tags,comments.writer")
    statements = [each for each in seen if {"posts", "comments", "tags"} & set(each.split())]
    # The writers are accounts, which an anonymous client reads none of.
    assert len(statements) == 4, statements


async def test_an_included_list_has_a_limit(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with the lowest keys; rows that would be too many in all are refused."""
    posts = [await make(people.owner, "/posts", name=name) for name in "ab"]
    made = {post: [await make(people.other, "/comments", postId=post) for _ in range(3)] for post in posts}
    monkeypatch.setattr(related, "MOST_RELATED", 2)
    rows = (await _get(people.anonymous, "/posts", "comments"))["data"]
    assert {row["id"]: [each["id"] for each in row["comments"]] for row in rows} == {
        post: sorted(comments)[:2] for post, comments in made.items()
    }
    monkeypatch.setattr(related, "MOST_INCLUDED", 3)
    refused = await people.anonymous.client.get("/posts", params={"include": "comments"})
    assert faults(refused) == {"/include": "too_long"}


async def test_a_join_table_with_access_rules_is_read_by_them(
    people: People, package: str, auth: Gatewright, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without rules of its own, it joins for everyone who may read both ends."""
    post = await _tagged_post(people, "a")
    assert len((await _get(people.anonymous, f"/posts/{post}", "tags"))["tags"]) == 1
    schema = auth.database.schema
    rules = schema.design.table("Post").access
    closed = schema.designed("taggings")
    assert closed is not None
    owned = dataclasses.replace(closed, access=dataclasses.replace(rules, read=(), list=()))
    monkeypatch.setitem(schema._designed, "taggings", owned)
    assert (await _get(people.anonymous, f"/posts/{post}", "tags"))["tags"] == []
    assert len((await _get(people.admin, f"/posts/{post}", "tags"))["tags"]) == 1
    assert (await people.other.client.get(f"/posts/{post}/tags")).json()["data"] == []


async def test_a_service_that_finds_rows_in_its_own_way_is_not_passed_over(
    people: People, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that overrides `read` or `list` has rules there, so its rows are at their own path alone."""
    post = await _tagged_post(people, "a")
    service = importlib.import_module(f"{package}.modules.tag.service").TagService

    async def own(self: Any, call: crud.Call, query: crud.ListQuery) -> Any:
        return await crud.ReadService.list(self, call, query)

    monkeypatch.setattr(service, "list", own, raising=False)
    refused = await people.admin.client.get(f"/posts/{post}", params={"include": "tags"})
    assert faults(refused) == {"/include": "invalid_choice"}


def test_models_lead_to_each_other(package: str) -> None:
    """Both names of a relation are attributes, and no statement is made for them unasked."""
    models = importlib.import_module(f"{package}.generated")
    post, user, tag = models.Post(id="p"), models.User(id="u"), models.Tag(id="t")
    post.author = user
    assert user.posts == [post]
    assert sa.inspect(models.Tag).relationships["posts"].mapper.class_ is models.Post
    assert {models.Post.tags.property.viewonly, models.Tag.posts.property.viewonly} == {True}
    joined = orm.Session().query(models.Post).join(models.Post.tags).where(models.Tag.id == tag.id)
    assert "JOIN taggings" in str(joined)
