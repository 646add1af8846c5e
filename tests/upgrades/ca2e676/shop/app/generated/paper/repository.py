# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/paper/.
"""Statements on the table `papers`."""

from __future__ import annotations

from gatewright import crud

from app.generated.paper.models import Paper
from app.generated.paper.schemas import PaperRead


class PaperRepository(crud.Repository[Paper]):
    """Reads and writes rows of `papers`."""

    model = Paper
    shown = PaperRead
    owner = "owner_id"
