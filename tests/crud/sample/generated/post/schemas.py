# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post/.
"""What clients send and get of `/posts`."""

from __future__ import annotations

import typing

import pydantic
from gatewright import crud


class PostRead(crud.ResponseBody, defer_build=True):
    """An article that somebody wrote."""

    id: crud.String
    title: crud.String = pydantic.Field(description="What the list shows.")
    slug: crud.String | None = pydantic.Field(examples=["hello-world"])
    body: crud.Text | None
    author_id: crud.String
    status: typing.Literal["draft", "published", "archived"]
    price: crud.Decimal | None
    tags: crud.Json | None
    views: crud.Int
    created_at: crud.DateTime
    updated_at: crud.DateTime


class PostCreate(crud.RequestBody, defer_build=True):
    """What a new row is made from."""

    title: crud.String = pydantic.Field(min_length=1, max_length=200, description="What the list shows.")
    slug: crud.String | None = pydantic.Field(None, max_length=80, pattern="^[a-z0-9-]+$", examples=["hello-world"])
    body: crud.Text | None = pydantic.Field(None, max_length=20000)
    status: typing.Literal["draft", "published", "archived"] = "draft"
    price: crud.Decimal | None = pydantic.Field(None, max_digits=10, decimal_places=2, ge=0)
    tags: crud.Json | None = None


class PostUpdate(crud.RequestBody, defer_build=True):
    """What may change of a row. What is left out stays as it is."""

    title: crud.String = crud.unset(min_length=1, max_length=200, description="What the list shows.")
    slug: crud.String | None = crud.unset(max_length=80, pattern="^[a-z0-9-]+$", examples=["hello-world"])
    body: crud.Text | None = crud.unset(max_length=20000)
    status: typing.Literal["draft", "published", "archived"] = crud.unset()
    price: crud.Decimal | None = crud.unset(max_digits=10, decimal_places=2, ge=0)
    tags: crud.Json | None = crud.unset()
