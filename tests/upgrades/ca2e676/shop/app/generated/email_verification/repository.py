# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/email_verification/.
"""Statements on the table `email_verifications`."""

from __future__ import annotations

from gatewright import crud

from app.generated.email_verification.models import EmailVerification
from app.generated.email_verification.schemas import EmailVerificationRead


class EmailVerificationRepository(crud.ReadRepository[EmailVerification]):
    """Reads rows of `email_verifications`."""

    model = EmailVerification
    shown = EmailVerificationRead
