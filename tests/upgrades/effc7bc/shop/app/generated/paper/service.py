# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/paper/.
"""What can be done with papers, and who may do it."""

from __future__ import annotations

from gatewright import crud

from app.generated.paper.models import Paper
from app.generated.paper.schemas import PaperCreate, PaperRead, PaperUpdate


class PaperRepository(crud.Repository[Paper]):
    """The statements on `papers`."""

    model = Paper
    shown = PaperRead
    owner = "owner_id"


class PaperService(crud.Service[Paper, PaperCreate, PaperUpdate]):
    """Lists, reads, creates, changes and deletes papers, for those who may."""

    repository = PaperRepository()
    access = crud.Access(
        list=["owner"],
        read=["owner"],
        create=["authenticated"],
        update=["owner"],
        delete=["owner"],
    )
