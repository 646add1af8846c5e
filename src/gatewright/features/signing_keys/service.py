"""Listing the signing keys, and replacing them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import IntegrityError

from gatewright.core import key_store
from gatewright.core.context import Context
from gatewright.core.key_store import StoredKey
from gatewright.core.keys import SigningKey
from gatewright.errors import Conflict

State = Literal["signing", "published", "verifying", "retired", "unused"]


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A signing key as it stands.

    Attributes:
        state: `signing`; `published` before it signs; `verifying` after; `retired` until it is removed; `unused` when
            it is for another algorithm than `SIGNING_ALGORITHM`.
        activates_at: When it begins to sign, or began.
        retires_at: From when on its tokens count no more; None when no other key is to take its place.
    """

    kid: str
    algorithm: str
    state: State
    created_at: datetime
    activates_at: datetime
    retires_at: datetime | None


async def list_keys(context: Context) -> list[ListedKey]:
    """All signing keys, the newest first."""
    now = context.clock.now()
    signing = context.access_tokens.keyring.signing.kid
    algorithm = context.settings.signing_algorithm
    rows = await context.db.read(key_store.rows_of)
    return [
        ListedKey(
            kid=row.kid,
            algorithm=row.algorithm,
            state="unused" if row.algorithm != algorithm else _state(row, signing, now),
            created_at=row.created_at,
            activates_at=row.activates_at or row.created_at,
            retires_at=row.retires_at,
        )
        for row in rows
    ]


async def rotate(context: Context) -> datetime:
    """Publish a new key, which signs as soon as every copy of the JWKS can have it. Nobody notices.

    Returns:
        When it begins to sign.

    Raises:
        RotationUnderWay: One is published already and does not sign yet.
        Conflict: Another process rotates at this moment.
    """
    key = await _new_key(context)
    now, ttl = context.clock.now(), context.settings.access_token_ttl
    try:
        at = await context.db.write(lambda tx: key_store.publish(tx, context.vault, key, now, ttl))
    except IntegrityError:
        raise Conflict("Another process rotates the signing keys at this moment.") from None
    await context.keys.reload()
    await context.audit.record("keys.rotated", details={"kid": key.kid, "signs_from": at.isoformat()})
    return at


async def withdraw(context: Context) -> int:
    """Replace every key at once, for they may have been stolen: no access token of theirs counts any more.

    Sessions go on: each client that is refused refreshes, and gets a token of the new key.

    Returns:
        How many keys were withdrawn.

    Raises:
        Conflict: Another process rotates at this moment.
    """
    key = await _new_key(context)
    now = context.clock.now()
    try:
        gone = await context.db.write(lambda tx: key_store.replace_all(tx, context.vault, key, now))
    except IntegrityError:
        raise Conflict("Another process rotates the signing keys at this moment. Try again.") from None
    await context.keys.reload()
    await context.audit.record("keys.withdrawn", details={"kid": key.kid, "withdrawn": " ".join(sorted(gone))})
    return len(gone)


async def _new_key(context: Context) -> SigningKey:
    return await asyncio.to_thread(SigningKey.generate, context.settings.signing_algorithm)


def _state(row: StoredKey, signing: str, now: datetime) -> State:
    if row.kid == signing:
        return "signing"
    if row.is_retired(now):
        return "retired"
    return "verifying" if row.is_active(now) else "published"
