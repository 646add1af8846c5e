"""What can be done with comments: the generated service, and what you change of it."""

from __future__ import annotations

from app.generated.comment import service as generated


class CommentService(generated.CommentService):
    """The generated service. Its methods and hooks can be overridden here."""
