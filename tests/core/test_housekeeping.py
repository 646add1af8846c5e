"""Rows whose time is over go, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gatewright import Gatewright
from gatewright.core import housekeeping
from gatewright.core.context import Context
from gatewright.features.admin import service as admin
from gatewright.features.sessions import service as sessions
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from tests.conftest import add_account, sign_in

pytestmark = pytest.mark.both_databases


async def rows(context: Context, table: str) -> int:
    def count(tx: Transaction) -> int:
        found = context.db.schema[table]
        return int(tx.connection.execute(select(func.count()).select_from(found)).scalar_one())

    return await context.db.read(count)


async def test_only_what_is_over_is_removed(
    running: Gatewright, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead sessions and forgotten revocations go, in batches; a live session and a fresh revocation stay."""
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    clock = running.clock
    assert isinstance(clock, FakeClock)
    account = await add_account(context)
    for _ in range(7):
        await sign_in(context, account)
    await sessions.log_out_everywhere(context, account.id)
    clock.advance(timedelta(days=30, seconds=1))
    live = await sign_in(context, account)
    await admin.set_role(context, account.email, "ADMIN")
    assert (await rows(context, "RefreshToken"), await rows(context, "gatewright_revocations")) == (8, 8)

    await running._housekeeping.sweep()

    assert (await rows(context, "RefreshToken"), await rows(context, "gatewright_revocations")) == (1, 1)
    assert (await sessions.refresh(context, live.tokens.refresh_token)).refresh_token
