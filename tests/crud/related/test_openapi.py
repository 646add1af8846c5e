"""The OpenAPI document says which related rows a call may add, and answers keep to it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from fastapi import FastAPI

from gatewright import crud
from gatewright.http.openapi import described_routes
from tests.crud.conftest import People
from tests.crud.related.blog import make

Schema = dict[str, Any]


def documented(routers: list[crud.Router]) -> Schema:
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    with described_routes(app):
        return app.openapi()


def answered(document: Schema, path: str) -> Schema:
    """The schema of the answer to GET *path*."""
    found: Schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return found


def row_schema(document: Schema, path: str) -> Schema:
    """The schema of the row at *path*."""
    found: Schema = document["components"]["schemas"][answered(document, path)["$ref"].rpartition("/")[2]]
    return found


async def test_a_row_is_described_with_what_it_may_bring_along(routers: list[crud.Router]) -> None:
    """By the schemas of the rows' own tables; none of it is required, none is there over a hidden column."""
    document = documented(routers)
    post = row_schema(document, "/posts/{id}")
    added = post["properties"].keys() - document["components"]["schemas"]["PostRead"]["properties"].keys()
    assert added == {"author", "team", "tags", "comments", "related", "relatedOf", "drafts", "messages", "facts"}
    assert not added & set(post["required"])
    assert set(post["required"]) == set(document["components"]["schemas"]["PostRead"]["required"])
    author, tags = post["properties"]["author"], post["properties"]["tags"]
    assert author["anyOf"] == [{"$ref": "#/components/schemas/UserRead"}, {"type": "null"}]
    assert (tags["type"], tags["items"]) == ("array", {"$ref": "#/components/schemas/TagRead"})
    assert "default" not in author
    assert "default" not in tags


async def test_lists_are_described_alike(routers: list[crud.Router]) -> None:
    """A table's own list, and one of related rows; each names what can be included."""
    document = documented(routers)
    for path in ("/posts", "/users/{id}/posts"):
        page = document["components"]["schemas"][answered(document, path)["$ref"].rpartition("/")[2]]
        assert page["properties"]["data"]["items"] == answered(document, "/posts/{id}"), path
        (include,) = [each for each in document["paths"][path]["get"]["parameters"] if each["name"] == "include"]
        assert "author, team" in include["description"], path


async def test_answers_are_what_the_document_says(people: People, routers: list[crud.Router]) -> None:
    """With related rows and without; a related row that is none of its table's is found."""
    document = documented(routers)
    post = await make(people.owner, "/posts", name="one")
    await make(people.other, "/comments", name="fine", postId=post)
    schema = {**answered(document, "/posts/{id}"), "components": document["components"]}
    valid = jsonschema_rs.validator_for(schema).is_valid
    row = (await people.owner.client.get(f"/posts/{post}", params={"include": "author,team,tags,comments"})).json()
    assert row["author"]
    assert row["comments"]
    assert valid(row)
    assert valid((await people.owner.client.get(f"/posts/{post}")).json())
    assert not valid({**row, "author": {"id": 1}})
    assert not valid({**row, "comments": [{}]})
    assert not valid({**row, "comments": None})
