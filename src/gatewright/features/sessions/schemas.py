"""The bodies of requests and responses about sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from gatewright.features.sessions import service
from gatewright.http.schemas import RequestBody, ResponseBody


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class RefreshTokenBody(RequestBody):
    """A refresh token. Required unless a cookie holds one."""

    refresh_token: str = Field(default="", json_schema_extra=_without_default)

    @property
    def given(self) -> str | None:
        """The token; None without one, which differs from an empty text."""
        return self.refresh_token if self.model_fields_set else None


class CookieTokens(ResponseBody):
    """The response when the tokens are set as cookies; `expiresIn` is the access token's lifetime in seconds."""

    expires_in: int


class Tokens(ResponseBody):
    """A pair of tokens; `expiresIn` is the access token's lifetime in seconds."""

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
    """The number of sessions that were ended."""

    message: str
    revoked: int


class Session(ResponseBody):
    """A live session."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None
    device: str | None = Field(
        description="Name of the device, derived from the user agent, such as `Firefox on Windows`."
    )
    current: bool = Field(description="Whether this request belongs to the session.")


class Sessions(ResponseBody):
    """The live sessions, most recently used first."""

    data: list[Session]
