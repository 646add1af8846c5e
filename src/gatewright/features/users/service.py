"""What users may do with their own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.crud.references import References
from gatewright.errors import Conflict, GatewrightError, ValidationFailed
from gatewright.features.users import queries
from gatewright.features.users.account import Account
from gatewright.features.users.own_columns import references
from gatewright.features.users.queries import UserRow
from gatewright.storage.database import Database, Transaction
from gatewright.storage.schema import Schema
from gatewright.storage.violations import Rule


async def find_account(context: Context, user_id: str) -> Account:
    """The account behind a live token, with one statement.

    Raises:
        InvalidToken: The account was deleted since.
    """
    account = await context.db.fetch(queries.FIND_BY_ID, user_id=user_id)
    if account is None:
        raise InvalidToken
    return account


async def change_profile(context: Context, user: Principal, changes: Mapping[str, Any]) -> Account:
    """Change a user's own columns.

    Args:
        changes: New values by the names of the database's columns; may be empty.

    Raises:
        InvalidToken: The account was deleted since.
        Conflict: A value that has to be unique is taken.
        ValidationFailed: A reference names a row that is missing, or that the user may not read.
    """
    if not changes:
        return await find_account(context, user.id)
    values = {**changes, "updated_at": context.clock.now()}
    named = references(context.db.schema, user, changes)

    def work(tx: Transaction) -> Account | None:
        account = queries.change_by_id(tx, user.id, values, *named.conditions)
        if account is None and (problems := named.problems(tx)):
            raise ValidationFailed(errors=problems)
        return account

    try:
        account = await context.db.write(work)
    except IntegrityError as error:
        raise refusal(context.db, error, named) from None
    if account is None:
        raise InvalidToken
    await context.audit.record("user.updated", user.id, details={"columns": ", ".join(sorted(changes))})
    return account


def account_of(schema: Schema, user: UserRow) -> Account:
    """The account of a user, without hidden columns."""
    return Account({column.name: user.value_of(column.name) for column in queries.visible_columns(schema)})


def refusal(db: Database, error: IntegrityError, named: References) -> GatewrightError:
    """What to answer when the database refuses values of an account: a row that is named may be gone meanwhile."""
    violation = db.violation_of(error, db.schema["User"])
    if violation is None or violation.rule is not Rule.REFERENCE:
        return Conflict()
    return named.missing(violation.columns) or Conflict()
