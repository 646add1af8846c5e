# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/comment/.
"""What can be done with comments, and who may do it."""

from __future__ import annotations

from gatewright import crud

from app.generated.comment.models import Comment
from app.generated.comment.schemas import CommentCreate, CommentRead, CommentUpdate


class CommentRepository(crud.Repository[Comment]):
    """The statements on `comments`."""

    model = Comment
    shown = CommentRead
    owner = "author_id"


class CommentService(crud.Service[Comment, CommentCreate, CommentUpdate]):
    """Lists, reads, creates, changes and deletes comments, for those who may."""

    repository = CommentRepository()
    access = crud.Access(
        list=["owner"],
        read=["owner"],
        create=["authenticated"],
        update=["owner"],
        delete=["owner"],
    )
