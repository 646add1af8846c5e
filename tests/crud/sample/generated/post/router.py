# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post/.
"""The routes of `/posts`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.schemas import PostCreate, PostUpdate
from tests.crud.sample.generated.post_reaction.schemas import PostReactionRead
from tests.crud.sample.generated.user.schemas import UserRead


class PostResource(crud.Resource[Post, PostCreate, PostUpdate]):
    """`/posts`: list, read, create, change and delete."""

    path = "/posts"
    create_schema = PostCreate
    update_schema = PostUpdate
    relations = (
        crud.ToOne("author", UserRead),
        crud.ToMany("post_reactions", PostReactionRead),
    )
