# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""Statements on the table `users`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.user.models import User
from tests.crud.sample.generated.user.schemas import UserRead


class UserRepository(crud.ReadRepository[User]):
    """Reads rows of `users`."""

    model = User
    shown = UserRead
