"""Signing keys at rest: sealed in the database, and made once, however many workers start together."""

from __future__ import annotations

import asyncio

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gatewright.clock import Clock
from gatewright.core.keys import Algorithm, KeyRing, SigningKey
from gatewright.core.vault import Vault
from gatewright.storage.database import Database, Transaction

_PURPOSE = "signing key"
_FIRST_NUMBER = 1


async def load_key_ring(db: Database, vault: Vault, clock: Clock, algorithm: Algorithm) -> KeyRing:
    """The keys of *algorithm*, newest signing; the first one is made when there is none.

    Raises:
        SetupError: A stored key was sealed under a secret that is not listed any more.
        Unavailable: The database does not answer.
    """
    keys = await _load(db, vault, algorithm)
    if not keys:
        await _make_first(db, vault, clock, algorithm)
        keys = await _load(db, vault, algorithm)
    return KeyRing(keys[0], keys[1:])


async def stored_keys(db: Database, vault: Vault) -> dict[str, bool]:
    """Open every key, of whichever algorithm, to see that it can be.

    Returns:
        For each `kid`, whether the first secret sealed it, so that the others are not needed for it.

    Raises:
        SetupError: A key does not open; the message says why.
    """
    rows = await db.read(lambda tx: tx.all(select(tx.table("gatewright_signing_keys"))))
    for row in rows:
        SigningKey.from_json(vault.open(row["sealed"], purpose=_PURPOSE))
    return {row["kid"]: vault.is_sealed_by_first(row["sealed"]) for row in rows}


async def _load(db: Database, vault: Vault, algorithm: Algorithm) -> list[SigningKey]:
    def work(tx: Transaction) -> list[bytes]:
        table = tx.table("gatewright_signing_keys")
        newest_first = select(table.c.sealed).where(table.c.algorithm == algorithm).order_by(table.c.number.desc())
        return [row["sealed"] for row in tx.all(newest_first)]

    return [SigningKey.from_json(vault.open(sealed, purpose=_PURPOSE)) for sealed in await db.read(work)]


async def _make_first(db: Database, vault: Vault, clock: Clock, algorithm: Algorithm) -> None:
    key = await asyncio.to_thread(SigningKey.generate, algorithm)
    row = {
        "kid": key.kid,
        "algorithm": algorithm,
        "number": _FIRST_NUMBER,
        "sealed": vault.seal(key.to_json(), purpose=_PURPOSE),
        "created_at": clock.now(),
    }
    try:
        await db.write(lambda tx: tx.run(insert(tx.table("gatewright_signing_keys")).values(row)))
    except IntegrityError:
        # Another worker was first; its key is the one.
        return
