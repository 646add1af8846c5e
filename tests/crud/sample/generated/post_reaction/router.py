# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""The routes of `/post-reactions`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post.schemas import PostRead
from tests.crud.sample.generated.post_reaction.models import PostReaction
from tests.crud.sample.generated.post_reaction.schemas import PostReactionCreate, PostReactionUpdate
from tests.crud.sample.generated.user.schemas import UserRead


class PostReactionResource(crud.Resource[PostReaction, PostReactionCreate, PostReactionUpdate]):
    """`/post-reactions`: list, read, create, change and delete."""

    path = "/post-reactions"
    create_schema = PostReactionCreate
    update_schema = PostReactionUpdate
    relations = (
        crud.ToOne("post", PostRead),
        crud.ToOne("user", UserRead),
    )
