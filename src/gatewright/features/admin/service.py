"""Making, changing and disabling accounts. What ends or changes counts for live tokens within a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright import roles
from gatewright.addresses import EmailAddress, address_key
from gatewright.core import login_devices
from gatewright.core.context import Context
from gatewright.features.admin.errors import AccountNotFound, UnknownRole
from gatewright.features.invitations.mails import INVITATION
from gatewright.features.password import service as password
from gatewright.features.password.errors import RegistrationClosed
from gatewright.features.sessions import service as sessions
from gatewright.features.users import creating
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from gatewright.features.users.creating import NewAccount
from gatewright.features.users.errors import EmailTaken
from gatewright.features.users.queries import ListedRow
from gatewright.storage.database import Transaction


async def create(
    context: Context,
    *,
    email: EmailAddress,
    password_text: str,
    first_name: str,
    last_name: str,
    role: str = roles.USER,
    verified: bool = False,
    own: Mapping[str, Any] | None = None,
) -> Account:
    """Make an account for a user.

    Args:
        own: Values of the columns that the design adds, by their names in the database.

    Raises:
        UnknownRole: The settings have no such role.
        ValidationFailed: The password is not accepted.
        EmailTaken: The address has an account.
    """
    _known_role(context, role)
    new = NewAccount(email, first_name, last_name, role=role, is_email_verified=verified, own=own or {})
    await password.accept_password(context, password_text, identity=new.identity)
    new = replace(new, password_hash=await context.passwords.hash(password_text))
    account = await creating.write(context, new, lambda tx: creating.create(tx, context, new))
    await context.audit.record("user.created", account.id, details={"role": role})
    return account


async def invite(context: Context, email: EmailAddress, role: str = roles.USER) -> None:
    """Mail a person a link that makes an account with their address and this role. An earlier one counts no more.

    Raises:
        UnknownRole: The settings have no such role.
        RegistrationClosed: The settings do not let users register.
        EmailTaken: The address has an account.
    """
    _known_role(context, role)
    if context.settings.registration == "closed":
        raise RegistrationClosed
    if await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=email.key) is not None:
        raise EmailTaken
    invited = {"email": email.typed, "email_key": email.key, "role": role}
    await context.db.write(lambda tx: context.outbox.add(tx, INVITATION, **invited))
    await context.audit.record("user.invited", details={"role": role})


async def list_accounts(context: Context) -> list[ListedRow]:
    """Every account, the newest first."""
    return await context.db.read(users.list_all)


async def set_role(context: Context, email: str, role: str) -> Account:
    """Give an account another role; live tokens count by it within a second.

    Raises:
        UnknownRole: The settings have no such role.
        AccountNotFound: No account has that address.
    """
    _known_role(context, role)

    def work(tx: Transaction) -> Account:
        account = _change(tx, context, email, {"role": role})
        context.revocations.change_role(tx, account.id)
        return account

    account = await context.db.write(work)
    await context.revocations.catch_up()
    await context.audit.record("user.role_changed", account.id, details={"role": role})
    return account


async def set_password(context: Context, email: str, password_text: str) -> int:
    """Set an account's password and end its sessions; how many there were.

    Raises:
        AccountNotFound: No account has that address.
        ValidationFailed: The password is not accepted.
    """
    found = await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=address_key(email))
    if found is None:
        raise AccountNotFound
    identity = (found.account.email, found.account.first_name or "", found.account.last_name or "")
    await password.accept_password(context, password_text, identity=identity)
    hashed = await context.passwords.hash(password_text)
    return await _change_and_end_sessions(context, email, {"password": hashed}, "user.password_set", end_devices=True)


async def disable(context: Context, email: str, *, reason: str) -> int:
    """Stop an account from signing in, and end its sessions; how many there were.

    Args:
        reason: Kept in the audit log.

    Raises:
        AccountNotFound: No account has that address.
    """
    values = {"disabled_at": context.clock.now()}
    return await _change_and_end_sessions(context, email, values, "user.disabled", {"reason": reason})


async def enable(context: Context, email: str) -> None:
    """Let an account sign in again.

    Raises:
        AccountNotFound: No account has that address.
    """
    account = await context.db.write(lambda tx: _change(tx, context, email, {"disabled_at": None}))
    await context.audit.record("user.enabled", account.id)


async def _change_and_end_sessions(
    context: Context,
    email: str,
    values: Mapping[str, object],
    event: str,
    details: dict[str, str | int] | None = None,
    *,
    end_devices: bool = False,
) -> int:
    def work(tx: Transaction) -> tuple[Account, list[str]]:
        # The account first: a login that is under way has locked it, and its session is found here afterwards.
        account = _change(tx, context, email, values)
        if end_devices:
            login_devices.end_credentials(context.db, tx, account.id)
        return account, sessions.end_sessions_of(tx, context, account.id)

    account, ended = await context.db.write(work)
    await context.revocations.catch_up()
    await context.audit.record(event, account.id, details={**(details or {}), "ended": len(ended)})
    return len(ended)


def _change(tx: Transaction, context: Context, email: str, values: Mapping[str, object]) -> Account:
    table = tx.table("User")
    changed = {**values, "updated_at": context.clock.now()}
    account = users.change(tx, changed, table.c.email_key == address_key(email))
    if account is None:
        raise AccountNotFound
    return account


def _known_role(context: Context, role: str) -> None:
    if role not in context.settings.roles:
        raise UnknownRole(context.settings.roles)
