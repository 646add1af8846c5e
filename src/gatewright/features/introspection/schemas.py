"""What a client gets to know of a token, in the words of RFC 7662 section 2.2 and RFC 9068."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class InactiveToken(BaseModel):
    """The token does not count, for whatever reason."""

    active: Literal[False] = False


class ActiveToken(BaseModel):
    """The token counts now. `role` and `permissions` are those of this moment, whatever the token says."""

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
