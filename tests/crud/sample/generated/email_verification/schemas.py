# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/email_verification/.
"""What clients get of `/email-verifications`."""

from __future__ import annotations

from gatewright import crud


class EmailVerificationRead(crud.ResponseBody, defer_build=True):
    """A single-use token that was mailed; hashed."""

    id: crud.String
    user_id: crud.String | None
    purpose: crud.String
    email: crud.String
    attempts: crud.Int
    used_at: crud.DateTime | None
    expires_at: crud.DateTime
    created_at: crud.DateTime
