"""From types in SQL to types of a design."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gatewright.design.document import ColumnType
from gatewright.design.kinds import DATABASE_TYPE

_TYPE = re.compile(r"\s*([A-Za-z_][\w. ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*([A-Za-z ]*?))?\s*(\[\])?\s*")

# The type of the design, and the type of the database where it is another than the design's own.
_PLAIN: dict[str, tuple[ColumnType, str | None]] = {
    **dict.fromkeys(("text", "longtext", "mediumtext", "tinytext", "clob"), (ColumnType.TEXT, None)),
    **dict.fromkeys(("int", "integer", "int4", "mediumint", "serial", "serial4"), (ColumnType.INT, None)),
    **dict.fromkeys(("smallint", "int2", "tinyint", "smallserial", "serial2"), (ColumnType.INT, "smallint")),
    **dict.fromkeys(("bigint", "int8", "bigserial", "serial8"), (ColumnType.BIG_INT, None)),
    **dict.fromkeys(("float", "double", "double precision", "float8"), (ColumnType.FLOAT, None)),
    **dict.fromkeys(("real", "float4"), (ColumnType.FLOAT, "real")),
    **dict.fromkeys(("boolean", "bool"), (ColumnType.BOOLEAN, None)),
    **dict.fromkeys(("timestamptz", "timestamp with time zone"), (ColumnType.DATE_TIME, None)),
    **dict.fromkeys(("timestamp", "datetime", "timestamp without time zone"), (ColumnType.DATE_TIME, None)),
    "date": (ColumnType.DATE, None),
    **dict.fromkeys(("time", "time without time zone"), (ColumnType.TIME, None)),
    "json": (ColumnType.JSON, None),
    "jsonb": (ColumnType.JSON, "jsonb"),
    **dict.fromkeys(("bytea", "blob", "binary", "varbinary", "longblob", "mediumblob"), (ColumnType.BYTES, None)),
    **dict.fromkeys(("uuid", "uniqueidentifier"), (ColumnType.UUID, None)),
}
_NAIVE = frozenset({"timestamp", "datetime", "timestamp without time zone"})
_SIZED = frozenset({"varchar", "character varying", "nvarchar", "varchar2", "string"})
_FIXED = frozenset({"char", "character", "bpchar", "nchar"})
_EXACT = frozenset({"numeric", "decimal", "number"})
_COUNTED = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})


@dataclass(frozen=True, slots=True)
class FoundType:
    """A type of the design.

    Attributes:
        keys: What belongs to it: `maxLength`, `precision`, `scale`, `dbType`.
        is_counted: Whether it counts up by itself, as serial does.
        lacks_zone: Whether it is a moment without a time zone, which a DateTime always has.
        is_known: Whether the design has a type for it; otherwise it is a text there.
    """

    type: ColumnType
    keys: dict[str, object] = field(default_factory=dict)
    is_counted: bool = False
    is_known: bool = True
    lacks_zone: bool = False


def type_of(text: str) -> FoundType:
    """The type of the design for a type in SQL."""
    match = _TYPE.fullmatch(text.lower())
    if match is None or match[5]:
        return _unknown(text)
    name = " ".join(f"{match[1]} {match[4] or ''}".split())
    sizes = [int(size) for size in match.group(2, 3) if size is not None]
    if name in _SIZED:
        return FoundType(ColumnType.STRING, {"maxLength": sizes[0]} if sizes else {})
    if name == "bpchar" and not sizes:
        # As long as any text: char in PostgreSQL is char(1).
        return FoundType(ColumnType.TEXT, is_known=False)
    if name in _FIXED:
        length = sizes[0] if sizes else 1
        return FoundType(ColumnType.STRING, {"maxLength": length, "dbType": f"char({length})"})
    if name in _EXACT:
        return FoundType(ColumnType.DECIMAL, dict(zip(("precision", "scale"), sizes, strict=False)))
    return _unknown(text) if name not in _PLAIN else _plain(name, sizes, match)


def _plain(name: str, sizes: list[int], match: re.Match[str]) -> FoundType:
    if name == "tinyint" and sizes == [1]:
        return FoundType(ColumnType.BOOLEAN)
    kind, db_type = _PLAIN[name]
    lacks_zone = kind is ColumnType.DATE_TIME and name in _NAIVE
    if kind in (ColumnType.DATE_TIME, ColumnType.TIME) and sizes and not lacks_zone:
        db_type = f"{match[1]}({sizes[0]}) {match[4] or ''}".strip()
    return FoundType(
        kind, {} if db_type is None else {"dbType": db_type}, is_counted=name in _COUNTED, lacks_zone=lacks_zone
    )


def _unknown(text: str) -> FoundType:
    plain = " ".join(text.split())
    fits = re.fullmatch(DATABASE_TYPE.pattern, plain) is not None
    return FoundType(ColumnType.TEXT, {"dbType": plain} if fits else {}, is_known=False)
