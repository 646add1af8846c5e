"""From the types of databases to the types of a design."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gatewright.design.document import ColumnType
from gatewright.design.kinds import DATABASE_TYPE

_SPELLING = re.compile(r"([a-z][a-z0-9_ .]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*([a-z ]*)(\[\])*")
_SAME = {
    "bool": "boolean",
    "bpchar": "char",
    "character": "char",
    "character varying": "varchar",
    "nvarchar": "varchar",
    "dec": "numeric",
    "decimal": "numeric",
    "double": "double precision",
    "float": "double precision",
    "float8": "double precision",
    "float4": "real",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "datetime": "timestamp with time zone",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "smallserial": "smallint",
    "timetz": "time with time zone",
    "time without time zone": "time",
    "blob": "bytea",
    "serial": "integer",
    "bigserial": "bigint",
}
# The type, and whether it is what a design makes of that type by itself.
_TYPES = {
    "varchar": (ColumnType.STRING, True),
    "char": (ColumnType.STRING, False),
    "text": (ColumnType.TEXT, True),
    "citext": (ColumnType.TEXT, False),
    "smallint": (ColumnType.INT, False),
    "integer": (ColumnType.INT, True),
    "bigint": (ColumnType.BIG_INT, True),
    "real": (ColumnType.FLOAT, False),
    "double precision": (ColumnType.FLOAT, True),
    "numeric": (ColumnType.DECIMAL, True),
    "boolean": (ColumnType.BOOLEAN, True),
    "timestamp with time zone": (ColumnType.DATE_TIME, True),
    "timestamp without time zone": (ColumnType.DATE_TIME, True),
    "date": (ColumnType.DATE, True),
    "time": (ColumnType.TIME, True),
    "json": (ColumnType.JSON, True),
    "jsonb": (ColumnType.JSON, False),
    "bytea": (ColumnType.BYTES, True),
    "uuid": (ColumnType.UUID, True),
}
_WITHOUT_ZONE = "timestamp without time zone"


@dataclass(frozen=True, slots=True)
class DesignType:
    """What a design calls the type of a column.

    Attributes:
        keys: The keys of the column besides `type`: its length, digits, and `dbType` where the type is not the one
            that a design makes by itself.
        is_known: Whether the design has such a type; otherwise it is Text with a `dbType`.
        has_zone: False for moments without a time zone, which a DateTime of a design is not.
    """

    type: ColumnType
    keys: dict[str, Any]
    is_known: bool = True
    has_zone: bool = True


def design_type(spelling: str) -> DesignType:
    """The type of a design for a type as a database spells it."""
    plain = (
        " ".join(spelling.lower().replace('"', "").split())
        .removeprefix("public.")
        .removeprefix("pg_catalog.")
        .replace(" (", "(")
    )
    plain = re.sub(r"^character(?=\(|$)", "char", re.sub(r"^(time\(\d\)) without time zone$", r"\1", plain))
    match = _SPELLING.fullmatch(plain)
    if match is None or match[5]:
        return DesignType(ColumnType.TEXT, _database_type(plain), is_known=False)
    first, second = match[2], match[3]
    if plain == "bpchar":
        # As long as any text: char in PostgreSQL is char(1).
        return DesignType(ColumnType.TEXT, {}, is_known=False)
    word = " ".join(f"{match[1]} {match[4]}".split()) if first else plain
    word = _SAME.get(word, word)
    if word not in _TYPES:
        return DesignType(ColumnType.TEXT, _database_type(plain), is_known=False)
    kind, is_own = _TYPES[word]
    keys: dict[str, Any] = {}
    if kind is ColumnType.STRING and first:
        keys["maxLength"] = int(first)
    elif kind is ColumnType.DECIMAL and first:
        keys |= {"precision": int(first)} | ({"scale": int(second)} if second and second != "0" else {})
    elif first and word in ("timestamp with time zone", "time"):
        is_own = first == "6"  # As many digits as PostgreSQL keeps by itself.
    return DesignType(kind, keys if is_own else keys | _database_type(plain), has_zone=word != _WITHOUT_ZONE)


def _database_type(plain: str) -> dict[str, Any]:
    """`dbType`, where the vocabulary can hold the spelling."""
    return {"dbType": plain} if re.fullmatch(DATABASE_TYPE.pattern, plain) and len(plain) <= 63 else {}
