"""What clients send and get of a user."""

from __future__ import annotations

from datetime import datetime

from gatewright.features.users.names import NamedBody
from gatewright.http.schemas import ResponseBody


class User(ResponseBody):
    """A user, as every answer with tokens shows them."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    role: str


class Profile(User):
    """A user, as they see themselves."""

    is_email_verified: bool
    created_at: datetime
    updated_at: datetime


class ProfileChange(NamedBody):
    """What users may change of themselves; what is left out stays as it is."""

    first_name: str | None = None
    last_name: str | None = None
