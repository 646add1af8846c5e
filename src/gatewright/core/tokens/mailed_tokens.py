"""Tokens in mails: 256 random bits, for one purpose and one use, in `EmailVerification` as a hash.

The row holds SHA-256 of the token and nothing to make it from. Asking again leaves earlier tokens valid, so that a
stranger who asks cannot void the owner's link; with three live ones no further is made, so that a mailbox cannot be
flooded.

A used token and a void one both have `used_at`; only a used one has `attempts`. So a confirmation that arrives twice
(a double click, a proxy's retry) gets the answer of the first call for `REPEATS`, and a void link does not.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import ColumnElement, Table, case, delete, func, insert, select, update

from gatewright.core.housekeeping import remove_some
from gatewright.errors import GatewrightError
from gatewright.ids import cuid
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction
from gatewright.storage.rows import columns_of


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a token is for; the mail that carries it declares it (`Mail.purposes`).

    Attributes:
        name: As it is stored.
        lifetime: How long a token counts.
    """

    name: str
    lifetime: timedelta


UNDO_EMAIL_CHANGE = Purpose("undo_email_change", timedelta(days=7))
"""The one purpose whose tokens `void` spares when it is given none."""

MOST_LIVE = 3
"""How many of one purpose and one user, or one address, count at a time."""

REPEATS = timedelta(minutes=10)
"""For how long a used token is still recognised."""

_USED = "This link is no longer valid: it was used a moment ago, and its change is made."
_MOST_ATTEMPTS = 5
_BYTES = 32
_LONGEST_TEXT = 128


class InvalidOrExpiredToken(GatewrightError):
    """The token of a mail is not ours, was used before, or its time is over.

    One error for all of them on purpose: a caller who guesses learns nothing.
    """

    code = "invalid_or_expired_token"
    status = 400
    title = "This link is no longer valid. Request a new one."


@dataclass(frozen=True, slots=True)
class MailedTokenRow:
    """A token, without its hash.

    Attributes:
        user_id: Whose it is; None where it belongs to an address alone.
        email: The address that it was mailed to, or that it is to make the account's.
    """

    user_id: str | None
    email: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime

    @property
    def owner_id(self) -> str:
        """The user whose token it is.

        Raises:
            InvalidOrExpiredToken: It belongs to no user.
        """
        if self.user_id is None:
            raise InvalidOrExpiredToken
        return self.user_id

    def was_used_since(self, moment: datetime) -> bool:
        """Whether it was used after *moment*."""
        return self.used_at is not None and self.used_at > moment


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A token that counts, or that counted a moment ago.

    Attributes:
        user_id: The token's user.
        email: The address that it was mailed to, or that it is to make the account's.
        is_first: Whether this call used it; otherwise it repeats an earlier one, and changes nothing.
    """

    user_id: str
    email: str
    is_first: bool


def issue(
    tx: Transaction, now: datetime, purpose: Purpose, *, email: str, user_id: str | None = None, suffix: str = ""
) -> str | None:
    """A new token for the mail that is being composed; None when three for its purpose are live.

    Args:
        email: The address that the mail goes to, which the token proves.
        user_id: Whose token it is. Without one, the address decides how many are live.
        suffix: Further content of the token, in plain text: at most 64 letters, digits, `_` and `-`. With another
            suffix it is another token, and none of ours.
    """
    tokens = tx.table("EmailVerification")
    whose = tokens.c.user_id == user_id if user_id is not None else tokens.c.email == email
    counting = select(func.count()).select_from(tokens).where(tokens.c.purpose == purpose.name, whose, *live(tx, now))
    if tx.value(counting) >= MOST_LIVE:
        return None
    return _insert(tx, now, purpose, email=email, user_id=user_id, suffix=suffix)


def issue_undo(tx: Transaction, now: datetime, *, email: str, user_id: str) -> str:
    """A token that gives a user whose row is locked the address *email* back.

    There is one for each change, however many there are: a thief who changes the address four times must not leave the
    owner without a link. Each is later than the one before it, even if the clock does not move: `void_later` relies
    on that.
    """
    tokens = tx.table("EmailVerification")
    earlier = select(func.max(tokens.c.created_at, type_=tokens.c.created_at.type)).where(
        tokens.c.user_id == user_id, tokens.c.purpose == UNDO_EMAIL_CHANGE.name
    )
    last: datetime | None = tx.value(earlier)
    at = now if last is None else max(now, last + timedelta(microseconds=1))
    return _insert(tx, at, UNDO_EMAIL_CHANGE, email=email, user_id=user_id)


def _insert(
    tx: Transaction, now: datetime, purpose: Purpose, *, email: str, user_id: str | None, suffix: str = ""
) -> str:
    token = secrets.token_urlsafe(_BYTES) + (f".{suffix}" if suffix else "")
    tx.run(
        insert(tx.table("EmailVerification")).values(
            id=cuid(),
            token=_hash(token),
            user_id=user_id,
            purpose=purpose.name,
            email=email,
            attempts=0,
            expires_at=now + purpose.lifetime,
            created_at=now,
        )
    )
    return token


def look(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> MailedTokenRow:
    """A live token, without using it.

    Raises:
        InvalidOrExpiredToken: It does not count.
    """
    tokens = tx.table("EmailVerification")
    found = select(*columns_of(tokens, MailedTokenRow)).where(*_is(token, purpose, tokens), *live(tx, now))
    return tx.one(found, MailedTokenRow) or _refuse(tx, now, token, purpose)


def take(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> MailedTokenRow:
    """Use a token up. Of many callers, one gets the row.

    In the transaction that does what the token is for, so that none is used up for nothing.

    Raises:
        InvalidOrExpiredToken: It does not count.
    """
    return _take(tx, now, token, purpose) or _refuse(tx, now, token, purpose)


def take_or_repeat(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> Redeemed:
    """Use a token up, or find that it was used within `REPEATS`: a caller that repeats another gets its answer.

    Whether what the first call did still holds, the caller has to look at.

    Raises:
        InvalidOrExpiredToken: It does neither.
    """
    if taken := _take(tx, now, token, purpose):
        return Redeemed(taken.owner_id, taken.email, is_first=True)
    used = find_used(tx, token, purpose)
    if used is None or not used.was_used_since(now - REPEATS):
        raise InvalidOrExpiredToken
    return Redeemed(used.owner_id, used.email, is_first=False)


def find_used(tx: Transaction, token: str, purpose: Purpose) -> MailedTokenRow | None:
    """A token that was used, and not only voided."""
    tokens = tx.table("EmailVerification")
    used = (tokens.c.used_at.is_not(None), tokens.c.attempts > 0)
    found = select(*columns_of(tokens, MailedTokenRow)).where(*_is(token, purpose, tokens), *used)
    return tx.one(found, MailedTokenRow)


def may_try_again(tx: Transaction, token: str) -> bool:
    """Whether few wrong tries were made with a used token, so that it opens no way to guess at length."""
    tokens = tx.table("EmailVerification")
    few = (tokens.c.token == _hash(token[:_LONGEST_TEXT]), tokens.c.attempts < _MOST_ATTEMPTS)
    return tx.exists(select(tokens.c.id).where(*few))


def count_wrong_try(tx: Transaction, token: str) -> None:
    """Note that a used token came with something that was wrong."""
    tokens = tx.table("EmailVerification")
    counted = update(tokens).where(tokens.c.token == _hash(token[:_LONGEST_TEXT]))
    tx.run(counted.values(attempts=tokens.c.attempts + 1))


def use_siblings(tx: Transaction, now: datetime, redeemed: Redeemed, purpose: Purpose) -> None:
    """Count the user's live tokens of the same purpose and address as used with this one: they led to the same."""
    tokens = tx.table("EmailVerification")
    siblings = (
        tokens.c.user_id == redeemed.user_id,
        tokens.c.purpose == purpose.name,
        tokens.c.email == redeemed.email,
    )
    tx.run(update(tokens).values(used_at=now, attempts=1).where(*siblings, *live(tx, now)))


def _take(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> MailedTokenRow | None:
    tokens, users = tx.table("EmailVerification"), tx.table("User")
    counting = (*_is(token, purpose, tokens), *live(tx, now))
    whose = select(tokens.c.user_id).where(*_is(token, purpose, tokens)).scalar_subquery()
    # The user first, as everything else that goes on to the user's tokens and sessions: two tokens of one user that
    # are used at the same moment, each voiding the other, would lock each other out.
    tx.value(select(users.c.id).where(users.c.id == whose).with_for_update())
    used = update(tokens).values(used_at=now, attempts=1).where(*counting)
    return tx.one(used.returning(*columns_of(tokens, MailedTokenRow)), MailedTokenRow)


def prolong(
    tx: Transaction, now: datetime, tokens: Collection[str], purposes: Collection[Purpose], *, until: datetime
) -> bool:
    """Let the life of live tokens begin at *until*, when their mail leaves; False when one of them counts no more.

    Args:
        purposes: Those of the mail that carries them.
    """
    if not tokens:
        return True
    rows, users = tx.table("EmailVerification"), tx.table("User")
    hashes = [_hash(token) for token in tokens]
    # The user first, as in `take`.
    owner = select(rows.c.user_id).where(rows.c.token.in_(hashes))
    tx.values(select(users.c.id).where(users.c.id.in_(owner)).with_for_update())
    ends = case({each.name: until + each.lifetime for each in purposes}, value=rows.c.purpose, else_=rows.c.expires_at)
    prolonged = update(rows).values(expires_at=ends).where(rows.c.token.in_(hashes), *live(tx, now))
    return tx.run(prolonged) == len(tokens)


def are_used(tx: Transaction, tokens: Collection[str]) -> bool:
    """Whether one of *tokens* was used, or voided by the use of another: what it was for is done."""
    rows = tx.table("EmailVerification")
    mailed = rows.c.token.in_([_hash(token) for token in tokens])
    return tx.exists(select(rows.c.id).where(mailed, rows.c.used_at.is_not(None)).limit(1))


def suffix_of(token: str) -> str:
    """The suffix of a token; to be trusted only if `look` or `take` has accepted the token."""
    return token.partition(".")[2]


def assign(tx: Transaction, token: str, user_id: str) -> None:
    """Let a token that belonged to an address alone belong to the user who has used it."""
    tokens = tx.table("EmailVerification")
    tx.run(update(tokens).where(tokens.c.token == _hash(token[:_LONGEST_TEXT])).values(user_id=user_id))


def void(tx: Transaction, now: datetime, user_id: str, *purposes: Purpose) -> None:
    """Let the live tokens of a user count no more: those for *purposes*, or, without any, all that lead onwards.

    A link that undoes a change of address is not among all: a thief who changes the address goes on to change the
    password, and the link is for the owner to use after that.
    """
    tokens = tx.table("EmailVerification")
    names = [purpose.name for purpose in purposes]
    named = tokens.c.purpose.in_(names) if names else tokens.c.purpose != UNDO_EMAIL_CHANGE.name
    tx.run(update(tokens).values(used_at=now).where(tokens.c.user_id == user_id, named, *live(tx, now)))


def void_later(tx: Transaction, now: datetime, user_id: str, purpose: Purpose, *, than: datetime) -> None:
    """Let those live tokens of a user count no more that were made after *than*."""
    tokens = tx.table("EmailVerification")
    later = (tokens.c.user_id == user_id, tokens.c.purpose == purpose.name, tokens.c.created_at > than)
    tx.run(update(tokens).values(used_at=now).where(*later, *live(tx, now)))


def remove_unowned(tx: Transaction, email: str, *purposes: Purpose) -> None:
    """Remove the tokens of an address that belong to no account: those for *purposes*, or all of them without any."""
    tokens = tx.table("EmailVerification")
    named = (tokens.c.purpose.in_([purpose.name for purpose in purposes]),) if purposes else ()
    tx.run(delete(tokens).where(tokens.c.email == email, tokens.c.user_id.is_(None), *named))


def remove_expired(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): tokens whose time is over, and that of repeats too."""
    tokens = tx.table("EmailVerification")
    return remove_some(tx, tokens, tokens.c.expires_at < now - REPEATS)


def _refuse(tx: Transaction, now: datetime, token: str, purpose: Purpose) -> NoReturn:
    used = find_used(tx, token, purpose)
    if used is not None and used.was_used_since(now - REPEATS):
        # A double click on a page would otherwise tell its user to ask for a link again that has worked.
        raise InvalidOrExpiredToken(_USED)
    raise InvalidOrExpiredToken


def _is(token: str, purpose: Purpose, tokens: Table) -> tuple[ColumnElement[bool], ...]:
    # Longer text is no token; a client cannot make us hash a megabyte.
    return (tokens.c.token == _hash(token[:_LONGEST_TEXT]), tokens.c.purpose == purpose.name)


def live(tx: Transaction, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that the row of a token meets while it counts."""
    tokens = tx.table("EmailVerification")
    return (tokens.c.used_at.is_(None), tokens.c.expires_at > now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
