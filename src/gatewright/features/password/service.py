"""Registering with a password, and proving who one is with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from gatewright.core.addresses import EmailAddress, address_key
from gatewright.core.context import Context
from gatewright.core.password_policy import check_password as check_policy
from gatewright.errors import Conflict, ValidationFailed
from gatewright.features.password.errors import (
    AccountDisabled,
    EmailTaken,
    InvalidCredentials,
    RegistrationClosed,
)
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from gatewright.features.users.own_columns import missing, new_values
from gatewright.ids import cuid
from gatewright.storage.hot import Row


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody has shown the password of an account.

    Attributes:
        account: Whose it is.
        hash: The stored hash that it matched.
    """

    account: Account
    hash: str = field(repr=False)


async def check_password(context: Context, email: str, password: str) -> Proof:
    """Find the account of an address and check its password.

    An address without an account costs one statement and one hash as well (`PasswordHasher.verify`).

    Raises:
        InvalidCredentials: There is no such account, or the password is another.
        AccountDisabled: The password was right.
        Overloaded: More hashes wait than can be computed in time.
    """
    row = await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=address_key(email))
    stored: str | None = None if row is None else row["password"]
    verified = await context.passwords.verify(password, stored)
    if row is None or stored is None or not verified.right:
        await context.audit.record("login.failed", None if row is None else row["id"], outcome="failure")
        raise InvalidCredentials
    if row["disabled_at"] is not None:
        await context.audit.record("login.refused", row["id"], outcome="failure")
        raise AccountDisabled
    if verified.needs_upgrade:
        upgraded = await _rehash(context, row["id"], password, old=stored)
        if upgraded is None:
            # Another login has upgraded the hash, or the password was changed: the row tells which.
            return await check_password(context, email, password)
        stored = upgraded
    return Proof(_account(row), stored)


async def register(
    context: Context,
    *,
    email: EmailAddress,
    password: str,
    first_name: str,
    last_name: str,
    own: Mapping[str, Any] | None = None,
) -> Proof:
    """Make an account with a password. Who registers proves by it that the password is theirs.

    Args:
        own: Values of the columns that the design adds, by their names in the database.

    Raises:
        RegistrationClosed: Nobody can register by themselves.
        ValidationFailed: The password is not accepted.
        EmailTaken: The address has an account, perhaps since a moment ago.
        Overloaded: More hashes wait than can be computed in time.
    """
    if context.settings.registration == "closed":
        raise RegistrationClosed
    accept_password(context, password, identity=(email.typed, first_name, last_name))
    proof = await create_account(
        context, email=email, password=password, first_name=first_name, last_name=last_name, role="USER", own=own
    )
    await context.audit.record("user.registered", proof.account.id)
    return proof


def accept_password(context: Context, password: str, *, identity: tuple[str, ...]) -> None:
    """Let a new password pass that the policy accepts.

    Raises:
        ValidationFailed: It does not; the error names the field `/password`.
    """
    settings = context.settings
    problems = check_policy(
        password,
        field="/password",
        min_length=settings.password_min_length,
        max_length=settings.password_max_length,
        identity=identity,
    )
    if problems:
        raise ValidationFailed(errors=problems)


async def create_account(
    context: Context,
    *,
    email: EmailAddress,
    password: str,
    first_name: str,
    last_name: str,
    role: str,
    is_email_verified: bool = False,
    own: Mapping[str, Any] | None = None,
) -> Proof:
    """Insert an account whose password has been accepted.

    Args:
        own: As in `register`.

    Raises:
        ValidationFailed: A column of the design's needs a value that is not given.
        EmailTaken: The address has an account.
        Conflict: Another value that has to be unique is taken.
    """
    now, design = context.clock.now(), context.db.schema.design
    own = new_values(design, own or {}, now)
    if problems := missing(design, own):
        raise ValidationFailed(errors=problems)
    hashed = await context.passwords.hash(password)
    values = {
        **own,
        "id": cuid(),
        "email": email.typed,
        "email_key": email.key,
        "password": hashed,
        "first_name": first_name,
        "last_name": last_name,
        "is_email_verified": is_email_verified,
        "role": role,
        "created_at": now,
        "updated_at": now,
    }
    try:
        row = await context.db.write(lambda tx: users.add(tx, values))
    except IntegrityError:
        # Whether it is the address, the database's words differ; a look tells.
        taken = await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=email.key)
        raise (Conflict if taken is None else EmailTaken) from None
    return Proof(Account(row), hashed)


async def _rehash(context: Context, user_id: str, password: str, *, old: str) -> str | None:
    """Store a hash with today's parameters, and return it; None when *old* is not what is stored any more."""
    new = await context.passwords.hash(password)
    now = context.clock.now()
    if not await context.db.write(lambda tx: users.replace_hash(tx, user_id, old=old, new=new, at=now)):
        return None
    await context.audit.record("password.rehashed", user_id)
    return new


def _account(row: Row) -> Account:
    return Account({name: value for name, value in row.items() if name not in ("password", "disabled_at")})
