"""The audit log: whether new events can be sealed. `gatewright audit verify` checks every row."""

from __future__ import annotations

from sqlalchemy import func, select

from gatewright.cli.checks.installation import Installation
from gatewright.cli.findings import Finding, fail, ok
from gatewright.core.audit.chain import ChainRow
from gatewright.core.audit.sealer import ChainBroken, has_sealed_rows, is_waiting, key_of
from gatewright.errors import SetupError
from gatewright.storage.database import Transaction
from gatewright.storage.rows import columns_of


async def check(at: Installation) -> list[Finding]:
    """Whether the chain's key opens, and its head is the one that was signed."""
    state, is_old, waiting = await at.db.read(_look)
    if state is None:
        return [fail("audit", ChainBroken("the row of gatewright_audit_chain is gone")) if is_old else _not_begun()]
    vault = at.vault
    try:
        key = key_of(state, vault)
    except SetupError as error:
        return [fail("audit", error)]
    if not state.has_signed_head(key):
        return [fail("audit", ChainBroken("its head was changed"))]
    old = (
        "" if vault.is_sealed_by_first(state.sealed) else "; the key is sealed under an older secret: keep that secret"
    )
    return [ok("audit", f"{state.number} event(s) sealed, {waiting} waiting{old}")]


def _not_begun() -> Finding:
    return ok("audit", "no event is sealed yet; the first one creates the key")


def _look(tx: Transaction) -> tuple[ChainRow | None, bool, int]:
    waiting = select(func.count()).select_from(tx.table("gatewright_audit_events")).where(is_waiting(tx))
    state = tx.one(select(*columns_of(tx.table("gatewright_audit_chain"), ChainRow)), ChainRow)
    return state, has_sealed_rows(tx), tx.value(waiting)
