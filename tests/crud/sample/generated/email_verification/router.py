# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/email_verification/.
"""The routes of `/email-verifications`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.email_verification.models import EmailVerification
from tests.crud.sample.generated.user.schemas import UserRead


class EmailVerificationResource(crud.ReadResource[EmailVerification]):
    """`/email-verifications`: list and read."""

    path = "/email-verifications"
    relations = (crud.ToOne("user", UserRead),)
