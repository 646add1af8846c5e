"""Redeeming an invitation.

The role is part of the token. Only the server chooses it: what is stored is a hash of the whole token, so that a token
with another role does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gatewright.addresses import EmailAddress, parse_address
from gatewright.core.context import Context
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.features.invitations.mails import INVITATION_TOKEN
from gatewright.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that counts.

    Attributes:
        token: The token that was mailed.
        email: The address that it was mailed to, which its token proves.
        role: What the account gets.
    """

    token: str = field(repr=False)
    email: EmailAddress
    role: str


async def find(context: Context, token: str) -> Invitation:
    """The invitation behind a live token, without using it.

    Raises:
        InvalidOrExpiredToken: It does not count, or its role is not one of the settings' any more.
    """
    if not context.settings.has_feature("invitations"):
        raise InvalidOrExpiredToken
    now = context.clock.now()
    row = await context.db.read(lambda tx: mailed_tokens.look(tx, now, token, INVITATION_TOKEN))
    role = mailed_tokens.suffix_of(token)
    if role not in context.settings.roles:
        raise InvalidOrExpiredToken
    return Invitation(token, parse_address(row.email), role)


def take(tx: Transaction, context: Context, token: str) -> str:
    """Use an invitation up, in the transaction that makes the account: the address. Of many callers, one succeeds.

    Raises:
        InvalidOrExpiredToken: It does not count (any more).
    """
    return mailed_tokens.take(tx, context.clock.now(), token, INVITATION_TOKEN).email


def assign(tx: Transaction, token: str, email: str, user_id: str) -> None:
    """Note whose account an invitation has become. What else was mailed to invite the address counts no more."""
    mailed_tokens.assign(tx, token, user_id)
    mailed_tokens.remove_unowned(tx, email, INVITATION_TOKEN)
