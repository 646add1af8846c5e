"""The routes of `/users`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from app.generated.user.router import UserResource
from app.modules.user.service import UserService

router = crud.Router(tags=["users"])

# Routes of your own go here: of two that fit a request, the first one answers it.

UserResource(UserService()).add_to(router)
