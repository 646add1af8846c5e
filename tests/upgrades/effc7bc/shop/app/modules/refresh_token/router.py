"""The routes of `/refresh-tokens`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from app.generated.refresh_token.router import RefreshTokenResource
from app.modules.refresh_token.service import RefreshTokenService

router = crud.Router(tags=["refresh-tokens"])

# Routes of your own go here: of two that fit a request, the first one answers it.

RefreshTokenResource(RefreshTokenService()).add_to(router)
