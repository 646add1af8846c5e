"""The bodies of requests and responses about a user."""

from __future__ import annotations

from datetime import datetime

from gatewright.features.users.names import NamedBody
from gatewright.http.schemas import ResponseBody


class User(ResponseBody):
    """A user, as in every response with tokens."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    role: str


class Profile(User):
    """The signed-in user."""

    is_email_verified: bool
    created_at: datetime
    updated_at: datetime


class ProfileChange(NamedBody):
    """The fields to change. Fields that are left out keep their value."""

    first_name: str | None = None
    last_name: str | None = None
