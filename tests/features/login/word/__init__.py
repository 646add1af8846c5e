"""A second factor of tests, as a feature brings one: a word that the account has agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from gatewright.core import login_challenges
from gatewright.core.context import Context
from gatewright.core.second_factor import Answer
from gatewright.http.feature import Feature
from gatewright.storage.database import Transaction


class Word:
    """Accounts that have agreed on a word are asked for it."""

    method = "word"

    def __init__(self) -> None:
        self._words: dict[str, str] = {}

    async def enrol(self, context: Context, user_id: str, word: str) -> None:
        self._words[user_id] = word
        await context.db.write(lambda tx: login_challenges.void(tx, user_id))

    def is_required(self, tx: Transaction, user_id: str) -> bool:
        return user_id in self._words

    def is_offered(self, tx: Transaction, user_id: str) -> bool:
        return user_id in self._words

    def verify(self, tx: Transaction, context: Context, user_id: str, answer: Answer) -> Sequence[str] | None:
        word = self._words[user_id]
        return ["otp"] if answer.code == word or answer.credential == {"word": word} else None


WORD = Word()
FEATURE = Feature(name="word", second_factor=WORD)
