# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""Statements on the table `users`."""

from __future__ import annotations

from gatewright import crud

from app.generated.user.models import User
from app.generated.user.schemas import UserRead


class UserRepository(crud.ReadRepository[User]):
    """Reads rows of `users`."""

    model = User
    shown = UserRead
