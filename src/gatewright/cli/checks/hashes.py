"""Password hashes of other systems, which each login replaces, and hashes that open nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from gatewright.cli.findings import Finding, fail, ok
from gatewright.core.passwords.foreign_hashes import NotSetUp, Unreadable
from gatewright.core.passwords.hasher import PasswordHasher, has_password
from gatewright.features.password.hashing import hasher_of
from gatewright.selection import Settings
from gatewright.storage.database import Database, Transaction

_BATCH = 5000
_OWN = "Argon2"
_WAY_OUT = "Import them again in a format of docs/how-to/passwords.md, or have these users reset their passwords."


@dataclass
class _Counts:
    """How many accounts have which kind of hash.

    Attributes:
        foreign: By the kind, those that a login replaces.
        useless: By the reason, those that no password opens.
        missing: What to install or to set, so that hashes of a known kind open.
    """

    foreign: Counter[str] = field(default_factory=Counter)
    useless: Counter[str] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)


async def check(db: Database, settings: Settings) -> list[Finding]:
    """Read every stored hash with the readers that a login uses, without computing one."""
    hasher = hasher_of(settings)
    counts = await db.read(lambda tx: _count(tx, hasher))
    findings = []
    if counts.useless:
        reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(counts.useless.items()))
        message = f"{counts.useless.total()} account(s) have a hash that no password matches: {reasons}. {_WAY_OUT}"
        findings.append(fail("hashes", message))
    if counts.foreign or counts.missing:
        shown = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.foreign.items()))
        replaced = [f"Hashes of other systems, replaced at the next login: {shown}."] if shown else []
        finding = fail if counts.missing else ok
        findings.append(finding("hashes", " ".join([*replaced, *sorted(counts.missing)])))
    return findings or [ok("hashes", "all passwords are hashed with Argon2")]


def _count(tx: Transaction, hasher: PasswordHasher) -> _Counts:
    counts = _Counts()
    for stored in _stored(tx):
        try:
            kind = hasher.read(stored).kind
        except Unreadable as problem:
            counts.useless[problem.reason] += 1
        except NotSetUp as problem:
            counts.missing.add(str(problem))
        else:
            if kind != _OWN:
                counts.foreign[kind] += 1
    return counts


def _stored(tx: Transaction) -> Iterator[str]:
    """Every hash, in batches by the key, so that millions of accounts take no memory."""
    users = tx.table("User")
    after = None
    while True:
        batch = select(users.c.id, users.c.password).where(users.c.password.is_not(None)).order_by(users.c.id)
        if after is not None:
            batch = batch.where(users.c.id > after)
        rows = tx.all(batch.limit(_BATCH))
        yield from (row["password"] for row in rows if has_password(row["password"]))
        if len(rows) < _BATCH:
            return
        after = rows[-1]["id"]
