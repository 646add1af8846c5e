"""Proving an address, disowning an account, and changing its address."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gatewright.addresses import EmailAddress, address_key
from gatewright.core import login_challenges, login_devices
from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import UNDO_EMAIL_CHANGE, InvalidOrExpiredToken, Redeemed
from gatewright.features.email_verification.mails import (
    CHANGE_EMAIL,
    CHANGE_EMAIL_TOKEN,
    EMAIL_CHANGE_REQUESTED,
    EMAIL_CHANGE_UNDONE,
    EMAIL_CHANGED,
    NOT_ME_TOKEN,
    VERIFY_EMAIL,
    VERIFY_EMAIL_TOKEN,
)
from gatewright.features.login.recovery import RESET_PASSWORD
from gatewright.features.sessions import service as sessions
from gatewright.features.users import queries as users
from gatewright.features.users.errors import EmailTaken
from gatewright.features.users.recipients import may_notify
from gatewright.storage.database import Transaction

_OLD_ADDRESS_TAKEN = (
    "Another account now has this address. Reset that account's password, delete it or change its address, and use "
    "this link again."
)


async def send_again(context: Context, email: str) -> None:
    """Mail a new link to the owner of an unverified address; the answer never shows whether there is one.

    Raises:
        RateLimited: There were too many calls from the client's address.
    """
    await context.limits.check("resend", per_minute=context.settings.limits.mails_per_minute)
    key = address_key(email)
    await context.db.write(lambda tx: context.outbox.add(tx, VERIFY_EMAIL, email_key=key))


async def verify(context: Context, token: str) -> None:
    """Mark the account's address as proved. A repeat within ten minutes, or a sibling of the link, changes nothing.

    Raises:
        InvalidOrExpiredToken: The token does not count, or the account has another address by now.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> str | None:
        redeemed = mailed_tokens.take_or_repeat(tx, now, token, VERIFY_EMAIL_TOKEN)
        if not redeemed.is_first:
            _check_has_address(tx, redeemed)
            return None
        mailed_tokens.use_siblings(tx, now, redeemed, VERIFY_EMAIL_TOKEN)
        mailed_tokens.void(tx, now, redeemed.user_id, VERIFY_EMAIL_TOKEN, NOT_ME_TOKEN)
        table = tx.table("User")
        unproved = (table.c.email == redeemed.email, table.c.is_email_verified.is_(False))
        values = {"is_email_verified": True, "updated_at": now}
        if users.change(tx, values, table.c.id == redeemed.user_id, *unproved) is None:
            _check_has_address(tx, redeemed)
            return None
        return redeemed.user_id

    user_id = await context.db.write(work)
    if user_id is not None:
        await context.audit.record("email.verified", user_id)


async def disown(context: Context, token: str) -> None:
    """Take an account that was made with someone else's address away from the person who made it.

    Its password and its sessions go, and every link that was mailed; the owner of the address can set a password of
    their own.

    Raises:
        InvalidOrExpiredToken: The token does not count.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> tuple[str, int]:
        user_id = mailed_tokens.take(tx, now, token, NOT_ME_TOKEN).owner_id
        users.change_by_id(tx, user_id, {"password": None, "updated_at": now})
        mailed_tokens.void(tx, now, user_id)
        login_devices.end_credentials(context.db, tx, user_id)
        return user_id, len(sessions.end_sessions_of(tx, context, user_id))

    user_id, ended = await context.db.write(work)
    await context.revocations.catch_up()
    await context.audit.record("email.disowned", user_id, details={"ended": ended})


async def ask_for_change(context: Context, user: Principal, new: EmailAddress) -> None:
    """Mail a link to a new address, and a notice to the old one. No answer reveals whether an account has the new one.

    The token is made here, and not with its mail: a password that is set between the two voids it.

    Raises:
        InvalidToken: The session has ended.
        RateLimited: There were too many calls from the client's address, or for the new one.
    """
    limits = context.settings.limits
    await context.limits.check(
        "email-change", per_minute=limits.mails_per_minute, mailbox=new.key, mails_per_hour=limits.mails_per_hour
    )
    notifies = await may_notify(context, EMAIL_CHANGE_REQUESTED, user.id)

    def work(tx: Transaction) -> None:
        now = context.clock.now()
        # Locked, so that of two calls the second one counts the first one's token.
        users.lock(tx, user.id)
        sessions.check_live(tx, context, user)
        token = mailed_tokens.issue(tx, now, CHANGE_EMAIL_TOKEN, email=new.typed, user_id=user.id)
        if token is not None:
            context.outbox.add(tx, CHANGE_EMAIL, user_id=user.id, token=token, new_email_key=new.key)
        if notifies:
            context.outbox.add(tx, EMAIL_CHANGE_REQUESTED, user_id=user.id)

    await context.db.write(work)
    await context.audit.record("email.change_requested", user.id)


async def confirm_change(context: Context, token: str) -> None:
    """Give the account the address that the token was mailed to. Every other mailed link of the account is void.

    A repeat within ten minutes, or a sibling of the link, changes nothing. The old address gets a link that undoes the
    change.

    Raises:
        InvalidOrExpiredToken: The token does not count.
        EmailTaken: Another account has got the address meanwhile.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> str | None:
        redeemed = mailed_tokens.take_or_repeat(tx, now, token, CHANGE_EMAIL_TOKEN)
        if not redeemed.is_first:
            _check_has_address(tx, redeemed)
            return None
        user_id = redeemed.user_id
        before = users.find_for_update(tx, user_id)
        values = {"email": redeemed.email, "email_key": address_key(redeemed.email), "is_email_verified": True}
        users.change_by_id(tx, user_id, {**values, "updated_at": now})
        mailed_tokens.use_siblings(tx, now, redeemed, CHANGE_EMAIL_TOKEN)
        mailed_tokens.void(tx, now, user_id)
        login_challenges.void(tx, user_id)
        undo = mailed_tokens.issue_undo(tx, now, email=before.email, user_id=user_id)
        context.outbox.add(tx, EMAIL_CHANGED, user_id=user_id, old_email=before.email, token=undo)
        return user_id

    try:
        user_id = await context.db.write(work)
    except IntegrityError:
        raise EmailTaken from None
    if user_id is not None:
        await context.audit.record("email.changed", user_id)


async def undo_change(context: Context, token: str) -> None:
    """Give the account its old address back, as the owner of the old mailbox asks for.

    The person who had changed it may know the password or have set another, so nothing of theirs stays: the password
    goes, with every session, device credential and link; the old address gets a link to set a new password. A link that
    undoes an earlier change stays good, and one that would undo this is void.

    Raises:
        InvalidOrExpiredToken: The token does not count.
        EmailTaken: Another account has the old address by now; the token stays good.
    """
    now = context.clock.now()

    def work(tx: Transaction) -> tuple[str, int]:
        taken = mailed_tokens.take(tx, now, token, UNDO_EMAIL_CHANGE)
        user_id, email, key = taken.owner_id, taken.email, address_key(taken.email)
        before = users.find_for_update(tx, user_id)
        values = {"email": email, "email_key": key, "is_email_verified": True, "password": None}
        users.change_by_id(tx, user_id, {**values, "updated_at": now})
        mailed_tokens.void(tx, now, user_id)
        mailed_tokens.void_later(tx, now, user_id, UNDO_EMAIL_CHANGE, than=taken.created_at)
        login_devices.end_credentials(context.db, tx, user_id)
        if context.settings.has_feature("password"):
            context.outbox.add(tx, RESET_PASSWORD, email_key=key)
        if before.email_key != key:
            context.outbox.add(tx, EMAIL_CHANGE_UNDONE, user_id=user_id, undone_email=before.email)
        return user_id, len(sessions.end_sessions_of(tx, context, user_id))

    try:
        user_id, ended = await context.db.write(work)
    except IntegrityError:
        raise EmailTaken(_OLD_ADDRESS_TAKEN) from None
    await context.revocations.catch_up()
    await context.audit.record("email.change_undone", user_id, details={"ended": ended})


def _check_has_address(tx: Transaction, redeemed: Redeemed) -> None:
    """Make sure that what a token did before still holds: the account has the address, and it is proved."""
    table = tx.table("User")
    holds = (table.c.id == redeemed.user_id, table.c.email == redeemed.email, table.c.is_email_verified)
    if not tx.exists(select(table.c.id).where(*holds)):
        raise InvalidOrExpiredToken
