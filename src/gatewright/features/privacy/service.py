"""Handing out all that is stored about a user, and deleting it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from gatewright.core import login_devices
from gatewright.core.audit.log import Audit, Origin, forget_person
from gatewright.core.context import Context
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.features.privacy import rows
from gatewright.features.privacy.errors import AccountHasData
from gatewright.features.privacy.export import write_document
from gatewright.features.privacy.mails import ACCOUNT_DELETED
from gatewright.features.privacy.purging import purge
from gatewright.features.sessions import service as sessions
from gatewright.features.users import queries as users
from gatewright.features.users.recipients import language_of
from gatewright.storage.database import Transaction


async def export(context: Context, user_id: str) -> AsyncIterator[bytes]:
    """All that is stored about a user, as parts of a JSON document.

    Raises:
        InvalidToken: The account was deleted since.
    """
    user = await context.db.read(lambda tx: users.find_whole(tx, user_id))
    if user is None:
        raise InvalidToken
    await context.audit.record("user.exported", user_id)
    return write_document(context, user)


async def erase(context: Context, user_id: str) -> None:
    """Delete an account with all its data: all of it, or nothing.

    Its access tokens count no more within a second. The audit log keeps what happened, and nothing personal of it.
    An administrator may go too, also the last one: an operator makes another from a shell.

    Raises:
        AccountHasData: Rows that refer to it have to go first.
        InvalidToken: It was deleted since.
    """
    try:
        await context.db.write(lambda tx: _erase(tx, context, user_id))
    except IntegrityError:
        # A row that came meanwhile, or of a table that is not in the design.
        raise AccountHasData from None
    await context.revocations.catch_up()
    # Without the address and the user agent of the user who was deleted.
    quietly = Audit(context.db, context.clock, Origin(request_id=context.origin.request_id))
    await quietly.record("user.deleted", user_id)


def _erase(tx: Transaction, context: Context, user_id: str) -> None:
    user = users.find_for_update(tx, user_id)
    if tables := rows.restricting(tx, user_id):
        raise AccountHasData(tables)
    purge(tx, user)
    # After the lock: a login that was under way has its session by now, and a later one finds no account.
    sessions.end_sessions_of(tx, context, user_id)
    context.outbox.drop(tx, user_id=user_id, address=user.email)
    mailed_tokens.remove_unowned(tx, user.email)
    login_devices.forget(tx, user_id)
    table = tx.table("User")
    tx.run(delete(table).where(table.c.id == user_id))
    # Behind the rows: a change of one of them that was under way is committed by now, with its event.
    forget_person(tx, user_id)
    language = language_of(user)
    parameters = {"email": user.email} if language is None else {"email": user.email, "language": language}
    context.outbox.add(tx, ACCOUNT_DELETED, **parameters)
