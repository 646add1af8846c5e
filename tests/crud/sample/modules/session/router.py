"""The routes of `/sessions`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.session.router import SessionResource
from tests.crud.sample.modules.session.service import SessionService

router = crud.Router(tags=["sessions"])

# Routes of your own go here: of two that fit a request, the first one answers it.

SessionResource(SessionService()).add_to(router)
