"""Statements on the `User` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, or_, select, text, update

from gatewright.core import login_devices
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.features.users.account import Account
from gatewright.features.users.own_columns import touched
from gatewright.storage.database import Database, Transaction
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import columns_of, others_as
from gatewright.storage.schema import Schema

_OF_THE_ADDRESS = frozenset({"id", "email", "email_key"})


@dataclass(frozen=True, slots=True)
class UserRow:
    """A whole row of `User`.

    Attributes:
        password: The hash; None for an account without a password.
        own: The columns that the design adds, by their names in the database.
    """

    id: str
    email: str
    email_key: str
    password: str | None = field(repr=False)
    first_name: str | None
    last_name: str | None
    is_email_verified: bool
    role: str
    disabled_at: datetime | None
    created_at: datetime
    updated_at: datetime
    own: Mapping[str, Any] = field(repr=False, metadata=others_as(dict))

    def value_of(self, column: str) -> Any:
        """The value of a column by its name in the database, the engine's or the design's."""
        return self.own[column] if column in self.own else getattr(self, column)


@dataclass(frozen=True, slots=True)
class SignInRow:
    """What a sign-in has to know of a user.

    Attributes:
        password: The hash; None for an account without a password.
        device_epoch: What the account's device credentials are bound to (`core.tokens.device_tokens`).
        account: The visible columns.
    """

    password: str | None = field(repr=False)
    disabled_at: datetime | None
    device_epoch: str | None
    account: Account = field(metadata=others_as(Account))


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A user as an administrator sees them.

    Attributes:
        account: The visible columns.
    """

    disabled_at: datetime | None
    account: Account = field(metadata=others_as(Account))


def visible_columns(schema: Schema) -> list[Column[Any]]:
    """The columns of `User` that may leave the server."""
    hidden = {column.database_name for column in schema.design.table("User").columns if column.is_hidden}
    return [column for column in schema["User"].columns if column.name not in hidden]


def _by_id(schema: Schema) -> Select[Any]:
    return select(*visible_columns(schema)).where(schema["User"].c.id == bindparam("user_id"))


def _by_email_key(schema: Schema) -> Select[Any]:
    users, devices = schema["User"], login_devices.table(schema)
    columns = [*columns_of(users, SignInRow, device_epoch=devices.c.epoch), *visible_columns(schema)]
    known = users.outerjoin(devices, devices.c.user_id == users.c.id)
    return select(*columns).select_from(known).where(users.c.email_key == bindparam("email_key"))


FIND_BY_ID = HotStatement("user by id", _by_id, Account)
"""The account of the user with `user_id`."""

FIND_BY_EMAIL_KEY = HotStatement("user by e-mail", _by_email_key, SignInRow)
"""The user with `email_key`, for a sign-in."""


def add(db: Database, tx: Transaction, values: Mapping[str, Any]) -> Account | None:
    """Insert a user, unless the address has an account.

    Returns:
        The new account; None where the address has one.

    Raises:
        IntegrityError: Another value that has to be unique is taken.
    """
    users = tx.table("User")
    return tx.one(db.insert_unless_taken(values, users.c.email_key, visible_columns(tx.schema)), Account)


def is_taken(tx: Transaction, values: Mapping[str, Any]) -> bool:
    """Whether *values* of a new row, the address aside, break a uniqueness that the design adds."""
    same = list(_same_unique(tx, {name: each for name, each in values.items() if each is not None}))
    return bool(same) and tx.exists(select(tx.table("User").c.id).where(or_(*same)).limit(1))


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


def change(tx: Transaction, values: Mapping[str, Any], *conditions: ColumnElement[bool]) -> Account | None:
    """Update the one user who meets *conditions*; the account, or None when no user does.

    Args:
        values: With `updated_at`; what else holds the time of the last change follows it.
    """
    users = tx.table("User")
    changed = {**values, **touched(tx.schema.design, values["updated_at"])}
    changing = update(users).values(changed).where(*conditions)
    return tx.one(changing.returning(*visible_columns(tx.schema)), Account)


def change_by_id(
    tx: Transaction, user_id: str, values: Mapping[str, Any], *conditions: ColumnElement[bool]
) -> Account | None:
    """Update the user with this id who meets *conditions*; the account, or None when no user does."""
    return change(tx, values, tx.table("User").c.id == user_id, *conditions)


def lock(tx: Transaction, user_id: str) -> None:
    """Lock the row of a user, if there is one, until the transaction ends."""
    users = tx.table("User")
    tx.value(select(users.c.id).where(users.c.id == user_id).with_for_update())


def find_for_update(tx: Transaction, user_id: str) -> UserRow:
    """A user, locked until the transaction ends.

    Raises:
        InvalidToken: The account was deleted.
    """
    user = find_locked(tx, tx.table("User").c.id == user_id)
    if user is None:
        raise InvalidToken
    return user


def find_locked(tx: Transaction, condition: ColumnElement[bool]) -> UserRow | None:
    """The user who meets *condition*, locked until the transaction ends; None when no user does."""
    return tx.one(_whole_rows(tx).where(condition).with_for_update(), UserRow)


def find_whole(tx: Transaction, user_id: str) -> UserRow | None:
    """Every column of a user, the hidden ones too; None when there is none."""
    return tx.one(_whole_rows(tx).where(tx.table("User").c.id == user_id), UserRow)


def list_all(tx: Transaction) -> list[ListedRow]:
    """Every user, the newest first."""
    users = tx.table("User")
    columns = [*columns_of(users, ListedRow), *visible_columns(tx.schema)]
    return tx.all(select(*columns).order_by(users.c.created_at.desc(), users.c.id), ListedRow)


def _whole_rows(tx: Transaction) -> Select[Any]:
    users = tx.table("User")
    named = columns_of(users, UserRow)
    return select(*named, *(column for column in users.columns if column not in set(named)))


def replace_hash(tx: Transaction, user_id: str, *, old: str | None, new: str, at: datetime) -> bool:
    """Put a hash in the place of *old*, or of none; False when the password has changed meanwhile."""
    users = tx.table("User")
    same = users.c.password.is_not_distinct_from(old)
    return change(tx, {"password": new, "updated_at": at}, users.c.id == user_id, same) is not None
