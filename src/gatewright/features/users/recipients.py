"""Recipients of mails: always the stored address, never one from a request."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement

from gatewright.core.context import Context
from gatewright.core.limits.policy import RateLimited, rate
from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.features.users.queries import UserRow, find_locked

_LANGUAGE_COLUMN = "language"
"""The column of `User` that names the language of mails, where a design has it."""


async def may_notify(context: Context, mail: Mail, user_id: str) -> bool:
    """Whether a user may get another notice of this kind; counted if so.

    An account may have been made with the address of another person, whose mailbox its notices must not fill.
    """
    limit = rate(f"{mail.name}-mailbox", context.settings.limits.mails_per_hour, timedelta(hours=1))
    try:
        await context.limits.take([context.limits.of(limit, user_id)])
    except RateLimited:
        return False
    return True


def find_by_id(composing: Composing, user_id: str) -> UserRow | None:
    """The row of a user who is to get a mail; None when there is none (any more)."""
    users = composing.tx.table("User")
    return _locked(composing, users.c.id == user_id)


def find_by_email_key(composing: Composing, email_key: str) -> UserRow | None:
    """The row of the user with an address; None without one."""
    users = composing.tx.table("User")
    return _locked(composing, users.c.email_key == email_key)


def letter_to(user: UserRow, **parameters: str) -> Letter:
    """A letter to a user, in the language that a column `language` of `User` names, where a design has one."""
    return Letter(user.email, parameters, language_of(user))


def language_of(user: UserRow) -> str | None:
    """The language that a column `language` of `User` names for a user, where a design has one."""
    language = user.own.get(_LANGUAGE_COLUMN)
    return language if isinstance(language, str) else None


def notice(composing: Composing, parameters: Parameters) -> Letter | None:
    """The letter of a notice to a user: `user_id`, and the other parameters of the template."""
    user = find_by_id(composing, parameters["user_id"])
    others = {name: value for name, value in parameters.items() if name != "user_id"}
    return None if user is None else letter_to(user, **others)


def _locked(composing: Composing, condition: ColumnElement[bool]) -> UserRow | None:
    # Locked, so that of two mails to one mailbox the second one counts the first one's token.
    return find_locked(composing.tx, condition)
