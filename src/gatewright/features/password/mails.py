"""The mails about passwords."""

from __future__ import annotations

from pathlib import Path

from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.core.tokens import mailed_tokens
from gatewright.features.users import recipients

_FOLDER = Path(__file__).parent / "mail"


def _reset_password(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the user with `email_key`."""
    user = recipients.find_by_email_key(composing, parameters["email_key"])
    if user is None or user["disabled_at"] is not None:
        return None
    token = mailed_tokens.issue(composing.tx, composing.now, "reset_password", email=user["email"], user_id=user["id"])
    return None if token is None else recipients.letter_to(user, link=composing.links.to("reset-password", token))


def _address_taken(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the user with `email_key`, whose address somebody tried to register: three times a day at most."""
    user = recipients.find_by_email_key(composing, parameters["email_key"])
    if user is None:
        return None
    told = mailed_tokens.issue(composing.tx, composing.now, "address_taken", email=user["email"], user_id=user["id"])
    return None if told is None else recipients.letter_to(user)


MAILS = (
    Mail(
        "reset-password",
        _FOLDER,
        _reset_password,
        {"link": "https://auth.example.com/auth/pages/reset-password?token=…"},
    ),
    Mail("password-changed", _FOLDER, recipients.notice, {}),
    Mail("address-taken", _FOLDER, _address_taken, {}),
)
