# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/paper/.
"""The routes of `/papers`."""

from __future__ import annotations

from gatewright import crud

from app.generated.paper.models import Paper
from app.generated.paper.schemas import PaperCreate, PaperUpdate


class PaperResource(crud.Resource[Paper, PaperCreate, PaperUpdate]):
    """`/papers`: list, read, create, change and delete."""

    path = "/papers"
    create_schema = PaperCreate
    update_schema = PaperUpdate
