"""Proving an address, disowning an account, and changing its address."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from gatewright.addresses import EmailAddress, address_key
from gatewright.core import mailed_tokens
from gatewright.core.context import Context
from gatewright.core.mailed_tokens import InvalidOrExpiredToken
from gatewright.core.principal import Principal
from gatewright.features.sessions import service as sessions
from gatewright.features.users import queries as users
from gatewright.features.users.errors import EmailTaken
from gatewright.features.users.recipients import may_be_told
from gatewright.storage.database import Transaction
from gatewright.storage.hot import Row


async def send_again(context: Context, email: str) -> None:
    """Mail a new link to the owner of an address that is not verified; whether there is one, the answer never tells.

    Raises:
        RateLimited: There were too many calls from the client's address.
    """
    await context.limits.check("resend", per_minute=context.settings.limits.mails_per_minute)
    key = address_key(email)
    await context.db.write(lambda tx: context.outbox.add(tx, "verify-email", email_key=key))


async def verify(context: Context, token: str) -> None:
    """Take the account's address for proved.

    Raises:
        InvalidOrExpiredToken: The token does not count, or the account has another address by now.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> Row:
        taken = mailed_tokens.take(tx, now, token, "verify_email")
        table = tx.table("User")
        user = users.change(
            tx,
            {"is_email_verified": True, "updated_at": now},
            table.c.id == taken["user_id"],
            table.c.email == taken["email"],
        )
        if user is None:
            raise InvalidOrExpiredToken
        mailed_tokens.void(tx, now, user["id"], "verify_email", "not_me")
        return user

    user = await context.db.write(work)
    await context.audit.record("email.verified", user["id"])


async def disown(context: Context, token: str) -> None:
    """Take an account that was made with somebody else's address away from whoever made it.

    Its password and its sessions go, and every link that was mailed; the owner of the address can set a password of
    their own.

    Raises:
        InvalidOrExpiredToken: The token does not count.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> tuple[str, int]:
        user_id = mailed_tokens.take(tx, now, token, "not_me")["user_id"]
        users.change_by_id(tx, user_id, {"password": None, "updated_at": now})
        mailed_tokens.void(tx, now, user_id)
        return user_id, len(sessions.end_sessions_of(tx, context, user_id))

    user_id, ended = await context.db.write(work)
    await context.revocations.catch_up()
    await context.audit.record("email.disowned", user_id, details={"ended": ended})


async def ask_for_change(context: Context, user: Principal, new: EmailAddress) -> None:
    """Mail a link to a new address, and a notice to the old one. Whether somebody has the new one, nothing tells.

    The token is made here, and not with its mail: a password that is set between the two voids it.

    Raises:
        InvalidToken: The session has ended.
        RateLimited: There were too many calls from the client's address, or for the new one.
    """
    limits = context.settings.limits
    await context.limits.check(
        "email-change", per_minute=limits.mails_per_minute, mailbox=new.key, mails_per_hour=limits.mails_per_hour
    )
    tells = await may_be_told(context, "email-change-requested", user.id)

    def work(tx: Transaction) -> None:
        now = context.clock.now()
        # Locked, so that of two calls the second one counts the first one's token.
        users.lock(tx, user.id)
        sessions.check_live(tx, context, user)
        token = mailed_tokens.issue(tx, now, "change_email", email=new.typed, user_id=user.id)
        if token is not None:
            context.outbox.add(tx, "change-email", user_id=user.id, token=token, new_email_key=new.key)
        if tells:
            context.outbox.add(tx, "email-change-requested", user_id=user.id)

    await context.db.write(work)
    await context.audit.record("email.change_requested", user.id)


async def confirm_change(context: Context, token: str) -> None:
    """Give the account the address that the token was mailed to. Every other mailed link of the account is void.

    Raises:
        InvalidOrExpiredToken: The token does not count.
        EmailTaken: Another account has got the address meanwhile.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> str:
        taken = mailed_tokens.take(tx, now, token, "change_email")
        user_id: str = taken["user_id"]
        before = users.find_for_update(tx, user_id)
        values = {"email": taken["email"], "email_key": address_key(taken["email"]), "is_email_verified": True}
        users.change_by_id(tx, user_id, {**values, "updated_at": now})
        mailed_tokens.void(tx, now, user_id)
        context.outbox.add(tx, "email-changed", old_email=before["email"])
        return user_id

    try:
        user_id = await context.db.write(work)
    except IntegrityError:
        raise EmailTaken from None
    await context.audit.record("email.changed", user_id)
