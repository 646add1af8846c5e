"""What clients send to register and to sign in."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from gatewright.http.schemas import Email, Password, PersonName, RequestBody


class Registration(RequestBody):
    """A new account. Nothing else can be set: no role, no verified address."""

    email: Email
    password: Password
    first_name: PersonName
    last_name: PersonName
    invite_token: str | None = Field(
        default=None, description="The token of an invitation; needed where only those who are invited may register."
    )


class Credentials(RequestBody):
    """An address and its password."""

    email: str
    password: Password
    device_token: str | None = Field(default=None, description="The `deviceToken` of an earlier login; may be missing.")


class Reset(RequestBody):
    """The token of a mail, and the password that the account is to have."""

    token: str
    password: Password


class Change(RequestBody):
    """One's password, and the one that is to take its place."""

    current_password: Password
    new_password: Password


class FirstPassword(RequestBody):
    """A password for an account that has none."""

    new_password: Password


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
