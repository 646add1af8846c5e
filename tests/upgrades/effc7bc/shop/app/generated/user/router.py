# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""The routes of `/users`."""

from __future__ import annotations

from gatewright import crud

from app.generated.user.models import User


class UserResource(crud.ReadResource[User]):
    """`/users`: list and read."""

    path = "/users"
