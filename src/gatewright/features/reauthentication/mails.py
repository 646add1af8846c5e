"""The mail with a code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gatewright.core.mail.letters import Mail
from gatewright.core.tokens.mailed_tokens import Purpose
from gatewright.features.users import recipients

REAUTHENTICATE = Purpose("reauthenticate", timedelta(minutes=10))

REAUTHENTICATION_CODE = Mail(
    "reauthentication-code",
    Path(__file__).parent / "mail",
    recipients.notice,
    {"code": "12345678"},
    purposes=(REAUTHENTICATE,),
    lifetime=REAUTHENTICATE.lifetime,
)
