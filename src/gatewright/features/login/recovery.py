"""Account recovery: the mail with a link to a new password.

`password` declares it; `email_verification` sends it too, to the owner of an address that was taken back.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import Purpose
from gatewright.features.users import recipients

RESET_PASSWORD_TOKEN = Purpose("reset_password", timedelta(hours=1))


def _reset_password(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the user with `email_key`."""
    user = recipients.find_by_email_key(composing, parameters["email_key"])
    if user is None or user.disabled_at is not None:
        return None
    token = mailed_tokens.issue(composing.tx, composing.now, RESET_PASSWORD_TOKEN, email=user.email, user_id=user.id)
    return None if token is None else recipients.letter_to(user, link=composing.links.to("reset-password", token))


RESET_PASSWORD = Mail(
    "reset-password",
    Path(__file__).parent / "mail",
    _reset_password,
    {"link": "https://auth.example.com/auth/pages/reset-password?token=…"},
    purposes=(RESET_PASSWORD_TOKEN,),
)
