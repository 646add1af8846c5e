"""What users get of what is stored about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gatewright.http.schemas import ResponseBody


class Export(ResponseBody):
    """All that is stored about a user; secrets and hidden columns are left out."""

    exported_at: datetime
    tables: dict[str, list[dict[str, Any]]] = Field(
        description="The user's rows by the name of their table: `User`, `RefreshToken` (sessions), "
        "`EmailVerification` (mailed links), and every table of the app whose rows belong to users."
    )
    events: list[dict[str, Any]] = Field(description="What the audit log says of the user.")
