"""The routes of `/papers`: your own, then the generated ones."""

from __future__ import annotations

from gatewright import crud

from app.generated.paper.router import PaperResource
from app.modules.paper.service import PaperService

router = crud.Router(tags=["papers"])

# Routes of your own go here: of two that fit a request, the first one answers it.

PaperResource(PaperService()).add_to(router)
