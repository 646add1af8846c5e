# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/session/.
"""What can be done with sessions, and who may do it."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.session.models import Session
from tests.crud.sample.generated.session.schemas import SessionCreate, SessionRead, SessionUpdate


class SessionRepository(crud.Repository[Session]):
    """The statements on `sessions`."""

    model = Session
    shown = SessionRead


class SessionService(crud.Service[Session, SessionCreate, SessionUpdate]):
    """Lists, reads, creates, changes and deletes sessions, for those who may."""

    repository = SessionRepository()
    access = crud.Access(
        list=["authenticated"],
        read=["authenticated"],
        create=["role:ADMIN"],
        update=["role:EDITOR"],
    )
