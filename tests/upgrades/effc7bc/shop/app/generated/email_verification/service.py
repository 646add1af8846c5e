# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/email_verification/.
"""Who may read email verifications. The engine itself writes them."""

from __future__ import annotations

from gatewright import crud

from app.generated.email_verification.models import EmailVerification
from app.generated.email_verification.schemas import EmailVerificationRead


class EmailVerificationRepository(crud.ReadRepository[EmailVerification]):
    """The statements on `email_verifications`."""

    model = EmailVerification
    shown = EmailVerificationRead


class EmailVerificationService(crud.ReadService[EmailVerification]):
    """Lists and reads email verifications, for those who may."""

    repository = EmailVerificationRepository()
    access = crud.Access()
