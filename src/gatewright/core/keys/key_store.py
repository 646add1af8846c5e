"""Signing keys at rest: sealed in the database, made once, and replaced without a token that does not count.

A key is in the JWKS from the moment that it is stored. It signs once every copy of the JWKS that lacks it is too old
to be used, and when the next one signs it goes on verifying until the last token that it signed has expired.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from gatewright.clock import Clock
from gatewright.core.housekeeping import remove_some
from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.core.vault import Vault
from gatewright.errors import Conflict, SetupError
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of

JWKS_MAX_AGE = timedelta(seconds=300)
"""How long others may use a copy of the JWKS."""

SEALED_FOR = "signing key"

# For workers whose clocks differ, and that see a change a moment later.
_MARGIN = timedelta(seconds=60)


class RotationUnderWay(Conflict):
    """A new key is published and does not sign yet: a second rotation would only put it off."""

    title = "A rotation is under way."

    def __init__(self, kid: str, at: datetime) -> None:
        super().__init__(
            f"A rotation is under way: the key {kid} signs from {at:%H:%M:%S} UTC on. "
            "Rotate after that, or at once with --now if a key was stolen."
        )


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A row of `gatewright_signing_keys`.

    Attributes:
        activates_at: When it signs; at once where that is empty.
        retires_at: From when on its tokens count no more; empty until another key is to take its place.
    """

    kid: str
    algorithm: str
    number: int
    created_at: datetime
    activates_at: datetime | None
    retires_at: datetime | None
    sealed: bytes = field(repr=False)

    def is_active(self, now: datetime) -> bool:
        """Whether it may sign, if no newer one does."""
        return self.activates_at is None or self.activates_at <= now

    def is_retired(self, now: datetime) -> bool:
        """Whether its tokens count no more."""
        return self.retires_at is not None and self.retires_at <= now


async def load_key_ring(db: Database, vault: Vault, clock: Clock, algorithm: Algorithm) -> KeyRing:
    """The keys of *algorithm*; the first one is made when there is none.

    Raises:
        SetupError: A stored key was sealed under a secret that is not listed any more.
        Unavailable: The database does not answer.
    """
    ring = await _load(db, vault, clock, algorithm)
    if ring is None:
        await _make_first(db, vault, clock, algorithm)
        ring = await _load(db, vault, clock, algorithm)
    if ring is None:
        raise SetupError("A signing key was made, and is gone again. Start once more.")
    return ring


async def stored_keys(db: Database, vault: Vault) -> dict[str, bool]:
    """Open every key, of all algorithms, to check that it opens.

    Returns:
        For each `kid`, whether the first secret sealed it, so that the others are not needed for it.

    Raises:
        SetupError: A key does not open; the message says why.
    """
    rows = await db.read(rows_of)
    for row in rows:
        open_key(row, vault)
    return {row.kid: vault.is_sealed_by_first(row.sealed) for row in rows}


def rows_of(tx: Transaction, algorithm: Algorithm | None = None) -> list[StoredKey]:
    """The keys of *algorithm*, or of all of them, the newest first; retired ones that are still there, too."""
    table = tx.table("gatewright_signing_keys")
    newest_first = select(*columns_of(table, StoredKey)).order_by(table.c.number.desc(), table.c.algorithm)
    chosen = newest_first if algorithm is None else newest_first.where(table.c.algorithm == algorithm)
    return tx.all(chosen, StoredKey)


def open_key(row: StoredKey, vault: Vault) -> SigningKey:
    """The key of a row.

    Raises:
        SetupError: It was sealed under a secret that is not listed any more, or it was damaged.
    """
    return SigningKey.from_json(vault.open(row.sealed, purpose=SEALED_FOR))


def ring_of(rows: Sequence[StoredKey], keys: Mapping[str, SigningKey], now: datetime) -> KeyRing | None:
    """What signs and verifies at that moment; None without a key.

    Args:
        rows: Of one algorithm, the newest first.
        keys: By `kid`, those that could be opened.
    """
    live = [row for row in rows if row.kid in keys and not row.is_retired(now)]
    if not live:
        return None
    # Where none is active by this machine's clock, the oldest is the one that others know for longest.
    signing = next((row for row in live if row.is_active(now)), live[-1])
    return KeyRing(keys[signing.kid], [keys[row.kid] for row in live if row is not signing])


def publish(tx: Transaction, vault: Vault, key: SigningKey, now: datetime, ttl: timedelta) -> datetime:
    """Store *key* so that it takes the place of those that sign now, as soon as every verifier can know it.

    Args:
        ttl: How long an access token counts.

    Returns:
        When it begins to sign.

    Raises:
        RotationUnderWay: Another one is about to.
        IntegrityError: Another process stored one at the same time.
    """
    rows = rows_of(tx, key.algorithm)
    for row in rows:
        if row.activates_at is not None and not row.is_active(now):
            raise RotationUnderWay(row.kid, row.activates_at)
    activates_at = now + JWKS_MAX_AGE + _MARGIN
    _insert(tx, vault, key, now, after=rows, activates_at=activates_at)
    table = tx.table("gatewright_signing_keys")
    others = (table.c.algorithm == key.algorithm, table.c.kid != key.kid, table.c.retires_at.is_(None))
    tx.run(update(table).where(*others).values(retires_at=activates_at + ttl + _MARGIN))
    return activates_at


def replace_all(tx: Transaction, vault: Vault, key: SigningKey, now: datetime) -> list[str]:
    """Let *key* sign from now on, and remove all others, whose tokens then count no more.

    The rows are deleted, not retired: no worker's clock decides when, and nothing is left to be stolen again.

    Returns:
        The names of those that were removed.

    Raises:
        IntegrityError: Another process stored one at the same time.
    """
    _insert(tx, vault, key, now, after=rows_of(tx, key.algorithm))
    table = tx.table("gatewright_signing_keys")
    # Of other algorithms too: they would count again as soon as the setting went back.
    return tx.values(delete(table).where(table.c.kid != key.kid).returning(table.c.kid))


def remove_retired(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): keys whose last token has expired."""
    table = tx.table("gatewright_signing_keys")
    return remove_some(tx, table, table.c.retires_at < now)


async def _load(db: Database, vault: Vault, clock: Clock, algorithm: Algorithm) -> KeyRing | None:
    now = clock.now()
    rows = [row for row in await db.read(lambda tx: rows_of(tx, algorithm)) if not row.is_retired(now)]
    return ring_of(rows, {row.kid: open_key(row, vault) for row in rows}, now)


async def _make_first(db: Database, vault: Vault, clock: Clock, algorithm: Algorithm) -> None:
    key = await asyncio.to_thread(SigningKey.generate, algorithm)
    now = clock.now()

    def work(tx: Transaction) -> None:
        rows = rows_of(tx, algorithm)
        # Another worker may have been first; its key is the one.
        if all(row.is_retired(now) for row in rows):
            _insert(tx, vault, key, now, after=rows)

    try:
        await db.write(work)
    except IntegrityError:
        # Another worker was first in the same moment.
        return


def _insert(
    tx: Transaction,
    vault: Vault,
    key: SigningKey,
    now: datetime,
    *,
    after: Sequence[StoredKey],
    activates_at: datetime | None = None,
) -> None:
    row = {
        "kid": key.kid,
        "algorithm": key.algorithm,
        # Counted on from the keys that were looked at: a process that has added one since has taken this number.
        "number": max((row.number for row in after), default=0) + 1,
        "sealed": vault.seal(key.to_json(), purpose=SEALED_FOR),
        "created_at": now,
        "activates_at": activates_at,
    }
    tx.run(insert(tx.table("gatewright_signing_keys")).values(row))
