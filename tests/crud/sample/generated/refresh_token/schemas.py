# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/refresh_token/.
"""What clients get of `/refresh-tokens`."""

from __future__ import annotations

import pydantic
from gatewright import crud


class RefreshTokenRead(crud.ResponseBody, defer_build=True):
    """A signed-in session and its refresh token; hashed."""

    id: crud.String
    user_id: crud.String
    generation: crud.Int = pydantic.Field(description="How often the refresh token has been replaced.")
    rotated_at: crud.DateTime | None
    last_used_at: crud.DateTime
    ended_at: crud.DateTime | None
    auth_time: crud.DateTime
    amr: crud.String = pydantic.Field(description="How the user signed in: RFC 8176 names with spaces between them.")
    ip_address: crud.String | None
    user_agent: crud.String | None
    expires_at: crud.DateTime
    created_at: crud.DateTime
