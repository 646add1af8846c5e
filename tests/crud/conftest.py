"""The sample app, running on a database of each kind, and people who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute

from gatewright import Gatewright
from gatewright import app as app_module
from gatewright.addresses import parse_address
from gatewright.core.engine_tables import engine_tables
from gatewright.design.completion import complete
from gatewright.design.document import Design
from gatewright.design.files import load_design
from gatewright.features.admin import service as admin
from gatewright.http.edge import MODULES_BODY_LIMIT, Edge
from gatewright.http.problems import answer_with_problems
from gatewright.http.routing import Router
from gatewright.testing import FakeClock
from tests.conftest import make_settings
from tests.crud.sample.generated.routers import router as sample_router

PASSWORD = "a passphrase for tests"


@dataclass
class Person:
    """Somebody with a client that is signed in as them."""

    id: str
    client: httpx2.AsyncClient


@dataclass
class People:
    """Who makes calls in these tests."""

    anonymous: Person
    other: Person
    owner: Person
    editor: Person
    admin: Person


@cache
def sample_design() -> Design:
    """The design that the sample is made from, with the engine's tables."""
    fragments = engine_tables()
    return complete(load_design(Path(__file__).parent / "sample" / "db.design.json", engine=fragments), fragments)


@pytest.fixture
def design() -> Design:
    """What is served; a test module may serve something else."""
    return sample_design()


@pytest.fixture
async def auth(migrated_url: str, design: Design, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gatewright]:
    """A started Gatewright whose design and database have the sample's tables too."""
    monkeypatch.setattr(app_module, "design_of", lambda _folder: design)
    roles = {"EDITOR": {"permissions": ["posts:*", "notes:read"]}}
    gatewright = Gatewright(make_settings(migrated_url, roles=roles), clock=FakeClock())
    await gatewright.database.migrate(gatewright.database.schema.metadata.create_all)
    async with gatewright.lifespan(None):
        yield gatewright


@pytest.fixture
def routers() -> list[Router]:
    """What is served; a test module may serve something else."""
    return [sample_router]


@pytest.fixture
def app(auth: Gatewright, routers: list[Router]) -> FastAPI:
    """An app as `gatewright init` makes it, with the sample's routes."""
    app = FastAPI()
    answer_with_problems(app)
    auth.install(app)
    app.router.routes.extend(_included(tuple(routers)))
    app.add_middleware(Edge, auth=auth, https=False, body_limit=MODULES_BODY_LIMIT)
    return app


@cache
def _included(routers: tuple[Router, ...]) -> list[BaseRoute]:
    """The routers as FastAPI includes them; reading all routes again would take most of each test's time."""
    shared = FastAPI(openapi_url=None)
    for router in routers:
        shared.include_router(router)
    return list(shared.routes)


@pytest.fixture
async def new_client(app: FastAPI) -> AsyncIterator[Callable[..., httpx2.AsyncClient]]:
    """Makes clients of the app."""
    clients: list[httpx2.AsyncClient] = []

    def make(**options: Any) -> httpx2.AsyncClient:
        # A fault is to be seen as the 500 that a client would get.
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url="http://localhost:3000", **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def people(auth: Gatewright, new_client: Callable[..., httpx2.AsyncClient]) -> People:
    """Somebody of each kind."""
    anonymous = Person("", new_client())

    async def person(name: str, role: str) -> Person:
        email = f"{name}@example.com"
        await admin.create(
            auth.context(),
            email=parse_address(email),
            password_text=PASSWORD,
            first_name=name.title(),
            last_name="Tester",
            role=role,
            verified=True,
        )
        answer = (await anonymous.client.post("/auth/login", json={"email": email, "password": PASSWORD})).json()
        headers = {"Authorization": f"Bearer {answer['accessToken']}"}
        return Person(answer["user"]["id"], new_client(headers=headers))

    return People(
        anonymous=anonymous,
        other=await person("other", "USER"),
        owner=await person("owner", "USER"),
        editor=await person("editor", "EDITOR"),
        admin=await person("admin", "ADMIN"),
    )


@pytest.fixture
async def post(people: People) -> dict[str, Any]:
    """A post of the owner's."""
    return await new_post(people.owner)


async def new_post(person: Person, **values: Any) -> dict[str, Any]:
    """A new post of *person*'s, as the server answered."""
    answer = await person.client.post("/posts", json={"title": "A title", **values})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def faults(answer: httpx2.Response) -> dict[str, str]:
    """The fields that a 422 names, each with its code."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "validation_failed"
    return {item["field"]: item["code"] for item in answer.json()["errors"]}
