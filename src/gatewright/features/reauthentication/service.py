"""Reauthentication: by the password, or by a mailed code where the account has none."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from gatewright.addresses import address_key
from gatewright.core.context import Context
from gatewright.core.passwords.hasher import has_password
from gatewright.core.principal import Principal
from gatewright.core.tokens import mailed_codes
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.core.tokens.mailed_codes import InvalidCode
from gatewright.features.login import attempts
from gatewright.features.login.attempts import Attempt
from gatewright.features.login.proof import Proof
from gatewright.features.password.errors import InvalidCredentials
from gatewright.features.reauthentication.mails import REAUTHENTICATE, REAUTHENTICATION_CODE
from gatewright.features.users import queries as users
from gatewright.features.users.queries import UserRow
from gatewright.features.users.service import account_of
from gatewright.storage.database import Transaction


async def by_password(context: Context, user: Principal, password: str) -> Proof:
    """Check the user's password.

    Raises:
        InvalidCredentials: The password is another, or the account has none.
        InvalidToken: The account is gone.
        RateLimited: It was tried too often.
        Overloaded: More hashes wait than can be computed in time.
    """
    row = await _row(context, user)
    async with _attempt(context, user, row) as attempt:
        verified = await context.passwords.verify(password, row.password)
        if not verified.right:
            await _refused(context, user)
            raise InvalidCredentials
        attempt.succeed()
    return _proof(context, row, "pwd")


async def by_code(context: Context, user: Principal, code: str) -> Proof:
    """Check a mailed code, and use it up.

    Raises:
        InvalidCode: It does not count.
        InvalidToken: The account is gone.
        RateLimited: It was tried too often.
    """
    row = await _row(context, user)

    def work(tx: Transaction) -> bool:
        return mailed_codes.take(
            tx, context.vault, context.clock.now(), code, REAUTHENTICATE, user_id=user.id, bound_to=user.session_id
        )

    async with _attempt(context, user, row) as attempt:
        if not await context.db.write(work):
            await _refused(context, user)
            raise InvalidCode
        attempt.succeed()
    # RFC 8176 has no word for a mailed code but that of one-time passwords.
    return _proof(context, row, "otp")


async def send_code(context: Context, user: Principal) -> None:
    """Mail a code to a user who has no password. It counts for their session only.

    Raises:
        InvalidCredentials: The account has a password, which has to be given.
        InvalidToken: The account is gone.
        RateLimited: There were too many calls.
    """
    row = await _row(context, user)
    if has_password(row.password):
        raise InvalidCredentials("This account has a password: send it.")
    limits = context.settings.limits
    await context.limits.check(
        "reauthenticate",
        per_minute=limits.mails_per_minute,
        mailbox=address_key(row.email),
        mails_per_hour=limits.mails_per_hour,
    )

    def work(tx: Transaction) -> None:
        now = context.clock.now()
        code = mailed_codes.issue(
            tx, context.vault, now, REAUTHENTICATE, user_id=row.id, email=row.email, bound_to=user.session_id
        )
        if code is not None:
            context.outbox.add(tx, REAUTHENTICATION_CODE, user_id=user.id, code=code)

    await context.db.write(work)
    await context.audit.record("session.code_requested", user.id, session_id=user.session_id)


def _attempt(context: Context, user: Principal, row: UserRow) -> AbstractAsyncContextManager[Attempt]:
    return attempts.begin(context, row.email_key, session_id=user.session_id)


async def _row(context: Context, user: Principal) -> UserRow:
    row = await context.db.read(lambda tx: users.find_whole(tx, user.id))
    if row is None:
        raise InvalidToken
    return row


def _proof(context: Context, row: UserRow, amr: str) -> Proof:
    account = account_of(context.db.schema, row)
    return Proof(account, row.email_key, (amr,), password_hash=row.password)


async def _refused(context: Context, user: Principal) -> None:
    await context.audit.record(
        "session.reauthentication_refused", user.id, session_id=user.session_id, outcome="failure"
    )
