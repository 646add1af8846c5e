# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""Statements on the table `post_reactions`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.post_reaction.models import PostReaction
from tests.crud.sample.generated.post_reaction.schemas import PostReactionRead


class PostReactionRepository(crud.Repository[PostReaction]):
    """Reads and writes rows of `post_reactions`."""

    model = PostReaction
    shown = PostReactionRead
    owner = "user_id"
