"""The bodies of requests about e-mail addresses."""

from __future__ import annotations

from gatewright.http import schemas
from gatewright.http.schemas import RequestBody


class MailedToken(RequestBody):
    """A token from a mail."""

    token: str


class NewEmail(RequestBody):
    """The new e-mail address of an account."""

    new_email: schemas.NewEmail
