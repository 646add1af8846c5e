"""`CurrentAccount` and `require_verified`: the row of the signed-in user."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from gatewright.features.users import service
from gatewright.features.users.account import Account
from gatewright.features.users.errors import EmailNotVerified
from gatewright.http.dependencies import CurrentUser, RequestContext


async def _current_account(context: RequestContext, user: CurrentUser) -> Account:
    return await service.find_account(context, user.id)


CurrentAccount = Annotated[Account, Depends(_current_account)]
"""The row of the signed-in user, with the columns of your design; 401 without a valid access token.

One statement.
"""


async def require_verified(account: CurrentAccount) -> Account:
    """A dependency that lets in users who have proved that their address is theirs. One statement.

    Raises:
        EmailNotVerified: It is not proved.
    """
    if not account.is_email_verified:
        raise EmailNotVerified
    return account
