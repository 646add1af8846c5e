"""Values of one type as values of another: what the databases do with them, and which values they cannot convert.

Nothing is converted that could not be converted back by sense: where a pair of types is missing here, a person says in
a script what becomes of the values. In the SQL, `{c}` is the column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewright.design.difference import renamed_values
from gatewright.design.document import Column, ColumnType
from gatewright.storage.checks import quoted_name, text_literal

_T = ColumnType
_TEXTS = (_T.STRING, _T.TEXT, _T.ENUM)
_WHOLE = (_T.INT, _T.BIG_INT)
_NUMBERS = (*_WHOLE, _T.FLOAT, _T.DECIMAL)
_RANGES = {_T.INT: (-(2**31), 2**31 - 1), _T.BIG_INT: (-(2**63), 2**63 - 1)}
_DIGITS = {_T.INT: 9, _T.BIG_INT: 18}
_EXACT_IN_FLOAT = 2**53
_LEAP = "([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
_DAY = (
    "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the values of a column become values of another type.

    Attributes:
        sqlite: The new value, as SQLite stores it; `{c}` where that is the former one.
        postgresql: The new value in PostgreSQL.
        fits_sqlite: A condition that holds for values which can be converted; empty for all.
        fits_postgresql: The same for PostgreSQL.
        loses: What every value loses, as the end of a sentence.
    """

    sqlite: str = "{c}"
    postgresql: str = "{c}"
    fits_sqlite: str = ""
    fits_postgresql: str = ""
    loses: str = ""

    def at(self, name: str) -> Conversion:
        """The same for the column that the database calls *name*."""
        column = quoted_name(name)
        return Conversion(
            self.sqlite.replace("{c}", column),
            self.postgresql.replace("{c}", column),
            self.fits_sqlite.replace("{c}", column),
            self.fits_postgresql.replace("{c}", column),
            self.loses,
        )


def conversion_between(old: Column, new: Column) -> Conversion | None:
    """How values of *old* become values of *new*; None where it is not known."""
    renamed = renamed_values(old, new)
    if renamed and old.db_type == new.db_type:
        return _by_value(renamed)
    if old.db_type or new.db_type or old.counts_up is not new.counts_up:
        return None
    if old.type in _TEXTS:
        return Conversion() if new.type in _TEXTS else _from_text(new)
    if new.type in (_T.STRING, _T.TEXT):
        return _TO_TEXT.get(old.type)
    if old.type in _NUMBERS and new.type in _NUMBERS:
        return _between_numbers(old, new)
    return _OTHERS.get((old.type, new.type))


def _by_value(renamed: Mapping[str, str]) -> Conversion:
    """Values under other names; all others stay."""
    literals = ((_literal(former), _literal(name)) for former, name in renamed.items())
    cases = " ".join(f"WHEN {former} THEN {name}" for former, name in literals)
    named = f"CASE {{c}} {cases} ELSE {{c}} END"
    return Conversion(named, named)


def _literal(value: str) -> str:
    """*value* in SQL, in which `{c}` is not the column."""
    return text_literal(value).replace("{c}", "{' || 'c}")


def _from_text(new: Column) -> Conversion | None:
    match new.type:
        case ColumnType.INT | ColumnType.BIG_INT:
            low, high = _RANGES[new.type]
            kind = "INTEGER" if new.type is _T.INT else "BIGINT"
            digits = f"'^(0|-?[1-9][0-9]{{0,{_DIGITS[new.type]}}})$'"
            return Conversion(
                "CAST({c} AS INTEGER)",
                f"CAST({{c}} AS {kind})",
                f"CAST(CAST({{c}} AS INTEGER) AS TEXT) = {{c}} AND CAST({{c}} AS INTEGER) BETWEEN {low} AND {high}",
                f"CASE WHEN {{c}} ~ {digits} THEN CAST({{c}} AS NUMERIC) BETWEEN {low} AND {high} ELSE false END",
            )
        case ColumnType.FLOAT:
            return Conversion("CAST({c} AS REAL)", "CAST({c} AS DOUBLE PRECISION)", _SQLITE_NUMBER, _POSTGRESQL_NUMBER)
        case ColumnType.DECIMAL:
            size = _size(new)
            return Conversion(
                "CAST({c} AS REAL)",
                f"CAST({{c}} AS NUMERIC{size})",
                _SQLITE_NUMBER + _and(_fits_decimal(new, "CAST({c} AS REAL)")),
                f"CASE WHEN {_POSTGRESQL_NUMBER} THEN {_fits_decimal(new, 'CAST({c} AS NUMERIC)') or 'true'} "
                "ELSE false END",
            )
        case _:
            return _FROM_TEXT.get(new.type)


def _between_numbers(old: Column, new: Column) -> Conversion:
    kind = {_T.INT: "INTEGER", _T.BIG_INT: "BIGINT", _T.FLOAT: "DOUBLE PRECISION"}.get(new.type, f"NUMERIC{_size(new)}")
    fits = ""
    if new.type in _WHOLE and not (old.type is _T.INT or old.type is new.type):
        low, high = _RANGES[new.type]
        fits = f"{{c}} BETWEEN {low} AND {high}" + ("" if old.type in _WHOLE else " AND {c} = round({c})")
    elif new.type is _T.DECIMAL:
        fits = _fits_decimal(new, "CAST({c} AS NUMERIC)")
    elif new.type is _T.FLOAT and old.type is _T.BIG_INT:
        fits = f"{{c}} BETWEEN -{_EXACT_IN_FLOAT} AND {_EXACT_IN_FLOAT}"
    return Conversion("{c}", f"CAST({{c}} AS {kind})", fits, fits)


def _size(column: Column) -> str:
    return "" if column.precision is None else f"({column.precision}, {column.scale or 0})"


def _fits_decimal(column: Column, value: str) -> str:
    if column.precision is None:
        return ""
    scale = column.scale or 0
    return f"abs({value}) < 1e{column.precision - scale} AND {value} = round({value}, {scale})"


def _and(condition: str) -> str:
    return f" AND {condition}" if condition else ""


_SQLITE_NUMBER = (
    "{c} GLOB '*[0-9]*' AND NOT {c} GLOB '*[^-0-9.]*' AND NOT {c} GLOB '?*-*' AND NOT {c} GLOB '*.*.*' "
    "AND NOT {c} GLOB '*.'"
)
_POSTGRESQL_NUMBER = "{c} ~ '^-?[0-9]*[.]?[0-9]+$'"

# Behind the seconds, without a zone: texts of another zone than UTC do not fit.
_FRACTION = "replace(replace(substr({c}, 20), 'Z', ''), '+00' || ':' || '00', '')"

_FROM_TEXT = {
    _T.BOOLEAN: Conversion(
        "CASE WHEN lower({c}) IN ('true', '1') THEN 1 WHEN {c} IS NOT NULL THEN 0 END",
        "lower({c}) IN ('true', '1')",
        "lower({c}) IN ('true', 'false', '1', '0')",
        "lower({c}) IN ('true', 'false', '1', '0')",
    ),
    _T.UUID: Conversion(
        "lower(replace({c}, '-', ''))",
        "CAST(replace({c}, '-', '') AS UUID)",
        "length(replace({c}, '-', '')) = 32 AND NOT replace({c}, '-', '') GLOB '*[^0-9a-fA-F]*'",
        "replace({c}, '-', '') ~ '^[0-9a-fA-F]{32}$'",
    ),
    _T.DATE_TIME: Conversion(
        "replace(substr({c}, 1, 19), 'T', ' ') || '.' || substr(replace(" + _FRACTION + ", '.', '') || '000000', 1, 6)",
        "CAST({c} AS TIMESTAMP) AT TIME ZONE 'UTC'",
        "substr({c}, 1, 19) GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]' "
        "AND datetime(substr({c}, 1, 19), '+0 days') = replace(substr({c}, 1, 19), 'T', ' ') "
        f"AND ({_FRACTION} = '' OR ({_FRACTION} GLOB '.[0-9]*' AND NOT substr({_FRACTION}, 2) GLOB '*[^0-9]*'))",
        f"{{c}} ~ '^({_DAY}|{_LEAP})[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+]00[:]00)?$'",
    ),
    _T.DATE: Conversion(
        "{c}",
        "CAST({c} AS DATE)",
        "{c} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date({c}, '+0 days') = {c}",
        f"{{c}} ~ '^({_DAY}|{_LEAP})$'",
    ),
}
_PARTS_OF_UUID = (
    "substr({c}, 1, 8) || '-' || substr({c}, 9, 4) || '-' || substr({c}, 13, 4) || '-' || "
    "substr({c}, 17, 4) || '-' || substr({c}, 21)"
)
_AS_TEXT = Conversion("CAST({c} AS TEXT)", "CAST({c} AS TEXT)")
_TO_TEXT = {
    **dict.fromkeys((*_NUMBERS, _T.DATE, _T.TIME, _T.JSON), _AS_TEXT),
    _T.BOOLEAN: Conversion("CASE {c} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", "CAST({c} AS TEXT)"),
    _T.UUID: Conversion(_PARTS_OF_UUID, "CAST({c} AS TEXT)"),
    _T.DATE_TIME: Conversion(
        "{c} || '+00' || ':' || '00'",
        "to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24' || ':' || 'MI' || ':' || 'SS.US') || '+00' || ':' || '00'",
    ),
}
_IS_FLAG = "{c} IN (0, 1)"
_OTHERS = {
    (_T.BOOLEAN, _T.INT): Conversion("{c}", "CAST({c} AS INTEGER)"),
    (_T.BOOLEAN, _T.BIG_INT): Conversion("{c}", "CAST(CAST({c} AS INTEGER) AS BIGINT)"),
    (_T.INT, _T.BOOLEAN): Conversion("{c}", "{c} = 1", _IS_FLAG, _IS_FLAG),
    (_T.BIG_INT, _T.BOOLEAN): Conversion("{c}", "{c} = 1", _IS_FLAG, _IS_FLAG),
    (_T.DATE, _T.DATE_TIME): Conversion(
        "{c} || ' 00' || ':' || '00' || ':' || '00.000000'", "CAST({c} AS TIMESTAMP) AT TIME ZONE 'UTC'"
    ),
    (_T.DATE_TIME, _T.DATE): Conversion(
        "substr({c}, 1, 10)", "CAST({c} AT TIME ZONE 'UTC' AS DATE)", loses="loses the time of the day"
    ),
}
