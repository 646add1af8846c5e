# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""What can be done with post reactions, and who may do it."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post_reaction.models import PostReaction
from tests.crud.sample.generated.post_reaction.schemas import PostReactionCreate, PostReactionRead, PostReactionUpdate


class PostReactionRepository(crud.Repository[PostReaction]):
    """The statements on `post_reactions`."""

    model = PostReaction
    shown = PostReactionRead
    owner = "user_id"
    audit = True


class PostReactionService(crud.Service[PostReaction, PostReactionCreate, PostReactionUpdate]):
    """Lists, reads, creates, changes and deletes post reactions, for those who may."""

    repository = PostReactionRepository()
    access = crud.Access(
        list=["owner"],
        read=["owner"],
        create=["owner"],
        update=["owner"],
        delete=["owner"],
    )
