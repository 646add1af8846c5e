"""The data that an export contains."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gatewright.http.schemas import ResponseBody


class Export(ResponseBody):
    """All stored data about a user, without secrets and hidden columns."""

    exported_at: datetime
    tables: dict[str, list[dict[str, Any]]] = Field(
        description="The user's rows by the name of their table: `User`, `RefreshToken` (sessions), "
        "`EmailVerification` (mailed links), and every table of the app whose rows belong to users."
    )
    events: list[dict[str, Any]] = Field(description="The user's events in the audit log.")
