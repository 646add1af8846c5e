# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/session/.
"""The routes of `/sessions`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.session.models import Session
from tests.crud.sample.generated.session.schemas import SessionCreate, SessionUpdate


class SessionResource(crud.Resource[Session, SessionCreate, SessionUpdate]):
    """`/sessions`: list, read, create, change and delete."""

    path = "/sessions"
    create_schema = SessionCreate
    update_schema = SessionUpdate
