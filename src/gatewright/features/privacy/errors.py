"""What deleting an account is refused for."""

from __future__ import annotations

from collections.abc import Sequence

from gatewright.errors import GatewrightError


class AccountHasData(GatewrightError):
    """Rows of the app's tables refer to the account, and its design says that they have to go first."""

    code = "account_has_data"
    status = 409
    title = "Other data still belongs to this account. Delete it first."

    def __init__(self, tables: Sequence[str] = ()) -> None:
        super().__init__(f"Delete the rows of these tables first: {', '.join(tables)}." if tables else None)
