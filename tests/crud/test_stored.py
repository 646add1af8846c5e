"""What is stored is shown, also when the schema would not take it."""

from __future__ import annotations

import decimal
import math
import typing

import pytest
from pydantic import ValidationError

from gatewright import crud
from gatewright.http.schemas import json_bytes
from tests.crud.conftest import People
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.schemas import PostRead
from tests.crud.sample.generated.post.service import PostRepository, PostService

pytestmark = pytest.mark.both_databases


class OlderRead(PostRead):
    """As a version of the app has it that knows one status only."""

    status: typing.Literal["draft"]


class OlderRepository(PostRepository):
    """Shows that."""

    shown = OlderRead


class OlderService(PostService):
    """Works with it."""

    repository = OlderRepository()


@pytest.fixture
def routers() -> list[crud.Router]:
    """The older version, which takes the newer one's values nevertheless, so that the test can store them."""
    router = crud.Router(tags=["posts"])
    PostResource(OlderService()).add_to(router)
    return [router]


async def test_a_value_that_an_enum_lost_is_read(people: People) -> None:
    """By itself, in a list, as the answer to a change, and on the way through a list that is sorted by it."""
    client, rows = people.owner.client, []
    for status in ("draft", "published", "archived", "published"):
        answer = await client.post("/posts", json={"title": "x", "status": status})
        assert (answer.status_code, answer.json()["status"]) == (201, status)
        rows.append(answer.json()["id"])
    assert (await client.get(f"/posts/{rows[1]}")).json()["status"] == "published"
    assert (await client.patch(f"/posts/{rows[1]}", json={"title": "y"})).json()["status"] == "published"
    assert len((await client.get("/posts")).json()["data"]) == 4
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await client.get("/posts", params={"sort": "status", "limit": 1, "cursor": cursor})
        assert page.status_code == 200, page.text
        seen += [row["id"] for row in page.json()["data"]]
        cursor = page.json()["pagination"]["nextCursor"]
    assert sorted(seen) == sorted(rows)


def test_limits_are_for_what_comes_in() -> None:
    """Numbers of other programs are shown as far as JSON has them; what is of another type is a mistake."""

    class Row(crud.ResponseBody):
        price: crud.Decimal
        rating: crud.Float
        seats: crud.Int

    stored = {"price": decimal.Decimal("1e80"), "rating": math.inf, "seats": 2**40}
    assert (
        json_bytes(Row.model_validate(stored)) == b'{"price":"1' + b"0" * 80 + b'","rating":null,"seats":1099511627776}'
    )
    with pytest.raises(ValidationError):
        Row.model_validate({**stored, "seats": None})
