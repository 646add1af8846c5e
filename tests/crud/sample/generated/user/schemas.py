# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""What clients get of `/users`."""

from __future__ import annotations

import pydantic
from gatewright import crud


class UserRead(crud.ResponseBody, defer_build=True):
    """An account."""

    id: crud.String
    email: crud.String = pydantic.Field(description="The address as it was typed; mail goes there.")
    first_name: crud.String | None
    last_name: crud.String | None
    is_email_verified: crud.Boolean
    role: crud.String
    created_at: crud.DateTime
    updated_at: crud.DateTime
