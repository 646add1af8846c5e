"""Canonical writing: one design has one text, made for reading and for diffs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

from gatewright.design.document import Column, ColumnType, Design, Reference, Rule
from gatewright.design.kinds import VALUE, keys_of
from gatewright.design.values import json_of

WIDTH = 120


def write_design(design: Design) -> str:
    """The text of *design*: JSON, two spaces, keys in a fixed order, one line for a column that fits.

    What is marked as the engine's loses that mark: a document knows none.
    """
    return _text(design, with_engine_keys=False)


def write_snapshot(design: Design) -> str:
    """The text of a completed design, to be kept beside a migration: with what is marked as the engine's."""
    return _text(design, with_engine_keys=True)


def write_reference(reference: Reference) -> str:
    """What a column has behind `"references":`, on one line."""
    return _line(_plain(reference, False))


def _text(design: Design, *, with_engine_keys: bool) -> str:
    return _block(_plain(design, with_engine_keys), 0) + "\n"


def _plain(part: object, engine: bool) -> object:
    """*part* as JSON values."""
    if is_dataclass(part) and not isinstance(part, Rule):
        return _object(part, engine)
    if isinstance(part, tuple):
        items = [_plain(item, engine) for item in part]
        return items[0] if len(items) == 1 and isinstance(part[0], Rule) else items
    return str(part) if isinstance(part, str | Rule) else part


def _object(part: Any, engine: bool) -> object:
    if isinstance(part, Reference) and part == Reference(part.table):
        return part.table
    written: dict[str, object] = {}
    for key in keys_of(part.__class__):
        value = getattr(part, key.field)
        is_default = value is None or (value == key.default and not key.always)
        if is_default or (key.engine_only and not engine):
            continue
        written[key.name] = _literal(part, value) if key.kind is VALUE else _plain(value, engine)
    return written


def _literal(part: object, value: str | int | float | bool) -> object:
    return json_of(value, part.type if isinstance(part, Column) else ColumnType.JSON)


def _block(value: object, depth: int) -> str:
    """*value* over several lines where it is a level of the document or too long for one."""
    inner, outer = "  " * (depth + 1), "  " * depth
    if not isinstance(value, dict | list) or not value:
        return _line(value)
    if depth not in (0, 2) and not (isinstance(value, list) and isinstance(value[0], dict) and depth < 4):
        line = _line(value)
        if len(outer) + len(line) < WIDTH:
            return line
    if isinstance(value, list):
        parts, brackets = [_block(item, depth + 1) for item in value], "[]"
    else:
        parts, brackets = [f"{_line(key)}: {_block(item, depth + 1)}" for key, item in value.items()], "{}"
    return brackets[0] + "\n" + ",\n".join(inner + part for part in parts) + "\n" + outer + brackets[1]


_line: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
