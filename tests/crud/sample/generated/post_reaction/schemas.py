# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""What clients send and get of `/post-reactions`."""

from __future__ import annotations

import pydantic
from gatewright import crud


class PostReactionRead(crud.ResponseBody, defer_build=True):
    """A row of `post_reactions`."""

    post_id: crud.String
    user_id: crud.String
    emoji: crud.String


class PostReactionCreate(crud.RequestBody, defer_build=True):
    """What a new row is made from."""

    post_id: crud.KeyString
    emoji: crud.String = pydantic.Field(max_length=8)


class PostReactionUpdate(crud.RequestBody, defer_build=True):
    """What may change of a row. What is left out stays as it is."""

    emoji: crud.String = crud.unset(max_length=8)
