# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/paper/.
"""What clients send and get of `/papers`."""

from __future__ import annotations

import pydantic
from gatewright import crud


class PaperRead(crud.ResponseBody):
    """A row of `papers`."""

    id: crud.String
    title: crud.String
    is_draft: crud.Boolean
    due_on: crud.Date | None
    owner_id: crud.String
    created_at: crud.DateTime


class PaperCreate(crud.RequestBody):
    """What a new row is made from."""

    title: crud.String = pydantic.Field(max_length=200)
    is_draft: crud.Boolean = True
    due_on: crud.Date | None = None


class PaperUpdate(crud.RequestBody):
    """What may change of a row. What is left out stays as it is."""

    title: crud.String = crud.unset(max_length=200)
    is_draft: crud.Boolean = crud.unset()
    due_on: crud.Date | None = crud.unset()
