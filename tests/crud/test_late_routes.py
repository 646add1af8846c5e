"""Routes of tables are declared at little cost: their description waits for the document, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from gatewright import Gatewright, require_role
from gatewright.crud import Router, parameters
from gatewright.http.api_routes import read_json
from gatewright.http.errors import UnsupportedMediaType
from gatewright.http.host import answer_errors_everywhere
from tests.crud.conftest import People, faults
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.service import PostService


@pytest.fixture
def routers() -> list[Router]:
    """Posts, which only administrators may call: the app says so where it includes them."""
    return [_guarded()]


def _guarded() -> Router:
    tables, guarded = Router(tags=["posts"]), Router(tags=[])
    PostResource(PostService()).add_to(tables)
    guarded.include_router(tables, dependencies=[Depends(require_role("ADMIN"))])
    return guarded


async def test_dependencies_of_routers_hold_for_tables(people: People) -> None:
    """An app guards its tables where it includes them, on top of the access rules of the design."""
    for who, status in ((people.anonymous, 401), (people.owner, 403), (people.admin, 200)):
        assert (await who.client.get("/posts")).status_code == status
    assert (await people.owner.client.post("/posts", json={"title": "A title"})).status_code == 403
    assert (await people.admin.client.post("/posts", json={"title": "A title"})).status_code == 201


async def test_no_description_is_made_before_the_document(auth: Gatewright, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start does not pay for what few of its processes are asked for; the document has all the same."""
    described: list[Any] = []
    made = parameters.of_list

    def of_list(columns: Any) -> Any:
        described.append(columns)
        return made(columns)

    monkeypatch.setattr(parameters, "of_list", of_list)
    app = auth.create_app()
    app.include_router(_guarded())
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost:3000") as client:
        assert (await client.get("/nowhere")).status_code == 404
        assert described == []
        routes = app.router.routes
        operation = app.openapi()["paths"]["/posts"]["get"]
    assert len(described) == 1
    assert {"page", "filter[title]"} <= {parameter["name"] for parameter in operation["parameters"]}
    assert app.router.routes is routes


def test_an_app_that_is_mounted_describes_its_tables() -> None:
    """Its document is FastAPI's own, with all of their schemas."""
    inner = FastAPI()
    inner.include_router(_guarded(), prefix="/v1")
    answer_errors_everywhere(Starlette(routes=[Mount("/api", inner)]))
    document = inner.openapi()
    assert "requestBody" in document["paths"]["/v1/posts"]["post"]
    assert "PostCreate" in document["components"]["schemas"]


async def test_a_body_that_no_header_announces_has_to_be_json_too() -> None:
    """HTTP/2 sends bodies without a length; a page of another site must not send one as text."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    plain = {"type": "http", "method": "POST", "headers": [(b"content-type", b"text/plain")]}
    with pytest.raises(UnsupportedMediaType):
        await read_json(Request(plain, receive))
    json = {**plain, "headers": [(b"content-type", b"application/json")]}
    assert await read_json(Request(json, receive)) == {}


async def test_a_field_named_body_is_named_in_refusals(people: People) -> None:
    """One row, one of several, and beside a text that the database cannot store."""
    for sent, where in (
        ({"title": "A title", "body": 5}, {"/body"}),
        ([{"title": "A title", "body": 5}], {"/0/body"}),
        ({"title": "\0", "body": 5}, {"/title", "/body"}),
    ):
        assert faults(await people.admin.client.post("/posts", json=sent)).keys() == where


def test_routers_by_the_hundred_start_and_end_in_order() -> None:
    """Lifespans are not nested in each other: Python's stack would end with five hundred tables."""
    events: list[str] = []

    def lifespan_of(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(_app: Any) -> AsyncIterator[dict[str, str]]:
            events.append(f"start {name}")
            yield {"name": name, name: "here"}
            events.append(f"end {name}")

        return lifespan

    tables = Router(tags=[])
    for name in ("first", "second", *map(str, range(1000))):
        router = Router(tags=[])
        if name in ("first", "second"):
            router.lifespan_context = lifespan_of(name)
        tables.include_router(router)
    app = FastAPI()
    app.include_router(tables)
    with TestClient(app) as client:
        assert events == ["start first", "start second"]
        assert client.app_state == {"name": "first", "first": "here", "second": "here"}
    assert events[2:] == ["end second", "end first"]
