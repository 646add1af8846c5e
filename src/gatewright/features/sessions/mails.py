"""The mails about sessions: what somebody should know who did not do it."""

from __future__ import annotations

from pathlib import Path

from gatewright.core.mail.letters import Mail
from gatewright.features.users import recipients

_FOLDER = Path(__file__).parent / "mail"

MAILS = (
    Mail(
        "new-device",
        _FOLDER,
        recipients.notice,
        {"device": "Firefox on Windows", "address": "192.0.2.1", "time": "2026-01-31 12:00 UTC"},
    ),
    Mail("refresh-token-reused", _FOLDER, recipients.notice, {}),
)
