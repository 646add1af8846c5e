"""The document says of generated resources what they do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI

from gatewright.http import openapi
from gatewright.http.texts import LINE_PATTERN
from tests.crud.sample.generated.routers import router


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document of an app with the sample's routes."""
    app = FastAPI()
    app.include_router(router)
    with openapi.described_routes(app):
        found = app.openapi()
    openapi.complete(found)
    return found


def test_every_call_says_what_it_answers(document: dict[str, Any]) -> None:
    """The statuses of each call, as the tests of this folder meet them."""
    paths = document["paths"]
    always = {"413", "500", "503"}
    assert paths["/posts"]["get"]["responses"].keys() == always | {"200", "401", "422"}
    assert paths["/posts"]["post"]["responses"].keys() == always | {"201", "400", "401", "403", "409", "415", "422"}
    assert paths["/posts/{id}"]["get"]["responses"].keys() == always | {"200", "401", "404", "422"}
    changed = always | {"200", "400", "401", "403", "404", "409", "412", "415", "422"}
    assert paths["/posts/{id}"]["patch"]["responses"].keys() == changed
    assert paths["/posts/{id}"]["delete"]["responses"].keys() == always | {"204", "401", "403", "404", "409", "412"}
    assert paths["/users"].keys() == paths["/users/{id}"].keys() == {"get"}


def test_a_public_call_needs_no_token(document: dict[str, Any]) -> None:
    """And every other does."""
    assert {} in document["paths"]["/posts"]["get"]["security"]
    assert {} not in document["paths"]["/posts"]["post"]["security"]
    assert {} not in document["paths"]["/users"]["get"]["security"]


def test_hidden_columns_are_nowhere(document: dict[str, Any]) -> None:
    """Neither in a schema nor among the parameters."""
    for name in ("moderationNote", "moderation_note", "emailKey", "password", "disabledAt"):
        assert name not in str({key: document[key] for key in ("paths", "components")}).replace(
            "password': {'scopes", ""
        )


def test_limits_of_the_design_are_told(document: dict[str, Any]) -> None:
    """Lengths, choices, patterns and forms; whatever order they are declared in."""
    fields = document["components"]["schemas"]["PostCreate"]["properties"]
    assert fields["title"].items() >= {"minLength": 1, "maxLength": 200, "description": "What the list shows."}.items()
    assert fields["status"].items() >= {"enum": ["draft", "published", "archived"], "default": "draft"}.items()
    slug = {"type": "string", "maxLength": 80, "pattern": "^[a-z0-9-]+$", "allOf": [{"pattern": LINE_PATTERN}]}
    assert fields["slug"]["anyOf"][0] == slug
    assert fields["price"]["anyOf"][0] == {"type": "string", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,2})?$"}
    event = document["components"]["schemas"]["SessionUpdate"]["properties"]
    assert event["bytes"]["anyOf"][0].items() >= {"contentEncoding": "base64", "maxLength": 24}.items()
    assert event["seats"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 500}
    assert event["visitors"]["maximum"] < 2**63


def test_a_list_names_its_columns(document: dict[str, Any]) -> None:
    """Which it sorts and filters by, and with which operators."""
    parameters = {each["name"]: each["schema"] for each in document["paths"]["/posts"]["get"]["parameters"]}
    assert {"page", "limit", "search", "cursor", "sort", "filter[title]", "filter[tags]"} <= parameters.keys()
    assert "-createdAt" in parameters["sort"]["items"]["enum"]
    assert "tags" not in parameters["sort"]["items"]["enum"]
    assert parameters["filter[tags]"]["properties"].keys() == {"isNull"}
    assert parameters["filter[price]"]["properties"].keys() == {"eq", "ne", "in", "gt", "gte", "lt", "lte", "isNull"}


def test_operations_have_short_names(document: dict[str, Any]) -> None:
    """Those that a client's functions are named by: `update_post_reaction`, and no path in them."""
    paths = document["paths"]
    names = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert {"list_posts", "read_post", "create_post", "update_post", "delete_post", "list_users", "read_user"} <= names
    assert "update_post_reaction" in names
    assert all(re.fullmatch("(list|read|create|update|delete)_[a-z_]+", name) for name in names)
    assert len(names) == sum(len(path) for path in paths.values())
