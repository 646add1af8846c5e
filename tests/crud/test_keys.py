"""What clients may choose as a key stands in a path, whatever else the design says of it."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy import orm

from gatewright import crud
from gatewright.errors import ValidationFailed
from tests.crud.conftest import People

pytestmark = pytest.mark.both_databases


class Body(crud.RequestBody):
    """A key with a pattern that lets a slash through, and one without."""

    path: crud.KeyString = pydantic.Field(min_length=2, max_length=1000, pattern="^a.*b$")
    name: crud.KeyString = pydantic.Field(description="Plain.")


@pytest.mark.parametrize("text", ["a/b", "a\nb", "a\x7fb", "axc", "a", "a" + "x" * 1000 + "b"])
def test_a_pattern_adds_to_what_a_key_can_be_and_takes_nothing_away(text: str) -> None:
    """A row under a key with a slash could never be read again."""
    with pytest.raises((ValidationError, ValidationFailed)):
        Body.model_validate({"path": text, "name": "x"})


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a/b", "\t", "x" * 256])
def test_a_key_without_a_pattern_has_limits_too(text: str) -> None:
    """Paths of dots lead elsewhere, and an empty one is the list's."""
    with pytest.raises((ValidationError, ValidationFailed)):
        Body.model_validate({"path": "a.b", "name": text})


def test_everyday_keys_are_taken() -> None:
    """Spaces, accents and dots among letters are no danger."""
    assert Body.model_validate({"path": "a" + "x" * 500 + "b", "name": "é a.b"}).name == "é a.b"


def test_the_document_has_both_forms() -> None:
    """A client that keeps to it is never refused."""
    fields = Body.model_json_schema()["properties"]
    assert fields["path"]["pattern"] == "^a.*b$"
    of_keys = [fields["name"]["pattern"], *(form["pattern"] for form in fields["name"]["allOf"])]
    assert len(of_keys) == 2
    assert [form["pattern"] for form in fields["path"]["allOf"]] == of_keys
    assert (fields["path"]["maxLength"], fields["name"]["maxLength"]) == (1000, 255)


async def test_a_path_that_is_no_key_is_not_found(people: People) -> None:
    """Never a fault, and never a hint at what a key looks like."""
    for path in ("not-a-uuid", "%00", "%ED%A0%80", "..%2F..", "'--", "9" * 400, "%20", "null"):
        for resource in ("posts", "sessions", "users"):
            answer = await people.admin.client.get(f"/{resource}/{path}")
            assert answer.status_code == 404, (resource, path)


def test_a_part_of_a_key_may_be_called_as_a_part_of_a_request() -> None:
    """FastAPI tells what stands in a path by its name."""
    columns = {name: sa.Column(name, sa.String, primary_key=True) for name in ("body", "call", "request", "user")}
    model = type("Odd", (orm.declarative_base(),), {"__tablename__": "odds", **columns})
    fields: Any = dict.fromkeys(columns, str)
    shown: Any = pydantic.create_model("OddRead", __base__=crud.ResponseBody, **fields)
    repository: Any = type("OddRepository", (crud.Repository,), {"model": model, "shown": shown})
    service: Any = type("OddService", (crud.Service,), {"repository": repository(), "access": crud.Access()})
    options = {"path": "/odds", "create_schema": crud.RequestBody, "update_schema": crud.RequestBody}
    resource: Any = type("OddResource", (crud.Resource,), options)
    router = crud.Router(tags=[])
    resource(service()).add_to(router)
    routes: Any = router.routes
    assert {route.path for route in routes} == {"/odds", "/odds/{body}/{call}/{request}/{user}"}
