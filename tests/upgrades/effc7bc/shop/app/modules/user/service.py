"""What can be done with users: the generated service, and what you change of it."""

from __future__ import annotations

from app.generated.user import service as generated


class UserService(generated.UserService):
    """The generated service. Its methods can be overridden here."""
