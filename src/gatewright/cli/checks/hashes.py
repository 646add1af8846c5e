"""Password hashes of other systems, which each login replaces."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import case, func, or_, select

from gatewright.app import Settings
from gatewright.cli.findings import Finding
from gatewright.core.foreign_hashes import KINDS, NO_SIGNER_KEY, NotSetUp, bcrypt_library
from gatewright.storage.database import Database, Transaction

_UNKNOWN = "of no known kind, which open nothing"


async def check(db: Database, settings: Settings) -> list[Finding]:
    """How many accounts still have one, and whether what they need is there."""
    counts = await db.read(_count)
    if not counts:
        return [Finding("hashes", True, "all passwords are hashed with Argon2")]
    shown = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    missing = _missing_for(counts, settings)
    said = " ".join([f"each login replaces one of another system: {shown}.", *missing])
    return [Finding("hashes", not missing, said)]


def _count(tx: Transaction) -> dict[str, int]:
    users = tx.table("User")
    stored = users.c.password
    kinds = [(or_(*(stored.like(pattern) for pattern in patterns)), kind) for kind, patterns in KINDS.items()]
    kind = case(*kinds, else_=_UNKNOWN).label("kind")
    counted = select(kind, func.count().label("number")).where(stored.is_not(None), stored.not_like("$argon2%"))
    return {row["kind"]: row["number"] for row in tx.all(counted.group_by("kind"))}


def _missing_for(kinds: Collection[str], settings: Settings) -> list[str]:
    missing = []
    if "bcrypt" in kinds:
        try:
            bcrypt_library()
        except NotSetUp as error:
            missing.append(str(error))
    if "Firebase scrypt" in kinds and settings.password.firebase_signer_key is None:
        missing.append(NO_SIGNER_KEY)
    return missing
