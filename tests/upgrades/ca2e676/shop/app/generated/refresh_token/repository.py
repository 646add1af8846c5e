# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/refresh_token/.
"""Statements on the table `refresh_tokens`."""

from __future__ import annotations

from gatewright import crud

from app.generated.refresh_token.models import RefreshToken
from app.generated.refresh_token.schemas import RefreshTokenRead


class RefreshTokenRepository(crud.ReadRepository[RefreshToken]):
    """Reads rows of `refresh_tokens`."""

    model = RefreshToken
    shown = RefreshTokenRead
