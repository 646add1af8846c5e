"""The routes of `/email-verifications`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from app.generated.email_verification.router import EmailVerificationResource
from app.modules.email_verification.service import EmailVerificationService

router = crud.Router(tags=["email-verifications"])

# Routes of your own go here: of two that fit a request, the first one answers it.

EmailVerificationResource(EmailVerificationService()).add_to(router)
