"""The audit log: whether new events can be sealed. `gatewright audit verify` checks every row."""

from __future__ import annotations

import hmac

from sqlalchemy import func, select

from gatewright.cli.checks.installation import Installation
from gatewright.cli.findings import Finding, fail, ok
from gatewright.core.audit.sealer import ChainBroken, has_sealed_rows, head_of, is_waiting, key_of
from gatewright.errors import SetupError
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row


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
    head = head_of(state)
    if not hmac.compare_digest(state["signature"], key.sign_head(head)):
        return [fail("audit", ChainBroken("its head was changed"))]
    old = (
        ""
        if vault.is_sealed_by_first(state["sealed"])
        else "; the key is sealed under an older secret: keep that secret"
    )
    return [ok("audit", f"{head.number} event(s) sealed, {waiting} waiting{old}")]


def _not_begun() -> Finding:
    return ok("audit", "no event is sealed yet; the first one creates the key")


def _look(tx: Transaction) -> tuple[Row | None, bool, int]:
    waiting = select(func.count().label("number")).select_from(tx.table("gatewright_audit_events"))
    counted = tx.one(waiting.where(is_waiting(tx)))
    state = tx.one(select(tx.table("gatewright_audit_chain")))
    return state, has_sealed_rows(tx), 0 if counted is None else counted["number"]
