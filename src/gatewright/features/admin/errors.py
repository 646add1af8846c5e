"""What an administrator's action is refused for."""

from __future__ import annotations

from collections.abc import Iterable

from gatewright.errors import NotFound, ValidationFailed


class AccountNotFound(NotFound):
    """No account has that address."""

    title = "There is no account with this address."


class UnknownRole(ValidationFailed):
    """The role is none of the settings'."""

    title = "There is no such role."

    def __init__(self, roles: Iterable[str]) -> None:
        super().__init__(f"There is no such role. The roles are: {', '.join(sorted(roles))}.")
