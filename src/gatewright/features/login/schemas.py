"""What clients get when a login is finished."""

from __future__ import annotations

from gatewright.features.login.service import Login
from gatewright.features.sessions.schemas import Tokens
from gatewright.features.users.schemas import User
from gatewright.http.schemas import ResponseBody


class _SignedIn(ResponseBody):
    user: User


class AuthResponse(Tokens, _SignedIn):
    """The user and the tokens of the new session."""

    @classmethod
    def of_login(cls, login: Login) -> AuthResponse:
        """The wire's form of a finished login."""
        return cls(user=User.model_validate(login.account), **Tokens.of(login.tokens).model_dump())
