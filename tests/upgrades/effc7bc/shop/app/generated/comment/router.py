# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/comment/.
"""The routes of `/comments`."""

from __future__ import annotations

from gatewright import crud

from app.generated.comment.models import Comment
from app.generated.comment.schemas import CommentCreate, CommentUpdate


class CommentResource(crud.Resource[Comment, CommentCreate, CommentUpdate]):
    """`/comments`: list, read, create, change and delete."""

    path = "/comments"
    create_schema = CommentCreate
    update_schema = CommentUpdate
