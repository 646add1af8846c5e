# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post/.
"""What can be done with posts, and who may do it."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.schemas import PostCreate, PostRead, PostUpdate


class PostRepository(crud.Repository[Post]):
    """The statements on `posts`."""

    model = Post
    shown = PostRead
    owner = "author_id"


class PostService(crud.Service[Post, PostCreate, PostUpdate]):
    """Lists, reads, creates, changes and deletes posts, for those who may."""

    repository = PostRepository()
    access = crud.Access(
        list=["public"],
        read=["public"],
        create=["authenticated"],
        update=["owner"],
        delete=["owner", "role:EDITOR"],
    )
