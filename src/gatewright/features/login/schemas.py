"""What clients get when a login is finished."""

from __future__ import annotations

from pydantic import Field

from gatewright.features.login.service import Login
from gatewright.features.sessions.schemas import CookieTokens, Tokens
from gatewright.features.users.schemas import User
from gatewright.http.schemas import ResponseBody


class _SignedIn(ResponseBody):
    user: User


class CookieAuthResponse(CookieTokens, _SignedIn):
    """The user; the tokens of the new session are in cookies."""


class AuthResponse(Tokens, _SignedIn):
    """The user and the tokens of the new session."""

    device_token: str = Field(description="For the next login: an account's delay does not hold for who sends it.")

    @classmethod
    def of_login(cls, login: Login) -> AuthResponse:
        """The wire's form of a finished login."""
        return cls(
            user=User.model_validate(login.account),
            device_token=login.device_token,
            **Tokens.of(login.tokens).model_dump(),
        )
