"""Registering: an account with a password, made by its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.core.context import Context
from gatewright.errors import FieldProblem
from gatewright.features.email_verification.mails import VERIFY_EMAIL
from gatewright.features.invitations import service as invitations
from gatewright.features.invitations.service import Invitation
from gatewright.features.login.proof import Proof
from gatewright.features.password.errors import RegistrationClosed
from gatewright.features.password.mails import ADDRESS_TAKEN
from gatewright.features.password.service import accept_password
from gatewright.features.users import creating
from gatewright.features.users.account import Account
from gatewright.features.users.creating import NewAccount
from gatewright.features.users.own_columns import references
from gatewright.storage.database import Transaction


async def register(
    context: Context, new: NewAccount, *, password: str, invite_token: str | None = None
) -> Proof | None:
    """Make an account with a password, which is the proof of its first login.

    Args:
        new: The account as the client asks for it.
        invite_token: The token of an invitation, which proves the address and decides over the role.

    Returns:
        None where the address has to be proved first, by the mail that is on its way. Its owner gets one as well when
        they have an account: the same is done for both, so that neither the answer nor its time shows which it was.

    Raises:
        RegistrationClosed: The settings, or the invitation, do not let this address register.
        InvalidOrExpiredToken: The invitation does not count.
        ValidationFailed: The password is not accepted, a column of the design needs a value that is not given, or a
            reference names a row that the public may not read.
        EmailTaken: The address has an account, perhaps since a moment ago.
        Conflict: Another value that has to be unique is taken.
        RateLimited: There were too many registrations from the client's address.
        Overloaded: More hashes wait than can be computed in time.
    """
    invitation = await _admit(context, new, invite_token)
    problems = await _reference_problems(context, new.own)
    await accept_password(context, password, identity=new.identity, beside=problems)
    new = replace(new, password_hash=await context.passwords.hash(password))
    if invitation is None:
        account = await _make(context, new)
        proves_first = context.settings.require_verified_email
    else:
        account, proves_first = await _make_invited(context, new, invitation), False
    if account is None:
        await context.audit.record("user.registration_refused", outcome="failure")
        return None
    await context.audit.record("user.registered", account.id)
    proof = Proof(account, new.email.key, ("pwd",), password_hash=new.password_hash, is_new_account=True)
    return None if proves_first else proof


async def _admit(context: Context, new: NewAccount, invite_token: str | None) -> Invitation | None:
    """The invitation that lets *new* register; None where it needs none."""
    mode = context.settings.registration
    if mode == "closed" or (mode == "invite" and invite_token is None):
        raise RegistrationClosed
    await context.limits.check("register", per_minute=context.settings.limits.registrations_per_minute)
    if invite_token is None:
        return None
    invitation = await invitations.find(context, invite_token)
    if invitation.email.key != new.email.key:
        raise RegistrationClosed
    return invitation


async def _make(context: Context, new: NewAccount) -> Account | None:
    """Make an account, and mail its owner; None where the owner of a taken address is mailed, instead."""
    in_secret = context.settings.require_verified_email

    def work(tx: Transaction) -> Account | None:
        account = (creating.create_in_secret if in_secret else creating.create)(tx, context, new)
        if account is None:
            context.outbox.add(tx, ADDRESS_TAKEN, email_key=new.email.key)
        else:
            context.outbox.add(tx, VERIFY_EMAIL, user_id=account.id)
        return account

    return await creating.write(context, new, work)


async def _make_invited(context: Context, new: NewAccount, invitation: Invitation) -> Account:
    new = replace(new, role=invitation.role, is_email_verified=True)

    def work(tx: Transaction) -> Account:
        email = invitations.take(tx, context, invitation.token)
        account = creating.create(tx, context, new)
        invitations.assign(tx, invitation.token, email, account.id)
        return account

    return await creating.write(context, new, work)


async def _reference_problems(context: Context, own: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong with the references of a client that is not signed in yet."""
    named = references(context.db.schema, None, own)
    return await context.db.read(named.problems) if named.rows else []
