# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/comment/.
"""Statements on the table `comments`."""

from __future__ import annotations

from gatewright import crud

from app.generated.comment.models import Comment
from app.generated.comment.schemas import CommentRead


class CommentRepository(crud.Repository[Comment]):
    """Reads and writes rows of `comments`."""

    model = Comment
    shown = CommentRead
    owner = "author_id"
