"""Violations of constraints, in words that all databases share. Each dialect reads its driver's errors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Rule(Enum):
    """The kind of a violation."""

    UNIQUE = auto()
    """Another row has the value."""
    REFERENCE = auto()
    """A row that is referred to would be missing."""
    VALUE = auto()
    """A value is not one that its column takes."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One refusal.

    Attributes:
        columns: The database's names of those that it is about, as far as the database says.
        constraint: The name of the check that a value fails, as far as the database says.
    """

    rule: Rule
    columns: tuple[str, ...] = ()
    constraint: str = ""
