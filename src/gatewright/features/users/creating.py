"""The one way to make an account: for registration, invitations, the command line and every later way to sign in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError

from gatewright import roles
from gatewright.addresses import EmailAddress
from gatewright.core.context import Context
from gatewright.errors import Conflict, ValidationFailed
from gatewright.features.users import queries
from gatewright.features.users.account import Account
from gatewright.features.users.errors import EmailTaken
from gatewright.features.users.own_columns import missing, new_values, references
from gatewright.features.users.service import refusal
from gatewright.ids import cuid
from gatewright.storage.database import Transaction

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to make.

    Attributes:
        own: Values of the columns that the design adds, by their names in the database.
    """

    email: EmailAddress
    first_name: str | None
    last_name: str | None
    password_hash: str | None = field(default=None, repr=False)
    role: str = roles.USER
    is_email_verified: bool = False
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str, str]:
        """The texts that its password must not contain."""
        return (self.email.typed, self.first_name or "", self.last_name or "")


def create(tx: Transaction, context: Context, new: NewAccount) -> Account:
    """Insert an account, in a transaction of `write`.

    Raises:
        ValidationFailed: A column of the design needs a value that is not given, or a reference names a row that is
            missing, or that the public may not read.
        EmailTaken: The address has an account.
    """
    account = queries.add(context.db, tx, _values(tx, context, new))
    if account is None:
        raise EmailTaken
    return account


def create_in_secret(tx: Transaction, context: Context, new: NewAccount) -> Account | None:
    """Insert an account, for a client that must not learn whether the address has one: then, None.

    Raises:
        ValidationFailed: As `create`.
        Conflict: Another value that has to be unique is taken, whether or not the address is.
    """
    values = _values(tx, context, new)
    if queries.is_taken(tx, values):
        # Before the insert, which would look at the address first.
        raise Conflict
    return queries.add(context.db, tx, values)


async def write(context: Context, new: NewAccount, work: Callable[[Transaction], Result]) -> Result:
    """Run *work*, which makes the account *new*, in one transaction.

    Raises:
        ValidationFailed: A row that the account refers to was removed meanwhile.
        Conflict: Another value that has to be unique is taken.
    """
    try:
        return await context.db.write(work)
    except IntegrityError as error:
        raise refusal(context.db, error, references(context.db.schema, None, new.own)) from None


def _values(tx: Transaction, context: Context, new: NewAccount) -> dict[str, Any]:
    design, now = tx.schema.design, context.clock.now()
    own = new_values(design, new.own, now)
    # Whether a row can be read depends on its table alone here, so that only its presence can change.
    if problems := [*missing(design, own), *references(tx.schema, None, new.own).problems(tx)]:
        raise ValidationFailed(errors=problems)
    return {
        **own,
        "id": cuid(),
        "email": new.email.typed,
        "email_key": new.email.key,
        "password": new.password_hash,
        "first_name": new.first_name,
        "last_name": new.last_name,
        "is_email_verified": new.is_email_verified,
        "role": new.role,
        "created_at": now,
        "updated_at": now,
    }
