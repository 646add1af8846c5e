"""What can be done with email verifications: the generated service, and what you change of it."""

from __future__ import annotations

from app.generated.email_verification import service as generated


class EmailVerificationService(generated.EmailVerificationService):
    """The generated service. Its methods can be overridden here."""
