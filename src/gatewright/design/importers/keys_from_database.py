"""From the foreign keys of a database to the references of a design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatewright.design.document import Table
from gatewright.design.importers.found import FoundCheck, FoundKey, FoundTable, TableName
from gatewright.design.importers.imported import Notes

_ACTIONS = {
    "NO ACTION": "noAction",
    "RESTRICT": "restrict",
    "CASCADE": "cascade",
    "SET NULL": "setNull",
    "SET DEFAULT": "setDefault",
}
_WHOLE = ("Int", "BigInt")
_TYPE_KEYS = ("type", "dbType", "maxLength", "precision", "scale")


@dataclass(slots=True)
class Linked:
    """A table of the database with what a design calls it.

    Attributes:
        raw: The values of the table in the design.
        names: Of the columns in the design, by their names in the database.
        columns: The values of the columns, by their names in the database.
        checks: The conditions that no key of a column says.
        known: The table as the design of the app has it.
    """

    table: FoundTable
    raw: dict[str, Any]
    names: dict[str, str]
    columns: dict[str, dict[str, Any]]
    checks: list[FoundCheck]
    known: Table | None = None


def add_foreign_keys(one: Linked, others: Mapping[TableName, Linked], notes: Notes) -> None:
    """Add the references of a table to its values; those to a table that is left out are noted."""
    keys = [raw for key in one.table.foreign_keys if (raw := _foreign_key(key, one, others, notes)) is not None]
    if keys:
        one.raw["foreignKeys"] = keys


def _foreign_key(key: FoundKey, one: Linked, others: Mapping[TableName, Linked], notes: Notes) -> dict[str, Any] | None:
    """The key as `foreignKeys` has it; None where it is written at its column, or cannot be held."""
    place = f"{one.table.shown}.{', '.join(key.columns)}"
    target = others.get(key.table)
    if target is None:
        notes.add(place, f"references {key.table[1]}, which is not imported; the reference is left out")
        return None
    to = key.to_columns or target.table.key
    if len(to) != len(key.columns) or not {*to} <= target.columns.keys():
        notes.add(place, f"references columns that {target.table.shown} does not have; the reference is left out")
        return None
    for column, other in zip(key.columns, to, strict=True):
        _align(one.columns[column], target.columns[other])
    if len(key.columns) == 1 and "references" not in one.columns[key.columns[0]]:
        _refer(key, (target, to[0]), one, notes, place)
        return None
    return {
        "columns": [one.names[name] for name in key.columns],
        "table": target.raw["name"],
        "toColumns": [target.names[name] for name in to],
        **({"name": key.name} if key.name else {}),
        **_actions(key, one, notes, place),
    }


def _refer(key: FoundKey, to: tuple[Linked, str], one: Linked, notes: Notes, place: str) -> None:
    target, name = to
    raw = one.columns[key.columns[0]]
    column = target.names[name]
    if str(raw.get("defaultValue", "")).endswith("()"):
        notes.add(place, f"the default {raw.pop('defaultValue')} refers to no row; it is left out")
    raw["references"] = {
        "table": target.raw["name"],
        **({"column": column} if column != "id" else {}),
        **_actions(key, one, notes, place),
    }
    raw.pop("isIndexed", None)


def _actions(key: FoundKey, one: Linked, notes: Notes, place: str) -> dict[str, str]:
    """`onDelete` always, since a design's own default is another one than a database's."""
    actions = {"onDelete": _ACTIONS[key.on_delete.upper()]}
    if key.on_update.upper() != "NO ACTION":
        actions["onUpdate"] = _ACTIONS[key.on_update.upper()]
    if "setNull" in actions.values() and all(_is_not_null(one.columns[name], name, one) for name in key.columns):
        notes.add(place, "SET NULL on a column that is never null fails in the database; it is noAction here")
        return {name: "noAction" if action == "setNull" else action for name, action in actions.items()}
    return actions


def _is_not_null(raw: Mapping[str, Any], name: str, one: Linked) -> bool:
    found = next(column for column in one.table.columns if column.name == name)
    return found.is_not_null or name in one.table.key or ("defaultValue" in raw and raw.get("isRequired") is not False)


def _align(column: dict[str, Any], target: dict[str, Any]) -> None:
    """Give both ends of a reference one type, as a design asks. Databases let a column reference a wider one."""
    if column["type"] == target["type"]:
        return
    if column["type"] in _WHOLE and target["type"] in _WHOLE:
        for one in (column, target):
            one["type"] = "BigInt"
        return
    for key in _TYPE_KEYS:
        column.pop(key, None)
        if key in target:
            column[key] = target[key]
