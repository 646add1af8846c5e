"""What an older secret has sealed is sealed anew under the first, and opens all the time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from gatewright import Gatewright, SetupError
from gatewright.core import reencryption
from gatewright.core.mail import outbox
from gatewright.core.tokens import mailed_codes
from gatewright.core.vault import Vault
from gatewright.features.password.mails import PASSWORD_CHANGED
from gatewright.features.reauthentication.mails import REAUTHENTICATE
from gatewright.storage.database import Transaction
from gatewright.testing import FakeClock
from tests.conftest import add_account, make_settings

pytestmark = pytest.mark.both_databases

OLD = "the old secret: 0123456789 abcdefghijklmnop"
NEW = "the new secret: 0123456789 abcdefghijklmnop"


@asynccontextmanager
async def server(url: str, *secrets: str, clock: FakeClock | None = None) -> AsyncIterator[Gatewright]:
    auth = Gatewright(make_settings(url, secret=list(secrets)), clock=clock or FakeClock())
    async with auth.lifespan(None):
        # No mail leaves while it is looked at, and no event is sealed.
        await auth.deliveries.stop()
        await auth._sealer.seal()
        await auth._sealer.stop()
        yield auth


async def fill(auth: Gatewright) -> str:
    """A waiting mail, one that was sent, a code, and a token of a mail that is no code; the code."""
    account = await add_account(auth.context())
    kernel, now = auth.kernel, auth.clock.now()

    def work(tx: Transaction) -> str:
        kernel.outbox.add(tx, PASSWORD_CHANGED, user_id=account.id)
        kernel.outbox.add(tx, PASSWORD_CHANGED, user_id=account.id)
        rows = tx.table("gatewright_outbox")
        first = select(rows.c.id).limit(1).scalar_subquery()
        tx.run(update(rows).where(rows.c.id == first).values(sealed=None, done_at=now, outcome="sent"))
        tokens = tx.table("EmailVerification")
        hashed = {"id": "hashed", "token": "A" * 43, "purpose": "verify_email", "email": account.email}
        tx.run(insert(tokens).values(**hashed, attempts=0, created_at=now, expires_at=now))
        user = {"user_id": account.id, "email": account.email}
        code = mailed_codes.issue(tx, kernel.vault, now, REAUTHENTICATE, **user, bound_to="session")
        assert code is not None
        return code

    return await auth.database.write(work)


async def remaining(auth: Gatewright) -> list[int]:
    vault = auth.kernel.vault
    old = await auth.database.read(lambda tx: reencryption.old_secrets(tx, vault, auth.features.sealed))
    return [each.sealed for each in old]


async def stored(auth: Gatewright) -> list[Any]:
    def read(tx: Transaction) -> list[Any]:
        columns = [(tx.table(each.table), each.column) for each in auth.features.sealed]
        return [row for table, name in columns for row in tx.all(select(table.primary_key.columns[0], table.c[name]))]

    return sorted(map(str, await auth.database.read(read)))


async def test_all_that_is_sealed_is_sealed_anew(migrated_url: str) -> None:
    """Keys, mails, codes, and the audit log's; afterwards the new secret alone opens them, and the old one may go."""
    clock = FakeClock()
    async with server(migrated_url, OLD, clock=clock) as auth:
        code = await fill(auth)
        kid = auth.kernel.access_tokens.keyring.signing.kid
        assert await remaining(auth) == []

    async with server(migrated_url, OLD, NEW, clock=clock) as auth:
        assert await remaining(auth) == [0]
    async with server(migrated_url, NEW, OLD, clock=clock) as auth:
        assert await remaining(auth) == [4]
        await auth._housekeeping.sweep()
        assert await remaining(auth) == [0]

    async with server(migrated_url, NEW, clock=clock) as auth:
        assert auth.kernel.access_tokens.keyring.signing.kid == kid
        assert await opened_mails(auth) == ["password-changed"]
        (user_id,) = {row["id"] for row in await auth.database.read(lambda tx: tx.all(select(tx.table("User"))))}
        given = {"user_id": user_id, "bound_to": "session"}
        taken = await auth.database.write(
            lambda tx: mailed_codes.take(tx, auth.kernel.vault, clock.now(), code, REAUTHENTICATE, **given)
        )
        assert taken
        # Nothing has happened in between that the log would have been sealed for.
        await auth.context().audit.record("login.failed", user_id, outcome="failure")
        assert await auth._sealer.seal() == 1


async def opened_mails(auth: Gatewright) -> list[str]:
    def read(tx: Transaction) -> list[str]:
        rows = tx.all(select(tx.table("gatewright_outbox").c.sealed))
        sealed = [row["sealed"] for row in rows if row["sealed"] is not None]
        return [json.loads(auth.kernel.vault.open(each, purpose=outbox.SEALED_FOR))["mail"] for each in sealed]

    return await auth.database.read(read)


async def test_nothing_is_touched_without_a_new_first_secret(migrated_url: str) -> None:
    """One secret has nothing to do, and a new one that is last in the list makes nothing yet."""
    clock = FakeClock()
    async with server(migrated_url, OLD, clock=clock) as auth:
        await fill(auth)
        before = await stored(auth)
        await auth._housekeeping.sweep()
        assert await stored(auth) == before
    async with server(migrated_url, OLD, NEW, clock=clock) as auth:
        await auth._housekeeping.sweep()
        assert await stored(auth) == before
    async with server(migrated_url, NEW, OLD, clock=clock) as auth:
        await auth._housekeeping.sweep()
        assert await stored(auth) != before


async def test_what_changed_meanwhile_is_left_alone(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail that is sent while it is sealed anew stays emptied."""
    clock = FakeClock()
    async with server(migrated_url, OLD, clock=clock) as auth:
        await fill(auth)
    async with server(migrated_url, NEW, OLD, clock=clock) as auth:
        seal, transactions = Vault.seal, list[Transaction]()

        def send_meanwhile(vault: Vault, plain: bytes, *, purpose: str) -> bytes:
            if purpose == outbox.SEALED_FOR:
                tx = transactions[0]
                tx.run(update(tx.table("gatewright_outbox")).values(sealed=None))
            return seal(vault, plain, purpose=purpose)

        monkeypatch.setattr(Vault, "seal", send_meanwhile)
        _, mails, *_ = reencryption.sweeps(auth.kernel.vault, auth.features.sealed)

        def work(given: Transaction) -> int:
            transactions.append(given)
            return mails(given, auth.clock.now(), auth.settings)

        assert await auth.database.write(work) == 0
        assert await opened_mails(auth) == []


async def test_a_damaged_value_stops_nothing(migrated_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is told without what it holds, and stays as it is; the others are sealed anew."""
    clock = FakeClock()
    async with server(migrated_url, OLD, clock=clock) as auth:
        await fill(auth)
        vault = auth.kernel.vault

        def damage(tx: Transaction) -> None:
            tx.run(update(tx.table("gatewright_outbox")).values(sealed=vault.first_prefix + b"damaged"))

        await auth.database.write(damage)
    async with server(migrated_url, NEW, OLD, clock=clock) as auth:
        await auth._housekeeping.sweep()
        assert await remaining(auth) == [2]
        assert "gatewright_outbox.sealed does not open" in caplog.text


async def test_since_when_the_first_secret_is_the_first(migrated_url: str) -> None:
    """As the keys tell: whatever was made under an old one before that expires in its own time."""
    clock = FakeClock()

    async def since(auth: Gatewright) -> Any:
        vault = auth.kernel.vault
        return await auth.database.read(lambda tx: reencryption.first_secret_since(tx, vault))

    async with server(migrated_url, OLD, clock=clock) as auth:
        assert await since(auth) == clock.now()
    clock.advance(timedelta(days=1))
    async with server(migrated_url, NEW, OLD, clock=clock) as auth:
        assert await since(auth) is None
        await auth._housekeeping.sweep()
        assert await since(auth) == clock.now()


async def test_a_secret_that_left_too_early_stops_the_start(migrated_url: str) -> None:
    """With what to do; nothing is lost."""
    async with server(migrated_url, OLD):
        pass
    with pytest.raises(SetupError, match="List the old secret behind the new one"):
        async with server(migrated_url, NEW):
            pass
