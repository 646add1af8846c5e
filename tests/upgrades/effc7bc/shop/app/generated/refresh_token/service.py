# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/refresh_token/.
"""Who may read refresh tokens. The engine itself writes them."""

from __future__ import annotations

from gatewright import crud

from app.generated.refresh_token.models import RefreshToken
from app.generated.refresh_token.schemas import RefreshTokenRead


class RefreshTokenRepository(crud.ReadRepository[RefreshToken]):
    """The statements on `refresh_tokens`."""

    model = RefreshToken
    shown = RefreshTokenRead


class RefreshTokenService(crud.ReadService[RefreshToken]):
    """Lists and reads refresh tokens, for those who may."""

    repository = RefreshTokenRepository()
    access = crud.Access()
