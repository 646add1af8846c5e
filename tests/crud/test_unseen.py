"""Whoever may write a row and not read it learns nothing of it by writing."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from gatewright import crud
from tests.crud.conftest import People
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.service import PostService


class LetterBoxService(PostService):
    """Everybody throws in, everybody signed in may correct, and only editors, and those whose it is, read."""

    access = crud.Access(
        list=["role:EDITOR"],
        read=["owner", "role:EDITOR"],
        create=["public"],
        update=["authenticated"],
        delete=["role:EDITOR"],
    )
    owner_of_strays = ""

    async def before_create(self, call: crud.Call, values: dict[str, Any]) -> None:
        """Give somebody the rows of nobody."""
        values["author_id"] = values["author_id"] or self.owner_of_strays


@pytest.fixture
def routers() -> list[crud.Router]:
    """The letter box."""
    router = crud.Router(tags=["posts"])
    PostResource(LetterBoxService()).add_to(router)
    return [router]


async def test_an_answer_holds_the_row_for_those_who_may_read_it_only(people: People) -> None:
    """Others get 204 for a change of any kind, without a tag, which is a digest of the row."""
    row = (await people.owner.client.post("/posts", json={"title": "mine"})).json()
    assert row["title"] == "mine"
    for body in ({"title": "corrected"}, {}):
        for person in (people.owner, people.editor, people.admin):
            answer = await person.client.patch(f"/posts/{row['id']}", json=body)
            assert (answer.status_code, answer.json()["title"]) == (200, "corrected")
            assert "etag" in answer.headers
        answer = await people.other.client.patch(f"/posts/{row['id']}", json=body)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "etag" not in answer.headers
    assert (await people.other.client.get(f"/posts/{row['id']}")).status_code == 404


async def test_whoever_creates_for_others_is_told_where_and_no_more(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hooks and defaults put in stays with those who may read it."""
    monkeypatch.setattr(LetterBoxService, "owner_of_strays", people.owner.id)
    answer = await people.anonymous.client.post("/posts", json={"title": "thrown in"})
    assert (answer.status_code, answer.content) == (201, b"")
    assert "etag" not in answer.headers
    where = answer.headers["location"]
    assert (await people.anonymous.client.get(where)).status_code == 401
    assert (await people.owner.client.get(where)).json()["title"] == "thrown in"


async def test_the_document_says_so(app: FastAPI) -> None:
    """204 is among the answers where it can come, and only there."""
    paths = app.openapi()["paths"]
    answers = paths["/posts/{id}"]["patch"]["responses"]
    assert answers["204"]["description"] == "Changed; the caller may not read the row."
    assert "content" not in answers["204"]
    assert "gets no body" in paths["/posts"]["post"]["responses"]["201"]["description"]


@pytest.mark.parametrize(
    ("read", "update", "is_shown"),
    [
        (["public"], ["public"], True),
        (["authenticated"], ["owner", "role:EDITOR"], True),
        (["authenticated"], ["public"], False),
        (["owner"], ["owner"], True),
        (["owner"], ["owner", "role:EDITOR"], False),
        (["owner"], ["authenticated"], False),
        (["role:EDITOR"], ["role:EDITOR", "role:ADMIN"], True),
        ([], [], True),
        ([], ["owner"], False),
    ],
)
def test_whether_every_writer_may_read_follows_from_the_rules(
    read: list[str], update: list[str], is_shown: bool
) -> None:
    """ADMIN always may; whoever is let in by a rule of both calls may too."""
    assert crud.Access(read=read, update=update).shows_what_is_written("update") is is_shown
    assert crud.Access(read=["owner"], create=["authenticated"]).shows_what_is_written("create")
