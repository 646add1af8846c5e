"""Reading what databases write as SQL: the default of a column, and the conditions that a design has keys for."""

from __future__ import annotations

import re
from typing import Any

from gatewright.design.document import ColumnType, DefaultFunction
from gatewright.design.values import default_of

_CAST = re.compile(r"::(?:[a-z_]+\.)?(?:\"[^\"]*\"|[a-z_][a-z0-9_]*)(?: (?:varying|precision|with(?:out)? time zone))?"
                   r"(?:\(\d+(?:, ?\d+)?\))?(?:\[\])*", re.IGNORECASE)  # fmt: skip
_TEXT = re.compile(r"'(?:[^']|'')*'")
# Texts, and names in quotes; behind a colon or a dot, a name is a part of a cast.
_QUOTED = re.compile(r"('(?:[^']|'')*'|(?<![:.])\"(?:[^\"]|\"\")*\")")
_ANY_QUOTED = re.compile(f"{_QUOTED.pattern}|`(?:[^`]|``)*`")
_OWN = "the_column_itself"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_NOW = ("now()", "current_timestamp", "current_timestamp()", "localtimestamp", "transaction_timestamp()")
_FUNCTIONS = {
    **dict.fromkeys(("gen_random_uuid()", "uuid_generate_v4()"), (ColumnType.UUID, DefaultFunction.UUID)),
    "uuidv7()": (ColumnType.UUID, DefaultFunction.UUID7),
    **dict.fromkeys(_NOW, (ColumnType.DATE_TIME, DefaultFunction.NOW)),
}

LIMITS = {">=": "minValue", "<=": "maxValue"}


class NotHeld(Exception):
    """A design has no word for it."""


def is_null(sql: str | None) -> bool:
    """Whether a default is none."""
    return sql is None or _bare(sql).upper() == "NULL"


def default_value(sql: str, kind: ColumnType) -> Any:
    """The `defaultValue` for the SQL of a default.

    Raises:
        NotHeld: It is an expression, or a value that the type cannot have.
    """
    bare = _bare(sql)
    if function := _FUNCTIONS.get(re.sub(r"\(\d\)$", "", bare).lower()):
        if function[0] is kind:
            return str(function[1])
        raise NotHeld
    value = _literal(bare, kind)
    if isinstance(value, str) and kind is not ColumnType.JSON and value in set(map(str, DefaultFunction)):
        raise NotHeld
    try:
        default_of(value, kind)
    except ValueError:
        raise NotHeld from None
    return value


def _literal(bare: str, kind: ColumnType) -> Any:
    if bare.lower() in ("true", "false"):
        return bare.lower() == "true"
    if _NUMBER.fullmatch(bare):
        return _number(bare, kind)
    if not _TEXT.fullmatch(bare):
        raise NotHeld
    text = bare[1:-1].replace("''", "'")
    if kind in (ColumnType.INT, ColumnType.BIG_INT, ColumnType.FLOAT, ColumnType.DECIMAL) and _NUMBER.fullmatch(text):
        return _number(text, kind)
    return text


def _number(text: str, kind: ColumnType) -> Any:
    if kind is ColumnType.BOOLEAN and text in ("0", "1"):
        return text == "1"
    if kind is ColumnType.DECIMAL:
        return text
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def limits_of(sql: str, column: str) -> dict[str, Any]:
    """The keys of *column* that say what a condition says: limits, lengths, or the values of an Enum.

    Raises:
        NotHeld: The condition says something else.
    """
    found: dict[str, Any] = {}
    name = f"(?:{_OWN}|{re.escape(column)})"
    plain = _bare(_with_plain_name(sql, column))
    if match := re.fullmatch(rf"{name} between (\S+) and (\S+)", plain, re.IGNORECASE):
        return {"minValue": _limit(match[1]), "maxValue": _limit(match[2])}
    if values := _values(plain, name):
        return {"enumValues": values}
    for part in re.split(r"\s+and\s+", plain, flags=re.IGNORECASE):
        found |= _one_limit(_bare(part), name)
    return found


def _with_plain_name(sql: str, column: str) -> str:
    """*sql* with a plain word for *column* in quotes, whose name may hold quotes, spaces, and words of SQL."""
    own = {'"{}"'.format(column.replace('"', '""')), "`{}`".format(column.replace("`", "``"))}
    return _ANY_QUOTED.sub(lambda match: _OWN if match[0] in own else match[0], sql)


def _one_limit(part: str, name: str) -> dict[str, Any]:
    if match := re.fullmatch(rf"{name} ?(>=|<=) ?(\S+)", part):
        return {LIMITS[match[1]]: _limit(match[2])}
    length = rf"(?:char_length|character_length|length)\({name}\) ?(>=|<=) ?(\d+)"
    if match := re.fullmatch(length, part, re.IGNORECASE):
        return {LIMITS[match[1]].replace("Value", "Length"): int(match[2])}
    raise NotHeld


def _limit(text: str) -> int | float:
    bare = _bare(text).strip("'")
    if not _NUMBER.fullmatch(bare):
        raise NotHeld
    return int(bare) if re.fullmatch(r"[+-]?\d+", bare) else float(bare)


def _values(plain: str, name: str) -> list[str]:
    """The texts of `name IN ('a', 'b')`, also as PostgreSQL writes it."""
    text = r"'(?:[^']|'')*'"
    match = re.fullmatch(rf"{name} in \(((?:{text}(?:, ?)?)+)\)", plain, re.IGNORECASE) or re.fullmatch(
        rf"{name} = any ?\(?\(?array\[((?:{text}(?:, ?)?)+)\]\)?\)?", plain, re.IGNORECASE
    )
    return [one[1:-1].replace("''", "'") for one in re.findall(text, match[1])] if match else []


def _bare(sql: str) -> str:
    """*sql* without casts and without the parentheses round the whole and round single words."""
    bare = _uncast(sql.strip())
    while is_wrapped(bare):
        bare = bare[1:-1].strip()
    if "array[" in bare.lower():
        bare = re.sub(r"\(('(?:[^']|'')*')\)", r"\1", bare)
    word = r"\"(?:[^\"]|\"\")*\"|[a-z_][a-z0-9_]*|-?\d+(?:\.\d+)?"
    return re.sub(rf"(?<![a-z_])\(({word})\)", r"\1", bare, flags=re.IGNORECASE)


def _uncast(sql: str) -> str:
    """*sql* without casts and with single spaces, outside of texts and of names in quotes."""
    parts = _QUOTED.split(sql)
    return "".join(part if i % 2 else _CAST.sub("", re.sub(r"\s+", " ", part)) for i, part in enumerate(parts))


def unwrapped(sql: str | None) -> str | None:
    """*sql* without the parentheses that PostgreSQL's catalogue puts round the whole."""
    return sql[1:-1] if sql and is_wrapped(sql) else sql


def is_wrapped(sql: str) -> bool:
    """Whether one pair of parentheses holds the whole."""
    if not (sql.startswith("(") and sql.endswith(")")):
        return False
    depth = 0
    for i, character in enumerate(_QUOTED.sub(lambda match: "x" * len(match[0]), sql)):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return i == len(sql) - 1
    return False
