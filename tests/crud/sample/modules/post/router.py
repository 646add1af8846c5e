"""The routes of `/posts`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.modules.post.service import PostService

router = crud.Router(tags=["posts"])

# Routes of your own go here: of two that fit a request, the first one answers it.

PostResource(PostService()).add_to(router)
