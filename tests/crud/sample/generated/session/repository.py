# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/session/.
"""Statements on the table `sessions`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.session.models import Session
from tests.crud.sample.generated.session.schemas import SessionRead


class SessionRepository(crud.Repository[Session]):
    """Reads and writes rows of `sessions`."""

    model = Session
    shown = SessionRead
