"""Tokens in mails: 256 random bits, for one purpose and one use, in `EmailVerification` as a hash.

The row holds SHA-256 of the token and nothing to make it from. Asking again leaves earlier tokens valid, so that a
stranger who asks cannot void the owner's link; with three live ones no further is made, so that nobody fills a mailbox.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, case, delete, func, insert, select, update

from gatewright.core.housekeeping import remove_some
from gatewright.errors import GatewrightError
from gatewright.ids import cuid
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction
from gatewright.storage.hot import Row

Purpose = Literal[
    "verify_email", "not_me", "reset_password", "change_email", "address_taken", "invitation", "reauthenticate"
]

LIFETIMES: dict[Purpose, timedelta] = {
    "verify_email": timedelta(hours=24),
    "not_me": timedelta(hours=24),
    "reset_password": timedelta(hours=1),
    "change_email": timedelta(hours=24),
    "address_taken": timedelta(hours=24),
    "invitation": timedelta(days=7),
    "reauthenticate": timedelta(minutes=10),
}
"""How long a token of each purpose counts."""

MOST_LIVE = 3
"""How many of one purpose and one user, or one address, count at a time."""

_BYTES = 32
_LONGEST_TEXT = 128


class InvalidOrExpiredToken(GatewrightError):
    """The token of a mail is not ours, was used before, or its time is over.

    One error for all of them on purpose: whoever guesses learns nothing.
    """

    code = "invalid_or_expired_token"
    status = 400
    title = "This link is not valid any more. Ask for a new one."


def issue(
    tx: Transaction, now: datetime, purpose: Purpose, *, email: str, user_id: str | None = None, suffix: str = ""
) -> str | None:
    """A new token for the mail that is being composed; None when three for its purpose are live.

    Args:
        email: The address that the mail goes to, which the token proves.
        user_id: Whose token it is. Without one, the address decides how many are live.
        suffix: What the token says besides, in plain text: at most 64 letters, digits, `_` and `-`. With another
            suffix it is another token, and none of ours.
    """
    tokens = tx.table("EmailVerification")
    whose = tokens.c.user_id == user_id if user_id is not None else tokens.c.email == email
    counting = select(func.count()).select_from(tokens).where(tokens.c.purpose == purpose, whose, *live(tx, now))
    if tx.connection.execute(counting).scalar_one() >= MOST_LIVE:
        return None
    token = secrets.token_urlsafe(_BYTES) + (f".{suffix}" if suffix else "")
    tx.run(
        insert(tokens).values(
            id=cuid(),
            token=_hash(token),
            user_id=user_id,
            purpose=purpose,
            email=email,
            attempts=0,
            expires_at=now + LIFETIMES[purpose],
            created_at=now,
        )
    )
    return token


def look(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> Row:
    """The `user_id` and `email` of a live token, without using it.

    Raises:
        InvalidOrExpiredToken: It does not count.
    """
    tokens = tx.table("EmailVerification")
    return _found(tx.one(select(tokens.c.user_id, tokens.c.email).where(*_is(tx, now, token, purpose))))


def take(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> Row:
    """Use a token up: its `user_id` and `email`. Of many callers, one gets the row.

    In the transaction that does what the token is for, so that none is used up for nothing.

    Raises:
        InvalidOrExpiredToken: It does not count.
    """
    tokens, users = tx.table("EmailVerification"), tx.table("User")
    whose = select(tokens.c.user_id).where(*_is(tx, now, token, purpose)).scalar_subquery()
    # The user first, as everything else that goes on to the user's tokens and sessions: two tokens of one user that
    # are used at the same moment, each voiding the other, would lock each other out.
    tx.one(select(users.c.id).where(users.c.id == whose).with_for_update())
    used = update(tokens).values(used_at=now).where(*_is(tx, now, token, purpose))
    return _found(tx.one(used.returning(tokens.c.user_id, tokens.c.email)))


def prolong(tx: Transaction, now: datetime, tokens: Collection[str], *, until: datetime) -> bool:
    """Let the life of live tokens begin at *until*, when their mail leaves; False when one of them counts no more."""
    if not tokens:
        return True
    rows, users = tx.table("EmailVerification"), tx.table("User")
    hashes = [_hash(token) for token in tokens]
    # The user first, as in `take`.
    owner = select(rows.c.user_id).where(rows.c.token.in_(hashes))
    tx.all(select(users.c.id).where(users.c.id.in_(owner)).with_for_update())
    ends = case({purpose: until + life for purpose, life in LIFETIMES.items()}, value=rows.c.purpose)
    prolonged = update(rows).values(expires_at=ends).where(rows.c.token.in_(hashes), *live(tx, now))
    return tx.run(prolonged) == len(tokens)


def are_used(tx: Transaction, tokens: Collection[str]) -> bool:
    """Whether one of *tokens* was used, or voided by the use of another: what it was for is done."""
    rows = tx.table("EmailVerification")
    mailed = rows.c.token.in_([_hash(token) for token in tokens])
    return tx.one(select(rows.c.id).where(mailed, rows.c.used_at.is_not(None)).limit(1)) is not None


def suffix_of(token: str) -> str:
    """What a token of ours says besides; only to be believed of one that `look` or `take` has accepted."""
    return token.partition(".")[2]


def assign(tx: Transaction, token: str, user_id: str) -> None:
    """Let a token that belonged to an address alone belong to the user who has used it."""
    tokens = tx.table("EmailVerification")
    tx.run(update(tokens).where(tokens.c.token == _hash(token[:_LONGEST_TEXT])).values(user_id=user_id))


def void(tx: Transaction, now: datetime, user_id: str, *purposes: Purpose) -> None:
    """Let the live tokens of a user count no more: those for *purposes*, or all of them without any."""
    tokens = tx.table("EmailVerification")
    named = (tokens.c.purpose.in_(purposes),) if purposes else ()
    tx.run(update(tokens).values(used_at=now).where(tokens.c.user_id == user_id, *named, *live(tx, now)))


def remove_unowned(tx: Transaction, email: str, *purposes: Purpose) -> None:
    """Remove the tokens of an address that belong to no account: those for *purposes*, or all of them without any."""
    tokens = tx.table("EmailVerification")
    named = (tokens.c.purpose.in_(purposes),) if purposes else ()
    tx.run(delete(tokens).where(tokens.c.email == email, tokens.c.user_id.is_(None), *named))


def remove_expired(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): tokens whose time is over."""
    tokens = tx.table("EmailVerification")
    return remove_some(tx, tokens, tokens.c.expires_at < now)


def _found(row: Row | None) -> Row:
    if row is None:
        raise InvalidOrExpiredToken
    return row


def _is(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    tokens = tx.table("EmailVerification")
    # Longer text is no token; nobody makes us hash a megabyte.
    return (tokens.c.token == _hash(token[:_LONGEST_TEXT]), tokens.c.purpose == purpose, *live(tx, now))


def live(tx: Transaction, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that the row of a token meets while it counts."""
    tokens = tx.table("EmailVerification")
    return (tokens.c.used_at.is_(None), tokens.c.expires_at > now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
