"""What clients send about addresses."""

from __future__ import annotations

from gatewright.http import schemas
from gatewright.http.schemas import RequestBody


class MailedToken(RequestBody):
    """A token from a mail."""

    token: str


class NewEmail(RequestBody):
    """The address that an account is to have."""

    new_email: schemas.NewEmail
