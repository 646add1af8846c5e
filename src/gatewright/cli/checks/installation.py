"""An installation whose settings a start accepts and whose database is up to date: its keys, secrets and audit log.

`gatewright audit verify` checks every row of the audit log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from gatewright.app import configured_key_ring
from gatewright.cli.findings import Finding, fail, ok
from gatewright.clock import SystemClock
from gatewright.core.audit.chain import ChainRow
from gatewright.core.audit.sealer import ChainBroken, has_sealed_rows, is_waiting, key_of
from gatewright.core.keys.key_store import StoredKey, open_key, ring_of, rows_of, stored_keys
from gatewright.core.reencryption import first_secret_since, old_secrets
from gatewright.core.vault import Vault
from gatewright.selection import Settings
from gatewright.settings import Prepared
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of

_TRIAL = b"a text that no token begins with"


@dataclass(frozen=True, slots=True)
class Installation:
    """What checks look at.

    Attributes:
        db: The database; it answers, and its tables are up to date.
        settings: As they were read.
        prepared: What a start makes of them.
    """

    db: Database
    settings: Settings
    prepared: Prepared

    @property
    def vault(self) -> Vault:
        """What opens the values that are sealed at rest."""
        return Vault(self.prepared.secrets)


async def check_keys(at: Installation) -> list[Finding]:
    """Whether every key opens, and the one that signs does so; which that is, and which comes next."""
    given = configured_key_ring(at.settings)
    if given:
        return [ok("keys", f"{given.signing.kid} signs; it comes from GATEWRIGHT_SIGNING__KEYS")]
    return [await _check_stored_keys(at)]


async def _check_stored_keys(at: Installation) -> Finding:
    vault, algorithm, now = at.vault, at.settings.signing_algorithm, SystemClock().now()
    sealed = await stored_keys(at.db, vault)
    rows = [row for row in await at.db.read(rows_of) if row.algorithm == algorithm]
    ring = ring_of(rows, {row.kid: open_key(row, vault) for row in rows}, now)
    if ring is None:
        return ok("keys", f"no key yet; the first start creates one for {algorithm}")
    signing = ring.signing
    if not signing.verify(_TRIAL, signing.sign(_TRIAL)):
        return fail("keys", f"{signing.kid} cannot verify its own signature. Run: gatewright keys rotate --now")
    secret = "under the first secret" if all(sealed.values()) else "some under an older secret: keep that secret"
    return ok("keys", f"{signing.kid} signs{_next(rows, now)}; {len(sealed)} key(s) sealed, {secret}")


def _next(rows: Sequence[StoredKey], now: datetime) -> str:
    """The rotation that is under way."""
    coming = [row for row in rows if not row.is_active(now) and not row.is_retired(now)]
    return f"; {coming[0].kid} signs from {coming[0].activates_at:%Y-%m-%d %H:%M:%S} UTC on" if coming else ""


async def check_old_secrets(at: Installation) -> list[Finding]:
    """When each secret but the first may leave `SECRET`."""
    vault, sealed = at.vault, at.settings.feature_set.sealed
    old, since = await at.db.read(lambda tx: (old_secrets(tx, vault, sealed), first_secret_since(tx, vault)))
    # A refresh token is made under the secret that was the first when its session was used last.
    needed_until = None if since is None else since + at.settings.refresh_token_ttl
    findings = []
    for each in old:
        if each.sealed or needed_until is None:
            state = (
                f"{each.sealed} value(s) are sealed under it, so keep it; a running server re-encrypts them in minutes"
            )
        elif needed_until > SystemClock().now():
            state = f"nothing is sealed under it; sessions may need it until {needed_until:%Y-%m-%d %H:%M} UTC"
        else:
            state = "nothing is sealed under it, and no session needs it; remove it, unless it will become the first"
        findings.append(ok("sealed", f"secret {each.number}: {state}"))
    return findings


async def check_audit_log(at: Installation) -> list[Finding]:
    """Whether the chain's key opens, and its head is the one that was signed."""
    state, is_old, waiting = await at.db.read(_look)
    if state is None and is_old:
        return [fail("audit", ChainBroken("the row of gatewright_audit_chain is gone"))]
    if state is None:
        return [ok("audit", "no event is sealed yet; the first one creates the key")]
    vault = at.vault
    if not state.has_signed_head(key_of(state, vault)):
        return [fail("audit", ChainBroken("its head was changed"))]
    old = (
        "" if vault.is_sealed_by_first(state.sealed) else "; the key is sealed under an older secret: keep that secret"
    )
    return [ok("audit", f"{state.number} event(s) sealed, {waiting} waiting{old}")]


def _look(tx: Transaction) -> tuple[ChainRow | None, bool, int]:
    waiting = select(func.count()).select_from(tx.table("gatewright_audit_events")).where(is_waiting(tx))
    state = tx.one(select(*columns_of(tx.table("gatewright_audit_chain"), ChainRow)), ChainRow)
    return state, has_sealed_rows(tx), tx.value(waiting)
