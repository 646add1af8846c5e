"""What can be done with refresh tokens: the generated service, and what you change of it."""

from __future__ import annotations

from app.generated.refresh_token import service as generated


class RefreshTokenService(generated.RefreshTokenService):
    """The generated service. Its methods can be overridden here."""
