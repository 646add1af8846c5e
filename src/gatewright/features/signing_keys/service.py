"""Listing the signing keys, and replacing them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import IntegrityError

from gatewright.core.context import Context
from gatewright.core.keys import key_store
from gatewright.core.keys.key_store import StoredKey
from gatewright.core.keys.key_watch import KeyWatch
from gatewright.core.keys.ring import (
    KeyRing,
    SigningKey,
)
from gatewright.errors import Conflict

State = Literal["signing", "published", "verifying", "retired", "unused"]
Source = Literal["database", "environment"]


class KeysAreConfigured(Conflict):
    """The signing keys are not ours to replace."""

    title = "The signing keys come from GATEWRIGHT_SIGNING__KEYS. Replace them there."


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A signing key as it stands.

    Attributes:
        state: `signing`; `published` before it signs; `verifying` after; `retired` until it is removed; `unused` when
            it is for another algorithm than `SIGNING_ALGORITHM`, or the settings bring others.
        source: Where it is kept. Of the times of one that the settings bring, nothing is known.
        activates_at: When it begins to sign, or began.
        retires_at: From when on its tokens count no more; None when no other key is to take its place.
    """

    kid: str
    algorithm: str
    state: State
    source: Source
    created_at: datetime | None = None
    activates_at: datetime | None = None
    retires_at: datetime | None = None


async def list_keys(context: Context) -> list[ListedKey]:
    """All signing keys, the newest first; before them those that the settings bring, in their order."""
    now = context.clock.now()
    ring = context.access_tokens.keyring
    used = None if context.keys is None else context.settings.signing_algorithm
    rows = await context.db.read(key_store.rows_of)
    return [
        *(_given(ring) if context.keys is None else ()),
        *(_stored(row, ring, now, is_used=row.algorithm == used) for row in rows),
    ]


async def rotate(context: Context) -> datetime:
    """Publish a new key, which signs as soon as every copy of the JWKS can have it. Clients do not notice.

    Returns:
        When it begins to sign.

    Raises:
        KeysAreConfigured: The settings bring the keys.
        RotationUnderWay: One is published already and does not sign yet.
        Conflict: Another process rotates at this moment.
    """
    keys = _kept_here(
        context,
        "Add a new key last and deploy, put it first six minutes later and deploy, and take the old one out when the "
        "last token that it signed has expired.",
    )
    key = await _new_key(context)
    now, ttl = context.clock.now(), context.settings.access_token_ttl
    try:
        at = await context.db.write(lambda tx: key_store.publish(tx, context.vault, key, now, ttl))
    except IntegrityError:
        raise Conflict("Another process is rotating the signing keys.") from None
    await keys.reload()
    await context.audit.record("keys.rotated", details={"kid": key.kid, "signs_from": at.isoformat()})
    return at


async def withdraw(context: Context) -> int:
    """Replace every key at once, for they may have been stolen: no access token of theirs counts any more.

    Sessions go on: each client that is refused refreshes, and gets a token of the new key.

    Returns:
        How many keys were withdrawn.

    Raises:
        KeysAreConfigured: The settings bring the keys.
        Conflict: Another process rotates at this moment.
    """
    keys = _kept_here(context, "Put a new key in the place of all, and deploy: access tokens of theirs count no more.")
    key = await _new_key(context)
    now = context.clock.now()
    try:
        gone = await context.db.write(lambda tx: key_store.replace_all(tx, context.vault, key, now))
    except IntegrityError:
        raise Conflict("Another process is rotating the signing keys. Try again.") from None
    await keys.reload()
    await context.audit.record("keys.withdrawn", details={"kid": key.kid, "withdrawn": " ".join(sorted(gone))})
    return len(gone)


def _kept_here(context: Context, otherwise: str) -> KeyWatch:
    if context.keys is None:
        raise KeysAreConfigured(f"{KeysAreConfigured.title} {otherwise}")
    return context.keys


async def _new_key(context: Context) -> SigningKey:
    return await asyncio.to_thread(SigningKey.generate, context.settings.signing_algorithm)


def _given(ring: KeyRing) -> Iterator[ListedKey]:
    yield ListedKey(ring.signing.kid, ring.signing.algorithm, "signing", "environment")
    for key in ring.others:
        yield ListedKey(key.kid, key.algorithm, "verifying", "environment")


def _stored(row: StoredKey, ring: KeyRing, now: datetime, *, is_used: bool) -> ListedKey:
    return ListedKey(
        kid=row.kid,
        algorithm=row.algorithm,
        state=_state(row, ring.signing.kid, now) if is_used else "unused",
        source="database",
        created_at=row.created_at,
        activates_at=row.activates_at or row.created_at,
        retires_at=row.retires_at,
    )


def _state(row: StoredKey, signing: str, now: datetime) -> State:
    if row.kid == signing:
        return "signing"
    if row.is_retired(now):
        return "retired"
    return "verifying" if row.is_active(now) else "published"
