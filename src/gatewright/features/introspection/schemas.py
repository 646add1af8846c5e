"""The response of an introspection (RFC 7662 section 2.2, RFC 9068)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class InactiveToken(BaseModel):
    """The token is not valid."""

    active: Literal[False] = False


class ActiveToken(BaseModel):
    """The token is valid. `role` and `permissions` are the current ones, whatever the token contains."""

    active: Literal[True] = True
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (no secret)
    iss: str
    aud: str
    sub: str
    client_id: str
    sid: str
    jti: str
    iat: int
    exp: int
    auth_time: int
    amr: list[str]
    role: str
    permissions: list[str]
