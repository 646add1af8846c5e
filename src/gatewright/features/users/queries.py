"""Statements on the `User` table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, bindparam, or_, select, update

from gatewright.features.users.own_columns import touched
from gatewright.storage.database import Database, Transaction
from gatewright.storage.hot import HotStatement, Row
from gatewright.storage.schema import Schema


def visible_columns(schema: Schema) -> list[Column[Any]]:
    """The columns of `User` that may leave the server."""
    hidden = {column.database_name for column in schema.design.table("User").columns if column.is_hidden}
    return [column for column in schema["User"].columns if column.name not in hidden]


def _by_id(schema: Schema) -> Select[Any]:
    return select(*visible_columns(schema)).where(schema["User"].c.id == bindparam("user_id"))


def _by_email_key(schema: Schema) -> Select[Any]:
    users = schema["User"]
    columns = [*visible_columns(schema), users.c.password, users.c.disabled_at]
    return select(*columns).where(users.c.email_key == bindparam("email_key"))


FIND_BY_ID = HotStatement("user by id", _by_id)
"""The visible columns of the user with `user_id`."""

FIND_BY_EMAIL_KEY = HotStatement("user by e-mail", _by_email_key)
"""The visible columns of the user with `email_key`, `password` (the hash) and `disabled_at`."""


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
    """Whether a user has one of *values*, of those that have to be unique by themselves."""
    users, design = tx.table("User"), tx.schema.design.table("User")
    unique = [each.database_name for each in design.columns if each.is_unique]
    same = [users.c[name] == values[name] for name in unique if values.get(name) is not None]
    return bool(same) and tx.one(select(users.c.id).where(or_(*same)).limit(1)) is not None


def change(tx: Transaction, values: Mapping[str, Any], *conditions: ColumnElement[bool]) -> Row | None:
    """Update the one user who meets *conditions*; the visible columns of the row, or None when nobody does.

    Args:
        values: With `updated_at`; what else holds the time of the last change follows it.
    """
    users = tx.table("User")
    changed = {**values, **touched(tx.schema.design, values["updated_at"])}
    return tx.one(update(users).values(changed).where(*conditions).returning(*visible_columns(tx.schema)))


def change_by_id(tx: Transaction, user_id: str, values: Mapping[str, Any]) -> Row | None:
    """Update the user with this id; the visible columns of the row, or None when there is none."""
    return change(tx, values, tx.table("User").c.id == user_id)


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
