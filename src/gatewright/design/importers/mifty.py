"""Mifty's `db.design.ts`, whose tables may stand in a list or under their names."""

from __future__ import annotations

from typing import Any

_KEYS = ("columns", "tables")


def as_tables(raw: Any) -> Any:
    """*raw* with tables and columns as lists, where they stand under their names: `{User: {columns: {id: {…}}}}`."""
    if isinstance(raw, dict) and not any(key in raw for key in (*_KEYS, "$schema", "version")):
        return [_named(name, table) for name, table in raw.items()]
    if isinstance(raw, dict) and isinstance(raw.get("tables"), dict):
        return raw | {"tables": [_named(name, table) for name, table in raw["tables"].items()]}
    return raw


def _named(name: str, table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    columns = table.get("columns")
    if isinstance(columns, dict):
        listed = [{"name": key} | column if isinstance(column, dict) else column for key, column in columns.items()]
        table = table | {"columns": listed}
    return {"name": name} | table
