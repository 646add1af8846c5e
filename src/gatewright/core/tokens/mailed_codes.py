"""Codes in mails: 8 digits for a user who waits for them, 10 minutes, five tries; rows of `EmailVerification`.

A code is short enough to guess, so the row holds it sealed by the vault. With a hash, anyone who has a copy of the
database could try all codes. A code counts only for what it was asked for, such as one session. A wrong one counts
against every code that is live for the user: asking for more of them gives no more tries.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, insert, null, select, update

from gatewright.core import base64url
from gatewright.core.tokens.mailed_tokens import MOST_LIVE, Purpose, live
from gatewright.core.vault import Vault
from gatewright.errors import GatewrightError
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
from gatewright.storage.rows import columns_of

DIGITS = 8
_TRIES = 5

SEALED_FOR = "mailed code"
"""What codes are sealed for."""


class InvalidCode(GatewrightError):
    """The code is wrong or too old, was used before, or was tried too often.

    One error for all of them on purpose: a caller who guesses learns nothing.
    """

    code = "invalid_code"
    status = 401
    title = "That code is wrong or has expired. Check it, or request a new one."


@dataclass(frozen=True, slots=True)
class _CodeRow:
    id: str
    token: str


def issue(
    tx: Transaction, vault: Vault, now: datetime, purpose: Purpose, *, user_id: str, email: str, bound_to: str
) -> str | None:
    """A new code for the mail that is put into the outbox; None when three for its purpose are live.

    Args:
        user_id: Whose code it is.
        email: The address that it is mailed to.
        bound_to: What it counts for, such as the identifier of a session.
    """
    tokens = tx.table("EmailVerification")
    same = (tokens.c.purpose == purpose.name, tokens.c.user_id == user_id, *live(tx, now))
    if tx.value(select(func.count()).select_from(tokens).where(*same)) >= MOST_LIVE:
        return None
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    tx.run(
        insert(tokens).values(
            id=cuid(),
            token=base64url.encode(vault.seal(_content(code, bound_to), purpose=SEALED_FOR)),
            user_id=user_id,
            purpose=purpose.name,
            email=email,
            attempts=0,
            expires_at=now + purpose.lifetime,
            created_at=now,
        )
    )
    return code


def take(
    tx: Transaction, vault: Vault, now: datetime, code: str, purpose: Purpose, *, user_id: str, bound_to: str
) -> bool:
    """Use a code up; False when it does not count. Of many callers, one gets True.

    A try counts only if the transaction is committed: the caller raises nothing within it.
    """
    tokens = tx.table("EmailVerification")
    tries = tokens.c.attempts + 1
    counted = (tokens.c.purpose == purpose.name, tokens.c.user_id == user_id, *live(tx, now))
    # In one order, so that tries at the same time never wait for each other in a circle.
    locked = select(tokens.c.id).where(*counted).order_by(tokens.c.id).with_for_update()
    tried = (
        update(tokens)
        .where(tokens.c.id.in_(locked), *counted)
        .values(attempts=tries, used_at=case((tries >= _TRIES, now), else_=null()))
    )
    content = _content(code, bound_to)
    for row in tx.all(tried.returning(*columns_of(tokens, _CodeRow)), _CodeRow):
        sealed = base64url.decode(row.token)
        if hmac.compare_digest(vault.open(sealed, purpose=SEALED_FOR), content):
            tx.run(update(tokens).where(tokens.c.id == row.id).values(used_at=now))
            return True
    return False


def _content(code: str, bound_to: str) -> bytes:
    return f"{bound_to} {code}".encode(errors="surrogatepass")
