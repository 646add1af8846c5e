"""Names that a format wants and a design does not have, each used once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count


class Names:
    """Names that are taken; a new one that is taken gets a number."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def free(self, wanted: str) -> str:
        """*wanted*, or else *wanted* with the first number that makes it new."""
        name = next(name for name in _candidates(wanted) if name not in self._taken)
        self._taken.add(name)
        return name


def _candidates(wanted: str) -> Iterable[str]:
    yield wanted
    yield from (f"{wanted}{number}" for number in count(2))
