"""`POST /auth/token`: the form of RFC 6749, and its way of refusing.

The password grant deviates from RFC 9700 section 2.4, which advises against it: it is here for the documentation's
"Authorize" button and for first-party clients, with the same checks as `/auth/login`, and a setting switches it off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from starlette.requests import Request

from gatewright.core.context import Context
from gatewright.features.login import service as login
from gatewright.features.login.second_factors import Challenge
from gatewright.features.password import service
from gatewright.features.password.errors import AccountDisabled, InvalidCredentials
from gatewright.features.password.settings import PasswordSettings
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken, SessionRefused
from gatewright.features.sessions.service import Tokens
from gatewright.features.users.errors import EmailNotVerified
from gatewright.http.errors import UnsupportedMediaType
from gatewright.http.forms import FORM, read_fields

_PASSWORD_GRANT: dict[str, Any] = {
    "title": "Password",
    "type": "object",
    "required": ["grant_type", "username", "password"],
    "properties": {
        "grant_type": {"const": "password"},
        "username": {"type": "string"},
        "password": {"type": "string", "format": "password"},
    },
}
_REFRESH_GRANT: dict[str, Any] = {
    "title": "Refresh token",
    "type": "object",
    "required": ["grant_type", "refresh_token"],
    "properties": {"grant_type": {"const": "refresh_token"}, "refresh_token": {"type": "string"}},
}
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {FORM: {"schema": {"oneOf": [_PASSWORD_GRANT, _REFRESH_GRANT]}}},
}


class Refused(Exception):
    """The request is refused with one of the errors of RFC 6749 section 5.2."""

    def __init__(
        self,
        error: Literal["invalid_request", "unsupported_grant_type", "invalid_grant", "mfa_required"],
        description: str,
        **more: str,
    ) -> None:
        super().__init__(description)
        self.answer = {"error": error, "error_description": description, **more}


async def read(request: Request) -> Mapping[str, str]:
    """The fields of the form.

    Raises:
        Refused: It is no form in UTF-8, or a field comes twice (RFC 6749 section 3.2).
    """
    try:
        fields = await read_fields(request)
    except UnsupportedMediaType:
        raise Refused("invalid_request", f"Send the request as {FORM}.") from None
    except ValueError:
        raise Refused("invalid_request", "The form cannot be read.") from None
    if len({name for name, _ in fields}) < len(fields):
        raise Refused("invalid_request", "A parameter comes more than once.")
    return dict(fields)


async def grant(context: Context, form: Mapping[str, str]) -> Tokens:
    """The tokens that the form asks for.

    Raises:
        Refused: They are not to be had.
        Overloaded: More hashes wait than can be computed in time.
    """
    match form.get("grant_type"):
        case "password" if context.settings.section(PasswordSettings).token_form:
            return await _by_password(context, form)
        case "refresh_token":
            return await _by_refresh_token(context, form)
        case None | "":
            raise Refused("invalid_request", "grant_type is missing.")
        case _:
            raise Refused("unsupported_grant_type", "This grant_type is not supported.")


async def _by_password(context: Context, form: Mapping[str, str]) -> Tokens:
    try:
        proof = await service.check_password(context, _needed(form, "username"), _needed(form, "password"))
        done = await login.complete(context, proof)
    except (InvalidCredentials, AccountDisabled, EmailNotVerified, SessionRefused) as error:
        raise Refused("invalid_grant", error.title) from None
    if isinstance(done, Challenge):
        raise Refused("mfa_required", "The account has a second factor.", mfa_token=done.token)
    return done.tokens


async def _by_refresh_token(context: Context, form: Mapping[str, str]) -> Tokens:
    try:
        return await sessions.refresh(context, _needed(form, "refresh_token"))
    except InvalidRefreshToken as error:
        raise Refused("invalid_grant", error.title) from None


def _needed(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise Refused("invalid_request", f"{name} is missing.")
    return value
