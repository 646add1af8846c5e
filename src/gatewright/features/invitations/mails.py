"""The mail that invites."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import Purpose
from gatewright.features.users import recipients

INVITATION_TOKEN = Purpose("invitation", timedelta(days=7))


def _invitation(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the address `email`, unless it has an account by now. An earlier invitation of it counts no more."""
    if recipients.find_by_email_key(composing, parameters["email_key"]) is not None:
        return None
    tx, now, email = composing.tx, composing.now, parameters["email"]
    mailed_tokens.remove_unowned(tx, email, INVITATION_TOKEN)
    token = mailed_tokens.issue(tx, now, INVITATION_TOKEN, email=email, suffix=parameters["role"])
    return None if token is None else Letter(email, {"link": composing.links.to("invitation", token)})


INVITATION = Mail(
    "invitation",
    Path(__file__).parent / "mail",
    _invitation,
    {"link": "https://auth.example.com/auth/pages/invitation?token=…"},
    purposes=(INVITATION_TOKEN,),
)
