"""Statements on the `User` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, or_, select, text, update

from gatewright.core import login_devices
from gatewright.features.users.own_columns import touched
from gatewright.storage.database import Database, Transaction
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import Row
from gatewright.storage.schema import Schema

_OF_THE_ADDRESS = frozenset({"id", "email", "email_key"})


def visible_columns(schema: Schema) -> list[Column[Any]]:
    """The columns of `User` that may leave the server."""
    hidden = {column.database_name for column in schema.design.table("User").columns if column.is_hidden}
    return [column for column in schema["User"].columns if column.name not in hidden]


def _by_id(schema: Schema) -> Select[Any]:
    return select(*visible_columns(schema)).where(schema["User"].c.id == bindparam("user_id"))


def _by_email_key(schema: Schema) -> Select[Any]:
    users, devices = schema["User"], login_devices.table(schema)
    columns = [*visible_columns(schema), users.c.password, users.c.disabled_at, devices.c.epoch.label("device_epoch")]
    known = users.outerjoin(devices, devices.c.user_id == users.c.id)
    return select(*columns).select_from(known).where(users.c.email_key == bindparam("email_key"))


FIND_BY_ID = HotStatement("user by id", _by_id, Row)
"""The visible columns of the user with `user_id`."""

FIND_BY_EMAIL_KEY = HotStatement("user by e-mail", _by_email_key, Row)
"""The visible columns of the user with `email_key`, `password` (the hash), `disabled_at` and `device_epoch`."""


def add(db: Database, tx: Transaction, values: Mapping[str, Any]) -> Row | None:
    """Insert a user, unless the address has an account.

    Returns:
        The visible columns of the new row.

    Raises:
        IntegrityError: Another value that has to be unique is taken.
    """
    users = tx.table("User")
    return tx.one(db.insert_unless_taken(values, users.c.email_key, visible_columns(tx.schema)))


def is_taken(tx: Transaction, values: Mapping[str, Any]) -> bool:
    """Whether *values* of a new row, the address aside, break a uniqueness that the design adds."""
    same = list(_same_unique(tx, {name: each for name, each in values.items() if each is not None}))
    return bool(same) and tx.one(select(tx.table("User").c.id).where(or_(*same)).limit(1)) is not None


def _same_unique(tx: Transaction, values: Mapping[str, Any]) -> Iterator[ColumnElement[bool]]:
    """A condition for each column, and each set of columns, whose values have to be unique and are all given."""
    users, design = tx.table("User"), tx.schema.design.table("User")
    for column in design.columns:
        if column.is_unique and column.database_name in values and column.database_name not in _OF_THE_ADDRESS:
            yield users.c[column.database_name] == values[column.database_name]
    for index in design.indexes:
        names = [design.column(name).database_name for name in index.columns]
        # NULL is unlike NULL. What holds the address is unique with it alone.
        if index.is_unique and values.keys() >= set(names) and _OF_THE_ADDRESS.isdisjoint(names):
            limits = [text(index.where)] if index.where else []
            yield and_(*(users.c[name] == values[name] for name in names), *limits)


def change(tx: Transaction, values: Mapping[str, Any], *conditions: ColumnElement[bool]) -> Row | None:
    """Update the one user who meets *conditions*; the visible columns of the row, or None when nobody does.

    Args:
        values: With `updated_at`; what else holds the time of the last change follows it.
    """
    users = tx.table("User")
    changed = {**values, **touched(tx.schema.design, values["updated_at"])}
    return tx.one(update(users).values(changed).where(*conditions).returning(*visible_columns(tx.schema)))


def change_by_id(
    tx: Transaction, user_id: str, values: Mapping[str, Any], *conditions: ColumnElement[bool]
) -> Row | None:
    """Update the user with this id who meets *conditions*; the visible columns of the row, or None without one."""
    return change(tx, values, tx.table("User").c.id == user_id, *conditions)


def lock(tx: Transaction, user_id: str) -> None:
    """Lock the row of a user, if there is one, until the transaction ends."""
    users = tx.table("User")
    tx.one(select(users.c.id).where(users.c.id == user_id).with_for_update())


def find_for_update(tx: Transaction, user_id: str) -> Row:
    """The whole row of a user, locked until the transaction ends.

    Raises:
        NoResultFound: There is none.
    """
    users = tx.table("User")
    return dict(tx.connection.execute(select(users).where(users.c.id == user_id).with_for_update()).mappings().one())


def find_whole(tx: Transaction, user_id: str) -> Row | None:
    """Every column of a user, the hidden ones too; None when there is none."""
    users = tx.table("User")
    return tx.one(select(users).where(users.c.id == user_id))


def replace_hash(tx: Transaction, user_id: str, *, old: str | None, new: str, at: datetime) -> bool:
    """Put a hash in the place of *old*, or of none; False when the password has changed meanwhile."""
    users = tx.table("User")
    same = users.c.password.is_not_distinct_from(old)
    return change(tx, {"password": new, "updated_at": at}, users.c.id == user_id, same) is not None
