"""The routes of `/comments`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from app.generated.comment.router import CommentResource
from app.modules.comment.service import CommentService

router = crud.Router(tags=["comments"])

# Routes of your own go here: of two that fit a request, the first one answers it.

CommentResource(CommentService()).add_to(router)
