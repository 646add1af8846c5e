"""What clients send and get of sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from gatewright.features.sessions import service
from gatewright.http.schemas import RequestBody, ResponseBody


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class RefreshTokenBody(RequestBody):
    """A refresh token, sent in the body. Only where a cookie holds one may it be missing."""

    refresh_token: str = Field(default="", json_schema_extra=_without_default)

    @property
    def given(self) -> str | None:
        """The token; None without one, which is something else than an empty text."""
        return self.refresh_token if self.model_fields_set else None


class CookieTokens(ResponseBody):
    """What is left of a pair of tokens whose tokens are in cookies; `expiresIn` is in seconds, of the access token."""

    expires_in: int


class Tokens(ResponseBody):
    """A pair of tokens; `expiresIn` is in seconds and about the access token."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (a word of RFC 6750)
    expires_in: int

    @classmethod
    def of(cls, tokens: service.Tokens) -> Tokens:
        """The wire's form of a pair."""
        return cls(access_token=tokens.access_token, refresh_token=tokens.refresh_token, expires_in=tokens.expires_in)


class FreshAccessToken(ResponseBody):
    """An access token whose proof is new; the refresh token stays as it is. `expiresIn` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (a word of RFC 6750)
    expires_in: int


class LoggedOutEverywhere(ResponseBody):
    """How many sessions were ended."""

    message: str
    revoked: int


class Session(ResponseBody):
    """One live session."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None
    device: str | None = Field(description="A name made from the user agent, such as `Firefox on Windows`.")
    current: bool = Field(description="Whether it is the session of this request.")


class Sessions(ResponseBody):
    """One's live sessions, the last used first."""

    data: list[Session]
