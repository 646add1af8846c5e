"""What can be done with sessions: the generated service, and what you change of it."""

from __future__ import annotations

from tests.crud.sample.generated.session import service as generated


class SessionService(generated.SessionService):
    """The generated service. Its methods and hooks can be overridden here."""
