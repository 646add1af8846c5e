"""The bodies of requests to register and to sign in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from gatewright.addresses import LONGEST_ADDRESS
from gatewright.core.context import Context
from gatewright.core.passwords.password_policy import policy_problems
from gatewright.errors import FieldProblem
from gatewright.features.users.names import NamedBody
from gatewright.http.schemas import NewEmail, Password, RequestBody


class Registration(NamedBody):
    """A new account. Clients cannot set a role or a verified address."""

    email: NewEmail
    password: Password
    first_name: str | None = None
    last_name: str | None = None
    invite_token: str | None = Field(
        default=None, description="Token of an invitation; required when only invited addresses may register."
    )

    @classmethod
    def problems_beside(cls, body: Mapping[str, Any], context: Context) -> list[FieldProblem]:
        """What the password policy finds."""
        identity = [body.get(name) for name in ("email", "firstName", "lastName")]
        return _password_problems(body, "password", context, identity)


class Credentials(RequestBody):
    """An e-mail address and its password."""

    email: str
    password: Password
    device_token: str | None = Field(default=None, description="The `deviceToken` of an earlier login.")


class Reset(RequestBody):
    """The token from a mail, and the new password."""

    token: str
    password: Password

    @classmethod
    def problems_beside(cls, body: Mapping[str, Any], context: Context) -> list[FieldProblem]:
        """What the password policy finds, not knowing whose password it is."""
        return _password_problems(body, "password", context)


class Change(RequestBody):
    """The current password and the new one."""

    current_password: Password
    new_password: Password

    @classmethod
    def problems_beside(cls, body: Mapping[str, Any], context: Context) -> list[FieldProblem]:
        """What the password policy finds, not knowing whose password it is."""
        return _password_problems(body, "newPassword", context)


class FirstPassword(RequestBody):
    """The first password of an account."""

    new_password: Password

    @classmethod
    def problems_beside(cls, body: Mapping[str, Any], context: Context) -> list[FieldProblem]:
        """What the password policy finds, not knowing whose password it is."""
        return _password_problems(body, "newPassword", context)


class TokenAnswer(BaseModel):
    """Tokens in the format of RFC 6749 section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (a word of RFC 6750)
    expires_in: int
    refresh_token: str


class TokenError(BaseModel):
    """An error in the format of RFC 6749 section 5.2."""

    error: Literal["invalid_request", "unsupported_grant_type", "invalid_grant", "mfa_required"]
    error_description: str
    mfa_token: str | None = Field(default=None, description="With `mfa_required`: the token to answer with.")


def _password_problems(
    body: Mapping[str, Any], name: str, context: Context, identity: Iterable[Any] = ()
) -> list[FieldProblem]:
    """What the policy finds wrong with the field *name* of a body that may hold anything."""
    password = body.get(name)
    if not isinstance(password, str):
        return []
    # Cut, since the body has been refused, perhaps for their length, and long ones take long to look for.
    texts = [value[:LONGEST_ADDRESS] for value in identity if isinstance(value, str)]
    return policy_problems(context, password, identity=texts, field=f"/{name}")
