"""Making accounts with a password: by whoever registers, or for somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from gatewright import roles
from gatewright.addresses import EmailAddress
from gatewright.core.context import Context
from gatewright.core.mail.letters import Mail
from gatewright.errors import Conflict, FieldProblem, ValidationFailed
from gatewright.features.email_verification.mails import VERIFY_EMAIL
from gatewright.features.invitations import service as invitations
from gatewright.features.login.proof import Proof
from gatewright.features.password.errors import RegistrationClosed
from gatewright.features.password.mails import ADDRESS_TAKEN
from gatewright.features.password.service import accept_password
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from gatewright.features.users.errors import EmailTaken
from gatewright.features.users.own_columns import missing, new_values, references
from gatewright.features.users.service import refusal
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row


async def register(
    context: Context,
    *,
    email: EmailAddress,
    password: str,
    first_name: str | None,
    last_name: str | None,
    own: Mapping[str, Any] | None = None,
    invite_token: str | None = None,
) -> Proof | None:
    """Make an account with a password. Who registers proves by it that the password is theirs.

    Args:
        own: Values of the columns that the design adds, by their names in the database.
        invite_token: The token of an invitation, which proves the address and decides over the role.

    Returns:
        None where the address has to be proved first, by the mail that is on its way. Its owner gets one as well when
        they have an account: for both, the same is done, so that neither the answer nor its time tells which it was.

    Raises:
        RegistrationClosed: Nobody can register by themselves, or with this address.
        InvalidOrExpiredToken: The invitation does not count.
        ValidationFailed: The password is not accepted, or a reference names a row that is not for everybody to read.
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
    problems = await _reference_problems(context, own or {})
    await accept_password(context, password, identity=(email.typed, first_name or "", last_name or ""), beside=problems)
    mail_first = context.settings.require_verified_email and invitation is None
    try:
        proof = await create_account(
            context,
            email=email,
            password=password,
            first_name=first_name,
            last_name=last_name,
            role=roles.USER if invitation is None else invitation.role,
            is_email_verified=invitation is not None,
            own=own,
            mail=VERIFY_EMAIL if invitation is None else None,
            mail_if_taken=ADDRESS_TAKEN if mail_first else None,
            invite_token=invite_token,
        )
    except EmailTaken:
        if not mail_first:
            raise
        await context.audit.record("user.registration_refused", outcome="failure")
        return None
    await context.audit.record("user.registered", proof.account.id)
    return None if mail_first else proof


async def create_account(
    context: Context,
    *,
    email: EmailAddress,
    password: str,
    first_name: str | None,
    last_name: str | None,
    role: str,
    is_email_verified: bool = False,
    own: Mapping[str, Any] | None = None,
    mail: Mail | None = None,
    mail_if_taken: Mail | None = None,
    invite_token: str | None = None,
) -> Proof:
    """Insert an account whose password has been accepted.

    Args:
        own: As in `register`.
        mail: What its owner gets for it.
        mail_if_taken: What the owner of an address gets that has an account already.
        invite_token: The token of the invitation that it uses up.

    Raises:
        InvalidOrExpiredToken: The invitation was used meanwhile.
        ValidationFailed: A column of the design's needs a value that is not given, or a reference names a row that is
            missing, or that is not for everybody to read.
        EmailTaken: The address has an account.
        Conflict: Another value that has to be unique is taken.
    """
    now = context.clock.now()
    named = references(context.db.schema, None, own or {})
    own = _own_values(context, own or {}, now)
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

    def work(tx: Transaction) -> Row | None:
        invited = None if invite_token is None else invitations.take(tx, context, invite_token)
        # Whether the row can be read depends on its table alone here, so that its being there is what may change.
        if problems := named.problems(tx):
            raise ValidationFailed(errors=problems)
        if mail_if_taken is not None and users.is_taken(tx, values):
            # For a taken address too, which the insert would look at first.
            raise Conflict
        row = users.add(context.db, tx, values)
        if row is None:
            if mail_if_taken is None:
                raise EmailTaken
            context.outbox.add(tx, mail_if_taken, email_key=email.key)
            return None
        if mail is not None:
            context.outbox.add(tx, mail, user_id=row["id"])
        if invite_token is not None and invited is not None:
            invitations.assign(tx, invite_token, invited, row["id"])
        return row

    try:
        row = await context.db.write(work)
    except IntegrityError as error:
        raise refusal(context.db, error, named) from None
    if row is None:
        raise EmailTaken
    return Proof(Account(row), email.key, ("pwd",), password_hash=hashed, is_new_account=True)


async def _reference_problems(context: Context, own: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong with the references of somebody who is not signed in yet."""
    named = references(context.db.schema, None, own)
    return await context.db.read(named.problems) if named.rows else []


def _own_values(context: Context, own: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    design = context.db.schema.design
    values = new_values(design, own, now)
    if problems := missing(design, values):
        raise ValidationFailed(errors=problems)
    return values
