"""Who may make which call on whose rows: every rule, every call, every kind of person."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright import crud
from gatewright.design.document import CALLS
from tests.crud.conftest import People, Person
from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.schemas import PostRead
from tests.crud.sample.generated.post.service import PostService
from tests.crud.sample.generated.routers import router as sample_router

RULES: dict[str, list[str]] = {
    "none": [],
    "public": ["public"],
    "authenticated": ["authenticated"],
    "owner": ["owner"],
    "role": ["role:EDITOR"],
    "owner-or-role": ["owner", "role:EDITOR"],
    "permission": ["permission:notes:read"],
    "permission-of-a-kind": ["permission:posts:write"],
    "owner-or-permission": ["owner", "permission:posts:write"],
    "other-permission": ["permission:notes:write"],
}

# What comes of list (whose rows it holds), read, create, update and delete, where the row is the owner's.
ALL = "all 200 201 200 204"
NOTHING = "403 403 403 403 403"
UNKNOWN = "401 401 401 401 401"
STRANGER = "own 404 201 404 404"
OWNER = "own 200 201 200 204"
OUTCOMES: dict[str, dict[str, str]] = {
    "none": {"anonymous": UNKNOWN, "other": NOTHING, "owner": NOTHING, "editor": NOTHING, "admin": ALL},
    # Whoever is nobody can't own a row, and a post has to have an owner.
    "public": {"anonymous": "all 200 422 200 204", "other": ALL, "owner": ALL, "editor": ALL, "admin": ALL},
    "authenticated": {"anonymous": UNKNOWN, "other": ALL, "owner": ALL, "editor": ALL, "admin": ALL},
    "owner": {"anonymous": UNKNOWN, "other": STRANGER, "owner": OWNER, "editor": STRANGER, "admin": ALL},
    "role": {"anonymous": UNKNOWN, "other": NOTHING, "owner": NOTHING, "editor": ALL, "admin": ALL},
    "owner-or-role": {"anonymous": UNKNOWN, "other": STRANGER, "owner": OWNER, "editor": ALL, "admin": ALL},
    "permission": {"anonymous": UNKNOWN, "other": NOTHING, "owner": NOTHING, "editor": ALL, "admin": ALL},
    "permission-of-a-kind": {"anonymous": UNKNOWN, "other": NOTHING, "owner": NOTHING, "editor": ALL, "admin": ALL},
    "owner-or-permission": {"anonymous": UNKNOWN, "other": STRANGER, "owner": OWNER, "editor": ALL, "admin": ALL},
    "other-permission": {"anonymous": UNKNOWN, "other": NOTHING, "owner": NOTHING, "editor": NOTHING, "admin": ALL},
}


@pytest.fixture
def routers() -> list[crud.Router]:
    """Posts once for each rule, all in one table."""
    router = crud.Router(tags=["posts"])
    for name, rules in RULES.items():
        _resource(name, crud.Access(**dict.fromkeys(CALLS, rules))).add_to(router)
    return [router, sample_router]


def _resource(name: str, rules: crud.Access) -> PostResource:
    class RuledService(PostService):
        access = rules

    class RuledResource(PostResource):
        path = f"/{name}-posts"

    return RuledResource(RuledService())


async def _outcomes(person: Person, rule: str, people: People) -> str:
    """What comes of each call, on rows that one is the owner's and one an editor's."""
    client, path = person.client, f"/{rule}-posts"
    row = (await people.owner.client.post("/posts", json={"title": "of the owner"})).json()
    await people.editor.client.post("/posts", json={"title": "of an editor"})
    listed = await client.get(path, params={"limit": 100})
    read = await client.get(f"{path}/{row['id']}")
    created = await client.post(path, json={"title": "new"})
    updated = await client.patch(f"{path}/{row['id']}", json={"title": "changed"})
    deleted = await client.delete(f"{path}/{row['id']}")
    _check_refusals(rule, listed, read, created, updated, deleted)
    statuses = (answer.status_code for answer in (read, created, updated, deleted))
    return " ".join([_listed(listed, person, people), *map(str, statuses)])


def _listed(answer: Any, person: Person, people: People) -> str:
    if answer.status_code != 200:
        return str(answer.status_code)
    owners = {row["authorId"] for row in answer.json()["data"]}
    return "all" if {people.owner.id, people.editor.id} <= owners else "own" if owners <= {person.id} else "wrong"


def _check_refusals(rule: str, *answers: Any) -> None:
    """A refusal says why, and never whose the row is."""
    lacks = "insufficient_permission" if "permission" in rule else "insufficient_role"
    codes = {401: "not_authenticated", 403: lacks, 404: "not_found"}
    for answer in answers:
        if answer.status_code in codes:
            assert answer.json()["code"] == codes[answer.status_code]
            assert "title" not in answer.json().get("detail", "")


@pytest.mark.parametrize("rule", RULES)
async def test_a_rule_lets_in_whom_it_names_and_nobody_else(people: People, rule: str) -> None:
    """Rule by call by person; a list by ownership holds one's own rows, and other people's rows are not there."""
    found = {name: await _outcomes(getattr(people, name), rule, people) for name in OUTCOMES[rule]}
    assert found == OUTCOMES[rule]


async def test_a_new_row_is_its_maker_s(people: People) -> None:
    """Also when ADMIN makes it: the owner is the caller, whatever the rule that let them in."""
    for person in (people.other, people.editor, people.admin):
        created = (await person.client.post("/posts", json={"title": "mine"})).json()
        assert created["authorId"] == person.id


async def test_whoever_may_not_call_learns_nothing_of_the_body(people: People) -> None:
    """The refusal comes before the body is looked at."""
    for person, status in ((people.anonymous, 401), (people.owner, 403)):
        answer = await person.client.post("/none-posts", json={"nonsense": 1})
        assert answer.status_code == status
        answer = await person.client.get("/none-posts?nonsense=1")
        assert answer.status_code == status


@pytest.mark.both_databases
async def test_a_list_of_ones_own_can_t_be_widened(people: People) -> None:
    """Neither by a filter on the owner, nor by search, nor by a cursor of somebody else's."""
    for person in (people.owner, people.other):
        for number in range(3):
            await person.client.post("/posts", json={"title": f"post {number}"})
    client = people.other.client
    foreign = (await people.owner.client.get("/owner-posts?cursor=&limit=1")).json()["pagination"]["nextCursor"]
    for query in (
        f"filter[authorId]={people.owner.id}",
        f"filter[authorId][ne]={people.other.id}",
        "search=post",
        f"cursor={foreign}&limit=1",
    ):
        answer = await client.get(f"/owner-posts?{query}")
        assert answer.status_code == 200
        assert {row["authorId"] for row in answer.json()["data"]} <= {people.other.id}


async def test_an_unique_value_of_somebody_else_s_row_is_not_told_by_a_change(people: People) -> None:
    """Changing a row that is not one's own is 404, whatever the change would clash with."""
    await people.owner.client.post("/posts", json={"title": "x", "slug": "taken"})
    row = (await people.owner.client.post("/posts", json={"title": "y"})).json()
    answer = await people.other.client.patch(f"/posts/{row['id']}", json={"slug": "taken"})
    assert answer.status_code == 404


def test_a_rule_that_does_not_exist_is_an_error_at_the_start() -> None:
    """A misspelt rule never lets anybody in, and never passes unnoticed."""
    for rule in ("Public", "none", "role", "permission", "", "everybody"):
        with pytest.raises(ValueError, match="no access rule"):
            crud.Access(list=[rule])


def test_rows_that_are_nobody_s_can_t_be_ruled_by_ownership() -> None:
    """Such a service would answer with everybody's rows, so it does not start."""

    class Nobodys(crud.ReadRepository[Post]):
        model = Post
        shown = PostRead

    class NobodysService(crud.ReadService[Post]):
        repository = Nobodys()
        access = crud.Access(list=["authenticated"], read=["owner"])

    with pytest.raises(ValueError, match="names no owner"):
        NobodysService()
