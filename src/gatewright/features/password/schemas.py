"""What clients send to register and to sign in."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from gatewright.http.schemas import Email, Password, PersonName, RequestBody


class Registration(RequestBody):
    """A new account. Nothing else can be set: no role, no verified address."""

    email: Email
    password: Password
    first_name: PersonName
    last_name: PersonName


class Credentials(RequestBody):
    """An address and its password."""

    email: str
    password: Password


class TokenAnswer(BaseModel):
    """Tokens in the shape of RFC 6749 section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (a word of RFC 6750)
    expires_in: int
    refresh_token: str


class TokenError(BaseModel):
    """A refusal in the shape of RFC 6749 section 5.2."""

    error: Literal["invalid_request", "unsupported_grant_type", "invalid_grant"]
    error_description: str
