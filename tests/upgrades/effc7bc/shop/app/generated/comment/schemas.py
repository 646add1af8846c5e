# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/comment/.
"""What clients send and get of `/comments`."""

from __future__ import annotations

from gatewright import crud


class CommentRead(crud.ResponseBody):
    """A row of `comments`."""

    id: crud.Int
    text: crud.Text
    paper_id: crud.String
    author_id: crud.String
    created_at: crud.DateTime


class CommentCreate(crud.RequestBody):
    """What a new row is made from."""

    text: crud.Text
    paper_id: crud.String


class CommentUpdate(crud.RequestBody):
    """What may change of a row. What is left out stays as it is."""

    text: crud.Text = crud.unset()
    paper_id: crud.String = crud.unset()
