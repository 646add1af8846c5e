"""From a column of a database to the values of a design's column."""

from __future__ import annotations

from typing import Any

from gatewright.design.document import ColumnType
from gatewright.design.importers.database_types import design_type
from gatewright.design.importers.found import FoundCheck, FoundColumn, FoundTable
from gatewright.design.importers.imported import Notes
from gatewright.design.importers.names import column_database_name
from gatewright.design.importers.sql_values import NotHeld, default_value, is_null, limits_of

_OF_SQLITE = "_sqlite_type"
_WHOLE = (ColumnType.INT, ColumnType.BIG_INT)
_LIMITED = {
    "minValue": (*_WHOLE, ColumnType.FLOAT, ColumnType.DECIMAL),
    "minLength": (ColumnType.STRING, ColumnType.TEXT),
}


def column_values(
    found: FoundColumn, table: FoundTable, *, name: str, is_keyed: bool, checks: list[FoundCheck], notes: Notes
) -> dict[str, Any]:
    """The values of a column.

    Args:
        is_keyed: Whether a key or an index is over it: then a text is a String, since a design indexes no Text.
        checks: The conditions of the table; those that a key of the column says are taken out.
    """
    place = f"{table.shown}.{found.name}"
    raw = _typed(found, is_keyed, place, notes)
    if (kept := column_database_name(name, found.name)) is not None:
        raw["dbName"] = kept
    if found.name in table.key:
        raw["isPrimaryKey"] = True
    _take_checks(raw, found, table, checks, notes)
    _add_value(raw, found, table, place, notes)
    if found.name not in table.key:
        is_default = "defaultValue" in raw or "isUpdatedAt" in raw
        if found.is_not_null and not is_default:
            raw["isRequired"] = True
        elif not found.is_not_null and is_default:
            raw["isRequired"] = False
    if found.comment:
        raw["description"] = found.comment
    return {"name": name, **raw}


def _typed(found: FoundColumn, is_keyed: bool, place: str, notes: Notes) -> dict[str, Any]:
    if found.enum_values:
        notes.add(place, f"{found.type} is an enum of the database; in the design it is a text that allows its labels")
        return {"type": "Enum", "enumValues": list(found.enum_values)}
    kind = design_type(found.type)
    if not kind.is_known:
        notes.add(place, f"a design cannot hold the type {found.type or 'without a name'}; it is Text there")
    if not kind.has_zone:
        notes.add(place, f"{found.type} has no time zone, a DateTime has one")
    if kind.type is ColumnType.TEXT and is_keyed:
        return {"type": "String", **({"dbType": "text"} | kind.keys)}
    return {"type": str(kind.type), **kind.keys}


def _take_checks(
    raw: dict[str, Any], found: FoundColumn, table: FoundTable, checks: list[FoundCheck], notes: Notes
) -> None:
    """Take out the conditions that keys of the column say."""
    own = f"ck_{table.name}_{found.name}"
    for check in list(checks):
        if check.name == f"{own}{_OF_SQLITE}":
            if raw["type"] == "String" and check.expression.replace('"', "") == f"length({found.name}) = 32":
                raw["type"] = "Uuid"
                del raw["maxLength"], raw["dbType"]
            checks.remove(check)
            continue
        if raw["type"] == "Json" and check.expression.replace('"', "") == f"json_valid({found.name})":
            checks.remove(check)
            continue
        try:
            keys = limits_of(check.expression, found.name)
        except NotHeld:
            continue
        if take_limits(raw, keys):
            checks.remove(check)
            if check.name and not check.name.startswith(own):
                notes.add(f"{table.shown}.{check.name}", f"the check is {' and '.join(keys)} of {found.name}")


def take_limits(raw: dict[str, Any], keys: dict[str, Any]) -> bool:
    """Keep the limits or values that a condition says, if the column can have them and has no others."""
    kind = ColumnType(raw["type"])
    if {"minValue", "maxValue", "minLength", "enumValues"} & keys.keys() & raw.keys():
        return False
    if "enumValues" in keys:
        if kind not in (ColumnType.STRING, ColumnType.TEXT):
            return False
        if raw.get("defaultValue", keys["enumValues"][0]) not in keys["enumValues"]:
            return False
        longest = max(map(len, keys["enumValues"]))
        length = raw.pop("maxLength", None)
        database_type = raw.get("dbType", "text" if kind is ColumnType.TEXT else None)
        if length not in (None, longest):
            database_type = f"varchar({length})"
        raw |= {"type": "Enum", **keys}
        if database_type:
            raw["dbType"] = database_type
        return True
    form = "minLength" if keys.keys() & {"minLength", "maxLength"} else "minValue"
    is_whole = all(isinstance(value, int) for value in keys.values())
    if kind not in _LIMITED[form] or (kind in _WHOLE and not is_whole):
        return False
    raw |= keys
    return True


def _add_value(raw: dict[str, Any], found: FoundColumn, table: FoundTable, place: str, notes: Notes) -> None:
    if found.computed is not None:
        raw["computed"] = {"expression": found.computed} | ({"isStored": True} if found.is_stored else {})
    elif found.is_identity:
        if table.key == (found.name,) and ColumnType(raw["type"]) in _WHOLE:
            raw["defaultValue"] = "autoincrement()"
            if raw.pop("dbType", None):
                notes.add(place, f"{found.type} counts up, which is an Int in a design")
        else:
            notes.add(place, "counts up by itself, which a design has only for a key of one column")
    elif found.is_updated_at and raw["type"] == "DateTime":
        raw["isUpdatedAt"] = True
    elif not is_null(found.default):
        _add_default(raw, found, table, place, notes)


def _add_default(raw: dict[str, Any], found: FoundColumn, table: FoundTable, place: str, notes: Notes) -> None:
    default = found.default or ""
    try:
        value = default_value(default, ColumnType(raw["type"]))
    except NotHeld:
        notes.add(place, f"a design cannot hold the default {default}; it is left out")
        return
    if raw["type"] == "Enum" and value not in raw["enumValues"]:
        notes.add(place, f"the default {default} is not one of the values; it is left out")
    elif table.key == (found.name,) and not str(value).endswith("()"):
        notes.add(place, f"the default {default} would give every row the same key; it is left out")
    else:
        raw["defaultValue"] = value
