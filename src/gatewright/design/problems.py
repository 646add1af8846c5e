"""What is wrong with a design: collected, so that a person sees all of it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches

from gatewright.errors import SetupError

_SHOWN = 50
_KEPT = 1_000
_SUGGESTED = 100
_LONGEST_QUOTE = 60
_PLAIN_KEY = re.compile(r"[A-Za-z$_][A-Za-z0-9$_]{0,62}")
_INDEX = re.compile(r"\[([0-9]{1,9})\]")
_LAST_STEP = re.compile(r"\.?[^.\[\]]+$|\[[^\[\]]*\]$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        path: Where, such as `tables[1].columns[2].references`; empty for the whole document.
        message: What, in a sentence for a person.
        suggestion: The nearest right answer, if there is one near enough.
    """

    path: str
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        hint = f"; did you mean {quoted(self.suggestion)}?" if self.suggestion else ""
        return f"{place}{self.message}{hint}"


class DesignError(SetupError):
    """The design can't be taken as it is; the message has one line for each problem.

    Args:
        problems: What is wrong.
        file: The file that holds the design; each line of the message begins with it.

    Attributes:
        problems: All of them, table by table.
    """

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        self.problems = tuple(problems)
        place = f"{file}: " if file else ""
        lines = [f"{place}{problem}" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"{place}… and {len(self.problems) - _SHOWN} more")
        super().__init__("\n".join(lines))

    def in_file(self, file: str) -> DesignError:
        """The same, about the design in *file*."""
        return DesignError(self.problems, file)


@contextmanager
def naming_file(file: str) -> Iterator[None]:
    """Make each `DesignError` that passes name *file*."""
    try:
        yield
    except DesignError as error:
        raise error.in_file(file) from None


class Problems:
    """Where the problems of one design are collected."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._touched: set[str] = set()

    def add(self, path: str, message: str, *, near: str | None = None, among: Iterable[str] = ()) -> None:
        """Note one problem; the item of *among* that is most like *near* becomes its suggestion."""
        if len(self.found) >= _KEPT:
            return
        suggestion = nearest(near, among) if near is not None and len(self.found) < _SUGGESTED else None
        self.found.append(Problem(path, message, suggestion))
        self._touch(path)

    def touch(self, path: str) -> bool:
        """Whether a problem was found at *path* or below it."""
        return path in self._touched

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            DesignError: Something was.
        """
        if self.found:
            raise DesignError(sorted(self.found, key=_place))

    def _touch(self, path: str) -> None:
        while path and path not in self._touched:
            self._touched.add(path)
            path = _LAST_STEP.sub("", path)


def nearest(word: str, among: Iterable[str]) -> str | None:
    """The item of *among* that is most like *word*, also when only the case differs; `None` when nothing is near."""
    by_folded: Mapping[str, str] = {choice.casefold(): choice for choice in among}
    found = get_close_matches(word[:_LONGEST_QUOTE].casefold(), list(by_folded), n=1, cutoff=0.65)
    return by_folded[found[0]] if found else None


def quoted(value: object) -> str:
    """*value* as JSON on one line, cut short: the content of a document can't forge a line of output."""
    text = json.dumps(value) if isinstance(value, str | int | float | bool | None) else _kind(value)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def step(path: str, key: str) -> str:
    """The path of *key* within the object at *path*."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{quoted(key)}]"
    return f"{path}.{key}" if path else key


def _place(problem: Problem) -> list[int]:
    """Where in the document: by table, then by column."""
    return [int(number) for number in _INDEX.findall(problem.path)]


def _kind(value: object) -> str:
    return "an object" if isinstance(value, Mapping) else "a list"
