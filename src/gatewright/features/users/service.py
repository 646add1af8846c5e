"""What users may do with their own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from gatewright.core.access_tokens import InvalidToken
from gatewright.core.context import Context
from gatewright.errors import Conflict
from gatewright.features.users import queries
from gatewright.features.users.account import Account


async def find_account(context: Context, user_id: str) -> Account:
    """The account behind a live token, with one statement.

    Raises:
        InvalidToken: The account was deleted since.
    """
    row = await context.db.fetch(queries.FIND_BY_ID, user_id=user_id)
    if row is None:
        raise InvalidToken
    return Account(row)


async def change_profile(context: Context, user_id: str, changes: Mapping[str, Any]) -> Account:
    """Change a user's own columns.

    Args:
        changes: New values by the names of the database's columns; may be empty.

    Raises:
        InvalidToken: The account was deleted since.
        Conflict: A value that has to be unique is taken, or refers to nothing.
    """
    if not changes:
        return await find_account(context, user_id)
    values = {**changes, "updated_at": context.clock.now()}
    try:
        row = await context.db.write(lambda tx: queries.change_by_id(tx, user_id, values))
    except IntegrityError:
        raise Conflict from None
    if row is None:
        raise InvalidToken
    await context.audit.record("user.updated", user_id, details={"columns": ", ".join(sorted(changes))})
    return Account(row)
