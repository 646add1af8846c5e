"""The row about the devices of an account: when their credentials ended, and which were new.

An account without a row is one whose credentials have never ended, and that has had no login from a new device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Table, case, delete, literal, select, true, update

from gatewright.ids import cuid
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of
from gatewright.storage.schema import Schema

_TABLE = "gatewright_login_devices"
_BETWEEN_NOTICES = timedelta(days=1)
_MOST_LISTED = 50
# A mail that waits longer than that was lost, as when SECRET was replaced: the next login puts in another.
_LOST_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class NewLogins:
    """The logins from new devices that no mail has listed yet.

    Attributes:
        listed: A line for each, the oldest first; at most 50.
        count: How many there were.
    """

    listed: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class _NotedRow:
    waiting: int
    waiting_since: datetime
    mailed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _WaitingRow:
    logins: str
    waiting: int


def table(schema: Schema) -> Table:
    """The table, for a statement that reads `epoch` along with an account."""
    return schema[_TABLE]


def epoch_of(schema: Schema, user_id: ColumnElement[str]) -> ScalarSelect[str | None]:
    """The text that an account's device credentials are bound to (`core.tokens.device_tokens`), for a larger statement.

    NULL until credentials have ended for the first time.
    """
    devices = schema[_TABLE]
    return select(devices.c.epoch).where(devices.c.user_id == user_id).correlate_except(devices).scalar_subquery()


def end_credentials(db: Database, tx: Transaction, user_id: str) -> None:
    """End all device credentials of an account that were made before now."""
    devices, epoch = tx.table(_TABLE), cuid()
    row = {"user_id": user_id, "epoch": epoch, "logins": "", "waiting": 0}
    tx.run(db.upsert(devices, [row], {"epoch": literal(epoch)}, true()))


def note_login(db: Database, tx: Transaction, user_id: str, line: str, now: datetime) -> datetime | None:
    """Note a login from a new device.

    Returns:
        When to mail the user about it and those that come until then; None when a mail waits for that already.
    """
    devices = tx.table(_TABLE)
    row = {"user_id": user_id, "logins": f"{line}\n", "waiting": 1, "waiting_since": now}
    changes = {
        "logins": case((devices.c.waiting < _MOST_LISTED, devices.c.logins + f"{line}\n"), else_=devices.c.logins),
        "waiting": devices.c.waiting + 1,
        "waiting_since": case(
            (devices.c.waiting == 0, literal(now, devices.c.waiting_since.type)), else_=devices.c.waiting_since
        ),
    }
    shown = columns_of(devices, _NotedRow)
    noted = tx.one(db.upsert(devices, [row], changes, true(), returning=shown), _NotedRow)
    if noted is None or (noted.waiting > 1 and now - noted.waiting_since < _LOST_AFTER):
        return None
    return now if noted.mailed_at is None else max(now, noted.mailed_at + _BETWEEN_NOTICES)


def take_new_logins(tx: Transaction, user_id: str, now: datetime) -> NewLogins | None:
    """The logins that the mail which is being composed lists; None when there are none."""
    devices = tx.table(_TABLE)
    found = (devices.c.user_id == user_id, devices.c.waiting > 0)
    row = tx.one(select(*columns_of(devices, _WaitingRow)).where(*found).with_for_update(), _WaitingRow)
    if row is None:
        return None
    tx.run(update(devices).where(*found).values(logins="", waiting=0, mailed_at=now))
    return NewLogins(row.logins.splitlines(), row.waiting)


def forget(tx: Transaction, user_id: str) -> None:
    """Remove what is kept about the devices of an account that is deleted."""
    devices = tx.table(_TABLE)
    tx.run(delete(devices).where(devices.c.user_id == user_id))
