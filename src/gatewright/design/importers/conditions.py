"""SQL conditions that a design has a key for: limits of numbers and of lengths."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"'?(-?[0-9]{1,18}(?:\.[0-9]{1,18})?)'?"
_NAME = r'"?([^"()<>=\s]+?|[^"]+)"?'
_COMPARED = re.compile(rf"{_NAME} (>=|<=) {_NUMBER}")
_BETWEEN = re.compile(rf"{_NAME} between {_NUMBER} and {_NUMBER}", re.IGNORECASE)
_LENGTH = re.compile(rf"(?:char_|character_)?length\({_NAME}\) (>=|<=) ([0-9]{{1,9}})", re.IGNORECASE)
_CAST = re.compile(r"::[a-z ]+(\([0-9, ]+\))?", re.IGNORECASE)
_BRACKETED = re.compile(rf"\({_NUMBER}\)")
_AND = re.compile(r" and ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a column, by the key of the design that holds it."""

    column: str
    key: str
    value: int | float


def limits_in(expression: str) -> list[Limit] | None:
    """The limits that *expression* consists of; None when it says anything else."""
    plain = _plain(expression)
    if match := _BETWEEN.fullmatch(plain):
        return [Limit(match[1], "minValue", _number(match[2])), Limit(match[1], "maxValue", _number(match[3]))]
    found: list[Limit] = []
    for part in _AND.split(plain):
        limit = _limit(_plain(part))
        if limit is None:
            return None
        found.append(limit)
    return found


def _limit(part: str) -> Limit | None:
    if match := _LENGTH.fullmatch(part):
        return Limit(match[1], "minLength" if match[2] == ">=" else "maxLength", int(match[3]))
    if match := _COMPARED.fullmatch(part):
        return Limit(match[1], "minValue" if match[2] == ">=" else "maxValue", _number(match[3]))
    return None


def _plain(expression: str) -> str:
    """Without casts, without brackets round the whole or round a number."""
    text = _BRACKETED.sub(r"\1", _CAST.sub("", " ".join(expression.split())))
    while text.startswith("(") and text.endswith(")") and _is_whole(text):
        text = text[1:-1].strip()
    return text


def _is_whole(text: str) -> bool:
    """Whether the first bracket is closed by the last one."""
    depth = 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return i == len(text) - 1
    return False


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
