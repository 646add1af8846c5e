"""What can be done with posts: the generated service, and what you change of it."""

from __future__ import annotations

from tests.crud.sample.generated.post import service as generated


class PostService(generated.PostService):
    """The generated service. Its methods and hooks can be overridden here."""
