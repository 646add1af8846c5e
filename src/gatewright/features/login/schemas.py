"""What clients send and get at the end of a sign-in."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from gatewright.core.second_factor import Answer
from gatewright.crud.schemas import unset
from gatewright.features.login.service import Login
from gatewright.features.sessions.schemas import CookieTokens, Tokens
from gatewright.features.users.schemas import User
from gatewright.http.schemas import RequestBody, ResponseBody


class _SignedIn(ResponseBody):
    user: User


class CookieAuthResponse(CookieTokens, _SignedIn):
    """The user; the tokens of the new session are in cookies."""


class AuthResponse(Tokens, _SignedIn):
    """The user and the tokens of the new session."""

    device_token: str = Field(
        description="Send it with the next login: the delay of the account does not apply to this device."
    )

    @classmethod
    def of_login(cls, login: Login) -> AuthResponse:
        """The wire's form of a finished login."""
        return cls(
            user=User.model_validate(login.account),
            device_token=login.device_token,
            **Tokens.of(login.tokens).model_dump(),
        )


class CookieMfaChallenge(ResponseBody):
    """A sign-in that waits for a second factor; its token is in a cookie."""

    methods: list[str] = Field(description="The second factors that the account can answer by.")
    enrol: list[str] = Field(default=[], description="The second factors that the account has to add one of first.")
    expires_in: int = Field(description="How long it can be answered, in seconds.")


class MfaChallenge(CookieMfaChallenge):
    """A sign-in that waits for a second factor."""

    mfa_token: str = Field(description="The token to answer with.")


class SecondFactorAnswer(RequestBody):
    """An answer to the challenge of a sign-in: a code or a credential, by its method."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["code"]}, {"required": ["credential"]}]})

    mfa_token: str | None = Field(default=None, description="The challenge's token, where no cookie holds it.")
    method: str = Field(description="One of the challenge's `methods`.")
    code: str = unset(description="The code, for methods that use one.")
    credential: dict[str, Any] = unset(description="The credential, for methods that use one.")

    @model_validator(mode="after")
    def _has_one_answer(self) -> SecondFactorAnswer:
        if len(self.model_fields_set & {"code", "credential"}) != 1:
            raise PydanticCustomError("invalid_choice", "Send either a code or a credential.")
        return self

    @property
    def answer(self) -> Answer:
        """What the factor checks."""
        return Answer(self.code, self.credential)
