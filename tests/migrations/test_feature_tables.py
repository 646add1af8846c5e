"""Tables that a feature brings: made and upgraded by `migrate apply` alone, without a migration of the app's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from gatewright import Gatewright, SetupError, migrations
from gatewright.core import reencryption
from gatewright.features.privacy import service as privacy
from gatewright.http.feature_set import FeatureSet
from gatewright.migrations.apply import apply_all, roll_back
from gatewright.migrations.draft import draft
from gatewright.migrations.drift import find_drift
from gatewright.migrations.status import check_current, read_standings
from gatewright.selection import FEATURES
from gatewright.storage.database import Database, Transaction
from gatewright.storage.dialects import open_database
from tests.conftest import add_account, make_settings
from tests.features import sms
from tests.migrations.apps import App, post

WITH_SMS = FeatureSet([*FEATURES, sms.FEATURE])
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
USER: dict[str, Any] = {
    "name": "User",
    "columns": [{"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}],
}


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> App:
    """An app with a migration, which was made before there was the feature."""
    made = App(tmp_path, database_url)
    made.write(USER, post())
    made.make("start")
    return made


@asynccontextmanager
async def opened(app: App) -> AsyncIterator[Database]:
    """The app's database, with the feature on."""
    db = open_database(app.url, WITH_SMS.schema(app.design))
    await db.start()
    try:
        yield db
    finally:
        await db.stop()


@pytest.mark.both_databases
async def test_an_app_of_before_is_upgraded_by_apply_alone(app: App) -> None:
    """A start refuses it until then; afterwards status, drift and the app's own Alembic know the table."""
    await app.apply()
    histories = WITH_SMS.histories(app.folder)
    async with opened(app) as db:
        with pytest.raises(SetupError, match=r"\(sms: at nothing, needs s0001\)\. Run: gatewright migrate apply"):
            await check_current(db, histories)
        (applied,) = await apply_all(db, histories)
        assert (applied.history.name, applied.before, applied.after) == ("sms", None, "s0001")
        await check_current(db, histories)
        assert [each.history.name for each in await read_standings(db, histories)] == ["kernel", "app", "sms"]
        assert await find_drift(db, histories) == []
        await db.migrate(lambda connection: connection.exec_driver_sql(f"DROP TABLE {sms.NUMBERS}"))
        assert await find_drift(db, histories) == [f"The table {sms.NUMBERS} is missing."]
    assert not migrations.include_name(sms.NUMBERS, "table", {"schema_name": None})
    assert not migrations.include_name("gatewright_sms_version", "table", {"schema_name": None})


@pytest.mark.both_databases
async def test_a_fresh_database_gets_all_tables_at_once(app: App) -> None:
    """Those of a feature last, since they refer to the app's."""
    async with opened(app) as db:
        applied = await apply_all(db, WITH_SMS.histories(app.folder))
        assert [each.history.name for each in applied] == ["kernel", "app", "sms"]


@pytest.mark.both_databases
async def test_the_draft_of_dev_comes_before_it(tmp_path: Path, database_url: str) -> None:
    """An app that has no migration yet has the table of users from the draft."""
    app = App(tmp_path, database_url)
    app.write(USER)
    async with opened(app) as db:
        await draft(db, app.folder, app.design, WITH_SMS.own_histories)
        assert await db.read(lambda tx: tx.all(select(tx.table(sms.NUMBERS)))) == []


@pytest.mark.both_databases
async def test_taking_back_all_of_an_app_takes_the_tables_that_refer_to_it(app: App) -> None:
    """PostgreSQL drops no table that another refers to."""
    histories = WITH_SMS.histories(app.folder)
    async with opened(app) as db:
        await apply_all(db, histories)
        rolled = await roll_back(db, app.history, histories, to="base", allow_data_loss=True)
        assert rolled.after is None
        assert [each.revision for each in await read_standings(db, histories)][1:] == [None, None]
        assert [each.history.name for each in await apply_all(db, histories)] == ["app", "sms"]


async def test_rows_outlive_a_table_of_users_that_is_made_again(tmp_path: Path) -> None:
    """SQLite makes a table again to change it; what refers to it with CASCADE stays."""
    app = App(tmp_path, f"sqlite:///{tmp_path}/app.db")
    phone = {"name": "phone", "type": "String"}
    app.write({**USER, "columns": [*USER["columns"], phone]})
    app.make("start")
    async with opened(app) as db:
        await apply_all(db, WITH_SMS.histories(app.folder))
        await db.write(_add_number("1"))
        app.write({**USER, "columns": [*USER["columns"], {**phone, "isUnique": True, "maxLength": 20}]})
        app.make("phone", allow_data_loss=True)
        await apply_all(db, WITH_SMS.histories(app.folder))
        assert len(await db.read(lambda tx: tx.all(select(tx.table(sms.NUMBERS))))) == 1


@pytest.fixture
async def running(migrated_url: str) -> AsyncIterator[Gatewright]:
    """A server with the feature, on a database of before, with an old secret."""
    settings = make_settings(
        migrated_url,
        auto_migrate=True,
        secret=["a new secret of 32 bytes or more", "an old secret of 32 bytes, or more"],
        features={"add": ["tests.features.sms:FEATURE"]},
    )
    auth = Gatewright(settings)
    async with auth.lifespan(None):
        yield auth


@pytest.mark.both_databases
async def test_erasing_an_account_erases_its_rows(running: Gatewright) -> None:
    """By the reference, which has to say so (`tests/test_selection.py`)."""
    account = await add_account(running.context())
    await running.database.write(
        lambda tx: tx.run(insert(tx.table(sms.NUMBERS)).values(user_id=account.id, sealed=b""))
    )
    await privacy.erase(running.context(), account.id)
    assert await running.database.read(lambda tx: tx.all(select(tx.table(sms.NUMBERS)))) == []


async def test_what_a_feature_seals_is_encrypted_again(running: Gatewright) -> None:
    """When `SECRET` rolls over, as what the kernel seals: the old secret would be removed, and the number be lost."""
    vault = running.kernel.vault
    account = await add_account(running.context())
    old = type(vault)([b"an old secret of 32 bytes, or more"]).seal(b"+43 1", purpose="sms number")
    number = {"user_id": account.id, "sealed": old}
    await running.database.write(lambda tx: tx.run(insert(tx.table(sms.NUMBERS)).values(**number)))

    def counted(tx: Transaction) -> int:
        return sum(each.sealed for each in reencryption.old_secrets(tx, vault, running.features.sealed))

    assert await running.database.read(counted) == 1
    await running._housekeeping.sweep()
    assert await running.database.read(counted) == 0
    (row,) = await running.database.read(lambda tx: tx.all(select(tx.table(sms.NUMBERS))))
    assert vault.open(row["sealed"], purpose="sms number") == b"+43 1"


def _add_number(user_id: str) -> Callable[[Transaction], Awaitable[Any] | Any]:
    def work(tx: Transaction) -> None:
        users = tx.table("User")
        values = {"id": user_id, "email": "a@example.com", "email_key": "a@example.com", "phone": "1"}
        filled = {"is_email_verified": False, "role": "USER"}
        moment = dict.fromkeys(("created_at", "updated_at"), _MOMENT)
        tx.run(insert(users).values(**values, **filled, **moment))
        tx.run(insert(tx.table(sms.NUMBERS)).values(user_id=user_id, sealed=b""))

    return work
