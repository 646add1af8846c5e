# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/refresh_token/.
"""The routes of `/refresh-tokens`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.refresh_token.models import RefreshToken
from tests.crud.sample.generated.user.schemas import UserRead


class RefreshTokenResource(crud.ReadResource[RefreshToken]):
    """`/refresh-tokens`: list and read."""

    path = "/refresh-tokens"
    relations = (crud.ToOne("user", UserRead),)
