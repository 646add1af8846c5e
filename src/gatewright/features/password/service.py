"""Registering with a password, and proving who one is with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from gatewright.core.addresses import EmailAddress, address_key
from gatewright.core.context import Context
from gatewright.core.password_policy import check_password as check_policy
from gatewright.errors import Conflict, FieldProblem, Overloaded, ValidationFailed
from gatewright.features.invitations import service as invitations
from gatewright.features.login import attempts
from gatewright.features.password.errors import (
    AccountDisabled,
    InvalidCredentials,
    RegistrationClosed,
)
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from gatewright.features.users.errors import EmailNotVerified, EmailTaken
from gatewright.features.users.own_columns import missing, new_values
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
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


async def check_password(context: Context, email: str, password: str, *, device_token: str | None = None) -> Proof:
    """Find the account of an address and check its password.

    An address without an account costs one statement and one hash as well (`PasswordHasher.verify`).

    Args:
        device_token: What the client sent as such (`login.attempts`).

    Raises:
        InvalidCredentials: There is no such account, or the password is another.
        AccountDisabled: The password was right.
        EmailNotVerified: The password was right, and the settings ask for a proved address.
        RateLimited: It was tried too often.
        Overloaded: More hashes wait than can be computed in time.
    """
    key = address_key(email)
    attempt = await attempts.begin(context, key, device_token)
    try:
        proof = await _prove(context, key, password)
    except AccountDisabled:
        await attempt.succeeded()
        raise
    except Overloaded:
        await attempt.came_to_nothing()
        raise
    await attempt.succeeded()
    return proof


async def _prove(context: Context, email_key: str, password: str) -> Proof:
    row = await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=email_key)
    stored: str | None = None if row is None else row["password"]
    verified = await context.passwords.verify(password, stored)
    if row is None or stored is None or not verified.right:
        await context.audit.record("login.failed", None if row is None else row["id"], outcome="failure")
        raise InvalidCredentials
    if row["disabled_at"] is not None:
        await context.audit.record("login.refused", row["id"], outcome="failure")
        raise AccountDisabled
    if context.settings.require_verified_email and not row["is_email_verified"]:
        await context.audit.record("login.refused", row["id"], outcome="failure")
        raise EmailNotVerified
    if verified.needs_upgrade:
        upgraded = await _rehash(context, row["id"], password, old=stored)
        if upgraded is None:
            # Another login has upgraded the hash, or the password was changed: the row tells which.
            return await _prove(context, email_key, password)
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
    invite_token: str | None = None,
) -> Proof:
    """Make an account with a password. Who registers proves by it that the password is theirs.

    Args:
        own: Values of the columns that the design adds, by their names in the database.
        invite_token: The token of an invitation, which proves the address and decides over the role.

    Raises:
        RegistrationClosed: Nobody can register by themselves, or with this address.
        InvalidOrExpiredToken: The invitation does not count.
        ValidationFailed: The password is not accepted.
        EmailTaken: The address has an account, perhaps since a moment ago.
        RateLimited: There were too many registrations from the client's address.
        Overloaded: More hashes wait than can be computed in time.
    """
    mode = context.settings.registration
    if mode == "closed" or (mode == "invite" and invite_token is None):
        raise RegistrationClosed
    await context.limits.check("register", per_minute=context.settings.limits.registrations_per_minute)
    invitation = None if invite_token is None else await invitations.find(context, invite_token)
    if invitation is not None and invitation.email.key != email.key:
        raise RegistrationClosed
    await accept_password(context, password, identity=(email.typed, first_name, last_name))
    proof = await create_account(
        context,
        email=email,
        password=password,
        first_name=first_name,
        last_name=last_name,
        role="USER" if invitation is None else invitation.role,
        is_email_verified=invitation is not None,
        own=own,
        mail="verify-email" if invitation is None else None,
        invite_token=invite_token,
    )
    await context.audit.record("user.registered", proof.account.id)
    return proof


async def tell_owner(context: Context, email: EmailAddress) -> None:
    """Mail the owner of an address that somebody tried to register it, where the answer must not tell that."""
    await context.db.write(lambda tx: context.outbox.add(tx, "address-taken", email_key=email.key))
    await context.audit.record("user.registration_refused", outcome="failure")


async def accept_password(
    context: Context, password: str, *, identity: tuple[str, ...], field: str = "/password"
) -> None:
    """Let a new password pass that the policy accepts and, where the settings ask for it, no leak is known to hold.

    Raises:
        ValidationFailed: It does not; the error names *field*, a JSON pointer.
    """
    settings = context.settings
    problems = check_policy(
        password,
        field=field,
        min_length=settings.password_min_length,
        max_length=settings.password_max_length,
        identity=identity,
    )
    if not problems and context.pwned_passwords is not None and await context.pwned_passwords.contains(password):
        problems = [FieldProblem(field, "password_too_common", "This password is known from a leak.")]
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
    mail: str | None = None,
    invite_token: str | None = None,
) -> Proof:
    """Insert an account whose password has been accepted.

    Args:
        own: As in `register`.
        mail: What its owner gets for it.
        invite_token: The token of the invitation that it uses up.

    Raises:
        InvalidOrExpiredToken: The invitation was used meanwhile.
        ValidationFailed: A column of the design's needs a value that is not given.
        EmailTaken: The address has an account.
        Conflict: Another value that has to be unique is taken.
    """
    now, design = context.clock.now(), context.db.schema.design
    own = new_values(design, own or {}, now)
    if problems := missing(design, own):
        raise ValidationFailed(errors=problems)
    hashed = await context.passwords.hash(password)
    if context.settings.require_verified_email and await _is_taken(context, email):
        # Looked up first, so that a taken address takes no transaction more than a new one.
        raise EmailTaken
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

    def work(tx: Transaction) -> Row:
        invited = None if invite_token is None else invitations.take(tx, context, invite_token)
        row = users.add(tx, values)
        if mail is not None:
            context.outbox.add(tx, mail, user_id=row["id"])
        if invite_token is not None and invited is not None:
            invitations.assign(tx, invite_token, invited, row["id"])
        return row

    try:
        row = await context.db.write(work)
    except IntegrityError:
        # Whether it is the address, the database's words differ; a look tells.
        raise (EmailTaken if await _is_taken(context, email) else Conflict) from None
    return Proof(Account(row), hashed)


async def _is_taken(context: Context, email: EmailAddress) -> bool:
    return await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=email.key) is not None


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
