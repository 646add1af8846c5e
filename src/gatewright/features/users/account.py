"""The row of a user, as the rest of the program sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gatewright.storage.hot import Row


class Account:
    """A user's row: the columns below, and every column that the design adds to `User`.

    Hidden columns, the password's hash among them, are not there: an account that a route returns by mistake
    gives nothing away.
    """

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    is_email_verified: bool
    role: str
    created_at: datetime
    updated_at: datetime

    def __init__(self, row: Row) -> None:
        self.__dict__.update(row)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"User has no column {name!r} that may be read")

    def __repr__(self) -> str:
        return f"Account(id={self.id!r})"
