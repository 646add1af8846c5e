# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post/.
"""Statements on the table `posts`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.schemas import PostRead


class PostRepository(crud.Repository[Post]):
    """Reads and writes rows of `posts`."""

    model = Post
    shown = PostRead
    owner = "author_id"
