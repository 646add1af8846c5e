"""Getting another password: by a mailed link, or signed in."""

from __future__ import annotations

from gatewright.addresses import address_key
from gatewright.core import login_devices
from gatewright.core.context import Context
from gatewright.core.passwords.hasher import has_password
from gatewright.core.principal import Principal
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.errors import Conflict
from gatewright.features.login import attempts
from gatewright.features.login.recovery import RESET_PASSWORD, RESET_PASSWORD_TOKEN
from gatewright.features.password.errors import InvalidCredentials
from gatewright.features.password.mails import PASSWORD_CHANGED
from gatewright.features.password.service import accept_password
from gatewright.features.sessions import service as sessions
from gatewright.features.users import queries as users
from gatewright.features.users.queries import UserRow
from gatewright.features.users.recipients import may_notify
from gatewright.storage.database import Transaction

_USED = "This link was already used to set a password. Sign in."


async def ask_for_reset(context: Context, email: str) -> None:
    """Mail a reset link to the owner of an address. Neither the answer nor its time shows whether it has an account.

    Raises:
        RateLimited: There were too many calls from the client's address.
    """
    await context.limits.check("password-forgot", per_minute=context.settings.limits.mails_per_minute)
    key = address_key(email)
    await context.db.write(lambda tx: context.outbox.add(tx, RESET_PASSWORD, email_key=key))


async def reset(context: Context, token: str, password: str) -> None:
    """Set the password of the account that a mailed token is for. Every session, link and device credential ends.

    Following the link proves the address. What was set up before it was ever proved may be a stranger's, and goes
    with the old password and the sessions. A used token that comes with the password that is set now repeats the call
    that set it, and changes nothing.

    Raises:
        InvalidOrExpiredToken: The token does not count.
        ValidationFailed: The password is not accepted; the token stays good.
        Overloaded: More hashes wait than can be computed in time.
    """
    try:
        await _reset(context, token, password)
    except InvalidOrExpiredToken:
        await _repeat_reset(context, token, password)


async def _reset(context: Context, token: str, password: str) -> None:
    user = await context.db.read(lambda tx: _owner(tx, context, token))
    if user is None:
        raise InvalidOrExpiredToken
    await accept_password(context, password, identity=_identity(user))
    hashed = await context.passwords.hash(password)

    def work(tx: Transaction) -> int:
        now = context.clock.now()
        taken = mailed_tokens.take(tx, now, token, RESET_PASSWORD_TOKEN)
        values: dict[str, object] = {"password": hashed, "updated_at": now}
        if taken.email == user.email:
            values["is_email_verified"] = True
        users.change_by_id(tx, user.id, values)
        login_devices.end_credentials(context.db, tx, user.id)
        return _after(tx, context, user.id)

    ended = await context.db.write(work)
    await context.revocations.catch_up()
    await attempts.end_delay(context, user.email_key)
    await context.audit.record("password.reset", user.id, details={"ended": ended})


async def _repeat_reset(context: Context, token: str, password: str) -> None:
    """Let a call pass that sends the password again which the token was used to set.

    The answer shows whether a password is right, so few wrong ones are checked: a used link that is found in a log
    must not allow guessing.
    """
    user = await context.db.read(lambda tx: _former_owner(tx, context, token))
    if user is None:
        raise InvalidOrExpiredToken
    verified = await context.passwords.verify(password, user.password)
    # Looked at after the hash, which takes its time: of many guesses at once, no more count than one after the other.
    if not verified.right:
        await context.db.write(lambda tx: mailed_tokens.count_wrong_try(tx, token))
    elif await context.db.read(lambda tx: mailed_tokens.may_try_again(tx, token)):
        return
    raise InvalidOrExpiredToken(_USED)


async def change(context: Context, user: Principal, *, current: str, new: str) -> None:
    """Replace the user's own password. Every other session ends, and every mailed link.

    Raises:
        InvalidCredentials: The current password is another.
        InvalidToken: The session has ended.
        ValidationFailed: The new one is not accepted.
        RateLimited: The current password was guessed too often.
        Overloaded: More hashes wait than can be computed in time.
    """
    row = await context.db.read(lambda tx: users.find_whole(tx, user.id))
    if row is None:
        raise InvalidCredentials
    async with attempts.begin(context, row.email_key, session_id=user.session_id) as attempt:
        verified = await context.passwords.verify(current, row.password)
        if not verified.right:
            await context.audit.record("password.change_refused", user.id, outcome="failure")
            raise InvalidCredentials
        attempt.succeed()
    await accept_password(context, new, identity=_identity(row), field="/newPassword")
    await _replace(context, user, row, new)


async def set_first(context: Context, user: Principal, password: str) -> None:
    """Give an account that has none a password.

    Raises:
        Conflict: It has one.
        InvalidToken: The session has ended.
        ValidationFailed: The password is not accepted.
        Overloaded: More hashes wait than can be computed in time.
    """
    row = await context.db.read(lambda tx: users.find_whole(tx, user.id))
    if row is None or has_password(row.password):
        raise Conflict("This account has a password. Change it instead.")
    await accept_password(context, password, identity=_identity(row), field="/newPassword")
    await _replace(context, user, row, password)


async def _replace(context: Context, user: Principal, row: UserRow, new: str) -> None:
    hashed = await context.passwords.hash(new)
    # An address that was never proved may be a stranger's, whose mailbox is not to be filled.
    notifies = row.is_email_verified or await may_notify(context, PASSWORD_CHANGED, user.id)

    def work(tx: Transaction) -> int | None:
        if not users.replace_hash(tx, user.id, old=row.password, new=hashed, at=context.clock.now()):
            return None
        sessions.check_live(tx, context, user)
        return _after(tx, context, user.id, notifies=notifies, but=user.session_id)

    ended = await context.db.write(work)
    if ended is None:
        # It was changed after it was read, so what the user has proved counts no more.
        raise InvalidCredentials
    await context.revocations.catch_up()
    await context.audit.record("password.changed", user.id, details={"ended": ended})


def _after(tx: Transaction, context: Context, user_id: str, *, notifies: bool = True, but: str | None = None) -> int:
    """What a new password entails, in its transaction; the number of sessions that it ends."""
    mailed_tokens.void(tx, context.clock.now(), user_id)
    if notifies:
        context.outbox.add(tx, PASSWORD_CHANGED, user_id=user_id)
    return len(sessions.end_sessions_of(tx, context, user_id, but=but))


def _owner(tx: Transaction, context: Context, token: str) -> UserRow | None:
    live = mailed_tokens.look(tx, context.clock.now(), token, RESET_PASSWORD_TOKEN)
    return users.find_whole(tx, live.owner_id)


def _former_owner(tx: Transaction, context: Context, token: str) -> UserRow | None:
    used = mailed_tokens.find_used(tx, token, RESET_PASSWORD_TOKEN)
    if used is None or used.expires_at <= context.clock.now() - mailed_tokens.REPEATS:
        return None
    return users.find_whole(tx, used.owner_id)


def _identity(user: UserRow) -> tuple[str, ...]:
    return (user.email, user.first_name or "", user.last_name or "")
