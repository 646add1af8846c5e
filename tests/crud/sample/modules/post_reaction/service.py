"""What can be done with post reactions: the generated service, and what you change of it."""

from __future__ import annotations

from tests.crud.sample.generated.post_reaction import service as generated


class PostReactionService(generated.PostReactionService):
    """The generated service. Its methods and hooks can be overridden here."""
