# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""Who may read users. The engine itself writes them."""

from __future__ import annotations

from gatewright import crud

from app.generated.user.models import User
from app.generated.user.schemas import UserRead


class UserRepository(crud.ReadRepository[User]):
    """The statements on `users`."""

    model = User
    shown = UserRead


class UserService(crud.ReadService[User]):
    """Lists and reads users, for those who may."""

    repository = UserRepository()
    access = crud.Access()
