"""The mails about passwords; `features.login.recovery` has the one with a link to a new password."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import Purpose
from gatewright.features.users import recipients

_FOLDER = Path(__file__).parent / "mail"

# No link carries it: its tokens only count the mails.
_NOTICE = Purpose("address_taken", timedelta(hours=24))


def _address_taken(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the user with `email_key`, when their address was given at registration: at most three times a day."""
    user = recipients.find_by_email_key(composing, parameters["email_key"])
    if user is None:
        return None
    counted = mailed_tokens.issue(composing.tx, composing.now, _NOTICE, email=user.email, user_id=user.id)
    return None if counted is None else recipients.letter_to(user)


PASSWORD_CHANGED = Mail("password-changed", _FOLDER, recipients.notice, {})
ADDRESS_TAKEN = Mail("address-taken", _FOLDER, _address_taken, {}, purposes=(_NOTICE,))
