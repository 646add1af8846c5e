"""What a feature implements to be a second factor: `Feature.second_factor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gatewright.storage.database import Transaction

if TYPE_CHECKING:
    from gatewright.core.context import Context


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client sends to answer a challenge. Neither has been checked.

    Attributes:
        code: A code, for factors that use one.
        credential: A JSON object, for factors that use one, such as a passkey.
    """

    code: str | None = field(default=None, repr=False)
    credential: Mapping[str, Any] | None = field(default=None, repr=False)


class SecondFactor(Protocol):
    """One kind of second factor.

    A feature that adds or removes a factor of an account calls `core.login_challenges.void` in the same transaction.
    """

    @property
    def method(self) -> str:
        """The name that clients call it by, such as `totp`."""
        ...

    def is_required(self, tx: Transaction, user_id: str) -> bool:
        """Whether this account has switched it on, so that its logins ask for a second factor."""
        ...

    def is_offered(self, tx: Transaction, user_id: str) -> bool:
        """Whether this account can answer with it, once a second factor is required."""
        ...

    def verify(self, tx: Transaction, context: Context, user_id: str, answer: Answer) -> Sequence[str] | None:
        """Check an answer, and use it up if it is right; the user's row is locked.

        It must not raise for a wrong answer: that would roll back the count of wrong answers.

        Returns:
            The words that it adds to `amr` (RFC 8176); None for a wrong answer.
        """
        ...
