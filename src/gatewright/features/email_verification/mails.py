"""The mails about addresses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import UNDO_EMAIL_CHANGE, InvalidOrExpiredToken, Purpose
from gatewright.features.users import recipients
from gatewright.features.users.queries import UserRow

_FOLDER = Path(__file__).parent / "mail"
VERIFY_EMAIL_TOKEN = Purpose("verify_email", timedelta(hours=24))
NOT_ME_TOKEN = Purpose("not_me", timedelta(hours=24))
CHANGE_EMAIL_TOKEN = Purpose("change_email", timedelta(hours=24))

_SAMPLE_LINK = "https://auth.example.com/auth/pages/a-page?token=…"


def _verify_email(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the user with `user_id`, who has just registered, or to the one with `email_key`, who asked again."""
    user = _asked_for(composing, parameters)
    if user is None or user.is_email_verified or user.disabled_at is not None:
        return None
    tx, now, email = composing.tx, composing.now, user.email
    token = mailed_tokens.issue(tx, now, VERIFY_EMAIL_TOKEN, email=email, user_id=user.id)
    not_me = mailed_tokens.issue(tx, now, NOT_ME_TOKEN, email=email, user_id=user.id)
    if token is None or not_me is None:
        return None
    links = composing.links
    return recipients.letter_to(user, link=links.to("verify-email", token), other_link=links.to("not-me", not_me))


def _change_email(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the new address of the user with `user_id`, unless an account has it, or the token is no longer valid."""
    user = recipients.find_by_id(composing, parameters["user_id"])
    if user is None or recipients.find_by_email_key(composing, parameters["new_email_key"]) is not None:
        return None
    try:
        new = mailed_tokens.look(composing.tx, composing.now, parameters["token"], CHANGE_EMAIL_TOKEN).email
    except InvalidOrExpiredToken:
        return None
    letter = recipients.letter_to(user, link=composing.links.to("change-email", parameters["token"]))
    return Letter(new, letter.parameters, letter.language)


def _to_old_address(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the address that the account had when the mail was put into the outbox, with the link that brings it back."""
    # A mail that an older version put into the outbox has no token.
    token = parameters.get("token")
    link = {} if token is None else {"link": composing.links.to("undo-email-change", token)}
    return Letter(parameters["old_email"], link)


def _to_undone_address(_composing: Composing, parameters: Parameters) -> Letter | None:
    """To the address that the account had until its owner took the change back."""
    return Letter(parameters["undone_email"])


def _asked_for(composing: Composing, parameters: Parameters) -> UserRow | None:
    if "user_id" in parameters:
        return recipients.find_by_id(composing, parameters["user_id"])
    return recipients.find_by_email_key(composing, parameters["email_key"])


VERIFY_EMAIL = Mail(
    "verify-email",
    _FOLDER,
    _verify_email,
    {"link": _SAMPLE_LINK, "other_link": _SAMPLE_LINK},
    purposes=(VERIFY_EMAIL_TOKEN, NOT_ME_TOKEN),
)
CHANGE_EMAIL = Mail("change-email", _FOLDER, _change_email, {"link": _SAMPLE_LINK}, purposes=(CHANGE_EMAIL_TOKEN,))
EMAIL_CHANGE_REQUESTED = Mail("email-change-requested", _FOLDER, recipients.notice, {})
EMAIL_CHANGED = Mail("email-changed", _FOLDER, _to_old_address, {"link": _SAMPLE_LINK}, purposes=(UNDO_EMAIL_CHANGE,))
EMAIL_CHANGE_UNDONE = Mail("email-change-undone", _FOLDER, _to_undone_address, {})
