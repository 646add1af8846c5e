"""The types of MariaDB and MySQL in the words of PostgreSQL, which a design is kept in."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPELLING = re.compile(r"([A-Z0-9_]+)(?: PRECISION)?(?:\((.*)\))?(.*)", re.DOTALL)
_PLAIN = {
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "MEDIUMINT": "integer",
    "INT": "integer",
    "BIGINT": "bigint",
    "YEAR": "smallint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "DATETIME": "timestamp with time zone",
    "TIMESTAMP": "timestamp with time zone",
    "JSON": "json",
    "UUID": "uuid",
    "INET": "inet",
    **dict.fromkeys(("TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT"), "text"),
    **dict.fromkeys(("TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY"), "bytea"),
}
_SIZED = {"CHAR": "char", "VARCHAR": "varchar", "NCHAR": "char", "NVARCHAR": "varchar", "DECIMAL": "numeric"}
# Whole numbers without a sign reach higher than those of the same width with one.
_UNSIGNED = {"SMALLINT": "integer", "INT": "bigint"}


@dataclass(frozen=True, slots=True)
class TypeInWords:
    """A type.

    Attributes:
        type: As PostgreSQL spells it.
        is_unsigned: Whether no value is below zero.
        notes: What is lost, or was decided.
    """

    type: str
    is_unsigned: bool = False
    notes: tuple[str, ...] = ()


def type_in_words(spelling: str) -> TypeInWords:
    """The type for a type as MariaDB spells it."""
    match = _SPELLING.fullmatch(spelling.strip())
    name, sizes, rest = (match[1], match[2] or "", match[3]) if match else ("", "", "")
    is_unsigned = "UNSIGNED" in rest
    shown = spelling.lower() if name not in ("ENUM", "SET") else name.lower() + f"({sizes})"
    if name == "ENUM":
        return TypeInWords(shown)
    if (name, sizes) in (("TINYINT", "1"), ("BIT", "1")) and not is_unsigned:
        return TypeInWords("boolean", notes=(f"{shown} is Boolean",))
    if name in _SIZED:
        size = f"({sizes.replace(' ', '')})" if sizes else ""
        return TypeInWords(_SIZED[name] + size, is_unsigned)
    if name not in _PLAIN:
        return TypeInWords("text", notes=(f"a design cannot hold the type {shown}; it is Text there",))
    return TypeInWords(_UNSIGNED.get(name, _PLAIN[name]) if is_unsigned else _PLAIN[name], is_unsigned,
                       _notes(name, sizes, shown, is_unsigned=is_unsigned))  # fmt: skip


def _notes(name: str, sizes: str, shown: str, *, is_unsigned: bool) -> tuple[str, ...]:
    if name == "DATETIME":
        return (f"{shown} has no time zone, a DateTime has one",)
    if name == "BIGINT" and is_unsigned:
        return (f"a BigInt holds at most 9223372036854775807, half of what {shown} holds",)
    if name in ("BINARY", "VARBINARY") and sizes:
        return (f"a design cannot hold the length of {shown}; it is left out",)
    return ()
