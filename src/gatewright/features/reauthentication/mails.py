"""The mail with a code."""

from __future__ import annotations

from pathlib import Path

from gatewright.core.mail.letters import Mail
from gatewright.core.tokens.mailed_tokens import LIFETIMES
from gatewright.features.users import recipients

MAILS = (
    Mail(
        "reauthentication-code",
        Path(__file__).parent / "mail",
        recipients.notice,
        {"code": "12345678"},
        lifetime=LIFETIMES["reauthenticate"],
    ),
)
