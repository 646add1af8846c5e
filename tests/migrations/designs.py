"""Any valid design, for hypothesis, with rows that its tables take."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gatewright.design.document import Design
from gatewright.design.problems import DesignError
from tests.generator.designs import completed

ID: dict[str, Any] = {"name": "id", "type": "String", "isPrimaryKey": True}
_TYPES = {
    "alpha": ("String", "varchar(90)"),
    "bravo": ("Int", None),
    "Charlie": ("Json", "jsonb"),
    "deltaEcho": ("Decimal", None),
    "foxtrot": ("DateTime", "timestamp(3) with time zone"),
    "golf": ("Text", None),
    "hotel": ("Boolean", None),
    "india": ("Float", "real"),
    "juliet": ("Uuid", None),
    "kilo": ("Time", None),
    "lima": ("BigInt", None),
    "mike": ("Date", None),
    "november": ("Bytes", None),
    "oscar": ("String", None),
}
"""A column of one name has one type: changes of types have tests of their own."""
_TABLES = ("Ant", "Bee", "Crow")
_ODD_NAMES = st.sampled_from([None, None, "odd name", "Ünï %(x)s :y", "it's"])
_ACTIONS = st.sampled_from(["cascade", "restrict", "setNull", "noAction"])
_LIMITS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "String": {"maxLength": st.integers(20, 40), "minLength": st.just(1)},
    "Text": {"maxLength": st.integers(20, 90)},
    "Int": {"minValue": st.integers(-9, 0), "maxValue": st.integers(100, 900)},
    "BigInt": {"minValue": st.integers(-9, 0)},
    "Float": {"maxValue": st.integers(100, 900)},
    "Bytes": {"maxLength": st.integers(9, 30)},
}
VALUES: dict[str, list[str]] = {
    "String": ["'it''s :a'", "'b'"],
    "Text": ["'line'", "'Ö'"],
    "Int": ["1", "7"],
    "BigInt": ["1", "9007199254740993"],
    "Float": ["0.5", "2"],
    "Decimal": ["1.5", "3"],
    "Boolean": ["TRUE", "FALSE"],
    "DateTime": ["'2026-01-31 12:00:00.000000'", "'2026-01-31 13:00:00.000000'"],
    "Date": ["'2026-01-31'", "'2025-01-31'"],
    "Time": ["'12:00:00.000000'", "'13:00:00.000000'"],
    "Json": ["'1'", "'{}'"],
    "Uuid": ["'0189b6a0000070008000000000000000'", "'0189b6a0000070008000000000000001'"],
}
"""Two values of each type in the SQL of both databases; bytes have none."""


@st.composite
def columns(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A plain column."""
    kind, own = _TYPES[name]
    column: dict[str, Any] = {"name": name, "type": kind, **({"dbType": own} if own else {})}
    for key, values in _LIMITS.get(kind, {}).items():
        if draw(st.booleans()):
            column[key] = draw(values)
    if kind not in ("Json", "Text", "Bytes"):
        column.update({key: True for key in ("isIndexed", "isUnique") if draw(st.integers(0, 3)) == 0})
    if (odd := draw(_ODD_NAMES)) is not None:
        column["dbName"] = f"{odd} {name}"
    return column


@st.composite
def tables(draw: st.DrawFn, name: str, others: tuple[str, ...]) -> dict[str, Any]:
    """A table that refers to *others*, or to itself."""
    names = draw(st.lists(st.sampled_from(sorted(_TYPES)), unique=True, max_size=4))
    table: dict[str, Any] = {"name": name, "columns": [ID, *(draw(columns(each)) for each in names)]}
    for i, target in enumerate(draw(st.lists(st.sampled_from([*others, name]), max_size=2))):
        reference = {"table": target, "onDelete": draw(_ACTIONS)}
        table["columns"].append({"name": f"to{target}{i}", "type": "String", "references": reference})
    if draw(st.booleans()):
        table["columns"].append({"name": "pair", "type": "Int", "isRequired": False, "defaultValue": 1})
        table["indexes"] = [{"columns": ["id", "pair"], "isUnique": True}]
        if draw(st.booleans()):
            table["indexes"].append({"columns": ["pair"], "where": "pair > 1 AND pair <> 5", "name": f"some {name}"})
        if draw(st.booleans()):
            key = {"columns": ["pair", "id"], "table": name, "toColumns": ["pair", "id"], "name": f"own {name}"}
            table["foreignKeys"] = [{**key, "onDelete": "noAction"}]
        if draw(st.booleans()):
            computed = {"expression": draw(st.sampled_from(["pair + 1", "pair * 2"])), "isStored": True}
            table["columns"].append(
                {"name": "sum", "type": "Int", "computed": computed, "isIndexed": draw(st.booleans())}
            )
    if draw(st.booleans()):
        table["checks"] = [
            {"name": f"a check of {name}", "expression": draw(st.sampled_from(["id <> '0'", "length(id) > 0"]))}
        ]
    if (odd := draw(_ODD_NAMES)) is not None:
        table["dbName"] = f"{odd} {name}s"
    return table


@st.composite
def designs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The raw tables of a valid design."""
    names = draw(st.lists(st.sampled_from(_TABLES), unique=True, max_size=3))
    raw = [draw(tables(name, tuple(names[:i]))) for i, name in enumerate(names)]
    if raw and draw(st.integers(0, 3)) == 0:
        # A circle, which needs references that come last.
        raw[0]["columns"].append({"name": "back", "type": "String", "references": names[-1]})
    # Clients could set its key of two columns to a deleted row, and rows that cascade need the key as well.
    if not any("foreignKeys" in table for table in raw) and draw(st.integers(0, 2)) == 0:
        raw = [{**table, "softDelete": True} for table in raw]
    is_valid(raw)
    return raw


def is_valid(raw: list[dict[str, Any]]) -> Design:
    """The design of *raw*; a strategy that makes another one is wrong."""
    try:
        return completed(*raw)
    except DesignError as error:
        raise AssertionError(error) from error


def values_of(column: dict[str, Any]) -> list[str]:
    """Two values that *column* takes; none where there are no two that both databases write alike."""
    if column["name"] == "pair":
        return ["1", "2"]
    if "references" in column or "computed" in column:
        return []
    return VALUES.get(column["type"], []) if column["name"] != "id" else ["'1'", "'2'"]
