"""The routes of `/post-reactions`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post_reaction.router import PostReactionResource
from tests.crud.sample.modules.post_reaction.service import PostReactionService

router = crud.Router(tags=["post-reactions"])

# Routes of your own go here: of two that fit a request, the first one answers it.

PostReactionResource(PostReactionService()).add_to(router)
