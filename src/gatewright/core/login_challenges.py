"""Challenges: logins whose first proof was right, and that wait for a second factor (security.md, "Second factors").

A row is there while its challenge can be answered. It holds SHA-256 of the token, so that a copy of the database
answers none.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, insert, literal, select, update

from gatewright.core.housekeeping import remove_some
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction
from gatewright.storage.rows import columns_of

LIFETIME = timedelta(minutes=5)
MOST_WRONG_ANSWERS = 5

_TABLE = "gatewright_login_challenges"
_BYTES = 32
_LONGEST_TOKEN = 128


@dataclass(frozen=True, slots=True)
class FirstProof:
    """The first proof of a login, as its challenge keeps it.

    Attributes:
        user_id: The account.
        email_key: The key of its address.
        amr: How the account was proved, as one text.
        device_id: The identifier of the client's device, in hexadecimal digits.
        session_id: The session that the proof renews; None for a login.
        in_cookies: Whether the client gets its tokens in cookies.
    """

    user_id: str
    email_key: str
    amr: str
    device_id: str | None
    session_id: str | None
    in_cookies: bool


def issue(tx: Transaction, now: datetime, proof: FirstProof, *, password_hash: str | None) -> str | None:
    """A token for a new challenge; None when the account was disabled, or its address or password changed, meanwhile.

    The statement that inserts the row looks at the account again, and locks it: a change that is under way either sees
    the row, and voids it, or lets none be inserted.
    """
    challenges, users = tx.table(_TABLE), tx.table("User")
    token = secrets.token_urlsafe(_BYTES)
    values = {
        "token_hash": _hash(token),
        **{name: value for name, value in asdict(proof).items() if name != "email_key"},
        "wrong_answers": 0,
        "expires_at": now + LIFETIME,
    }
    account = (
        select(*(literal(value, challenges.c[name].type) for name, value in values.items()))
        .where(users.c.id == proof.user_id, users.c.email_key == proof.email_key, users.c.disabled_at.is_(None))
        .with_for_update(read=True)
    )
    if password_hash is not None:
        account = account.where(users.c.password == password_hash)
    return token if tx.run(insert(challenges).from_select(list(values), account)) else None


def find(tx: Transaction, now: datetime, token: str, *, from_cookie: bool) -> FirstProof | None:
    """The first proof of a challenge that can be answered, by the token that came in a cookie or in the body."""
    challenges, users = tx.table(_TABLE), tx.table("User")
    columns = columns_of(challenges, FirstProof, email_key=users.c.email_key)
    joined = select(*columns).join_from(challenges, users, users.c.id == challenges.c.user_id)
    return tx.one(joined.where(*_open(challenges, now, token, from_cookie)), FirstProof)


def count_answer(tx: Transaction, now: datetime, token: str, *, from_cookie: bool) -> bool:
    """Count an answer as wrong before it is checked; False when the challenge cannot be answered (any more).

    The caller has locked the user's row, and commits whether or not the answer is right.
    """
    challenges = tx.table(_TABLE)
    counted = update(challenges).where(*_open(challenges, now, token, from_cookie))
    return tx.run(counted.values(wrong_answers=challenges.c.wrong_answers + 1)) == 1


def end(tx: Transaction, token: str, *, if_wrong: int = 0) -> None:
    """End a challenge: at once, or if so many wrong answers were given."""
    challenges = tx.table(_TABLE)
    tx.run(delete(challenges).where(challenges.c.token_hash == _hash(token), challenges.c.wrong_answers >= if_wrong))


def void(tx: Transaction, user_id: str) -> None:
    """End every challenge of a user, in the transaction that changes their password, address, factors or account."""
    challenges = tx.table(_TABLE)
    tx.run(delete(challenges).where(challenges.c.user_id == user_id))


def remove_expired(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): challenges that were not answered in time."""
    challenges = tx.table(_TABLE)
    return remove_some(tx, challenges, challenges.c.expires_at <= now)


def _open(challenges: Table, now: datetime, token: str, from_cookie: bool) -> Sequence[ColumnElement[bool]]:
    """The conditions that the row of *token* meets while it can be answered."""
    return (
        challenges.c.token_hash == _hash(token),
        challenges.c.expires_at > now,
        # What a page's scripts could not read is taken from no script.
        challenges.c.in_cookies.is_(from_cookie),
    )


def _hash(token: str) -> str:
    # Longer text is no token, and is not worth hashing.
    return hashlib.sha256(token[:_LONGEST_TOKEN].encode(errors="surrogatepass")).hexdigest()
