"""Defaults in SQL as defaults of a design."""

from __future__ import annotations

import re

from gatewright.design.document import ColumnType, DefaultFunction
from gatewright.design.importers.draft import DraftDefault
from gatewright.design.values import default_of, json_of

_NOW = re.compile(
    r"(now|current_timestamp|localtimestamp|current_date|current_time|curdate)\s*(\([0-9]?\))?", re.IGNORECASE
)
_FUNCTIONS = {
    "gen_random_uuid()": DefaultFunction.UUID,
    "uuid_generate_v4()": DefaultFunction.UUID,
    "uuid()": DefaultFunction.UUID,
    "uuidv4()": DefaultFunction.UUID,
    "uuidv7()": DefaultFunction.UUID7,
}
_QUOTED = re.compile(r"\(?'((?:[^']|'')*)'(::[\w .\"]+(\([0-9, ]+\))?(\[\])?)?\)?")
_BARE = re.compile(r"\(?(-?[0-9.]+(?:[eE][+-]?[0-9]+)?|true|false)\)?", re.IGNORECASE)


def default_in(default: DraftDefault, column_type: ColumnType) -> object | None:
    """The value of `defaultValue`; None when a design has no such default."""
    raw = _function(default, column_type) or _literal(default)
    if raw is None:
        return None
    try:
        settled = default_of(raw, column_type)
    except ValueError:
        return None
    return str(settled) if isinstance(settled, DefaultFunction) else json_of(settled, column_type)


def is_null(default: DraftDefault) -> bool:
    """Whether the default says that there is none."""
    return default.is_expression and default.text.strip().lower() == "null"


def _function(default: DraftDefault, column_type: ColumnType) -> str | None:
    if not default.is_expression:
        return None
    text = default.text.strip().lower()
    if _NOW.fullmatch(text):
        is_time = column_type in (ColumnType.DATE_TIME, ColumnType.DATE, ColumnType.TIME)
        return str(DefaultFunction.NOW) if is_time else None
    return _FUNCTIONS.get(text)


def _literal(default: DraftDefault) -> str | None:
    """The literal; a text that looks like a function of ours is none of them."""
    text = default.text
    if default.is_expression:
        quoted, bare = _QUOTED.fullmatch(text.strip()), _BARE.fullmatch(text.strip())
        if quoted:
            text = quoted[1].replace("''", "'")
        elif bare:
            text = bare[1].lower()
        else:
            return None
    return None if text in tuple(DefaultFunction) else text
