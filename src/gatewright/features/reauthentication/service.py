"""Proving again who one is: by one's password, or by a mailed code where the account has none."""

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
from gatewright.features.password.errors import InvalidCredentials
from gatewright.features.reauthentication.mails import REAUTHENTICATE, REAUTHENTICATION_CODE
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.queries import ClaimsRow
from gatewright.features.users import queries as users
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row


async def by_password(context: Context, user: Principal, password: str) -> str:
    """Check one's password; the access token of the session with a new `auth_time`, which the session keeps.

    Raises:
        InvalidCredentials: The password is another, or the account has none.
        InvalidToken: The session has ended, or the account is gone.
        RateLimited: It was tried too often.
        Overloaded: More hashes wait than can be computed in time.
    """
    row = await _row(context, user)
    async with _attempt(context, user, row) as attempt:
        verified = await context.passwords.verify(password, row["password"])
        if not verified.right:
            await _refused(context, user)
            raise InvalidCredentials
        attempt.succeed()
    proven = await context.db.write(
        lambda tx: sessions.prove_again(tx, context, user, amr="pwd", proven_hash=row["password"])
    )
    return await _proven(context, user, proven)


async def by_code(context: Context, user: Principal, code: str) -> str:
    """Check a mailed code; as `by_password`.

    Raises:
        InvalidCode: It does not count.
        InvalidToken: The session has ended, or the account is gone.
        RateLimited: It was tried too often.
    """

    def work(tx: Transaction) -> tuple[bool, ClaimsRow | None]:
        taken = mailed_codes.take(
            tx, context.vault, context.clock.now(), code, REAUTHENTICATE, user_id=user.id, bound_to=user.session_id
        )
        # RFC 8176 has no word for a mailed code but that of one-time passwords.
        return taken, sessions.prove_again(tx, context, user, amr="otp") if taken else None

    async with _attempt(context, user, await _row(context, user)) as attempt:
        right, proven = await context.db.write(work)
        if not right:
            await _refused(context, user)
            raise InvalidCode
        attempt.succeed()
    return await _proven(context, user, proven)


async def send_code(context: Context, user: Principal) -> None:
    """Mail a code to a user who has no password. It counts for their session only.

    Raises:
        InvalidCredentials: The account has a password, which has to be given.
        InvalidToken: The account is gone.
        RateLimited: There were too many calls.
    """
    row = await _row(context, user)
    if has_password(row["password"]):
        raise InvalidCredentials("This account has a password: send it.")
    limits = context.settings.limits
    await context.limits.check(
        "reauthenticate",
        per_minute=limits.mails_per_minute,
        mailbox=address_key(row["email"]),
        mails_per_hour=limits.mails_per_hour,
    )

    def work(tx: Transaction) -> None:
        now = context.clock.now()
        code = mailed_codes.issue(tx, context.vault, now, REAUTHENTICATE, user=row, bound_to=user.session_id)
        if code is not None:
            context.outbox.add(tx, REAUTHENTICATION_CODE, user_id=user.id, code=code)

    await context.db.write(work)
    await context.audit.record("session.code_requested", user.id, session_id=user.session_id)


def _attempt(context: Context, user: Principal, row: Row) -> AbstractAsyncContextManager[Attempt]:
    return attempts.begin(context, row["email_key"], session_id=user.session_id)


async def _row(context: Context, user: Principal) -> Row:
    row = await context.db.read(lambda tx: users.find_whole(tx, user.id))
    if row is None:
        raise InvalidToken
    return row


async def _proven(context: Context, user: Principal, session: ClaimsRow | None) -> str:
    if session is None:
        raise InvalidToken
    await context.audit.record("session.reauthenticated", user.id, session_id=user.session_id)
    return sessions.access_token(context, user.session_id, session)


async def _refused(context: Context, user: Principal) -> None:
    await context.audit.record(
        "session.reauthentication_refused", user.id, session_id=user.session_id, outcome="failure"
    )
