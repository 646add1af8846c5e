"""Canonical writing: one design has one text, made for reading and for diffs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields

from gatewright.design import vocabulary
from gatewright.design.document import (
    Access,
    Column,
    ColumnType,
    Design,
    Index,
    Reference,
    Relationship,
    Rule,
    Table,
)
from gatewright.design.values import json_of
from gatewright.design.vocabulary import Key

WIDTH = 120

# Always written, also when they say nothing new.
_ALWAYS = frozenset({"version", "tables", "columns"})

_Part = Design | Table | Column | Reference | Index | Access | Relationship


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
    """*part* as the JSON values that stand for it."""
    if isinstance(part, Reference) and part == Reference(part.table):
        return part.table
    for made_of, keys in _KEYS.items():
        if isinstance(part, made_of):
            return _object(part, keys, engine)  # type: ignore[arg-type]
    if isinstance(part, tuple):
        items = [_plain(item, engine) for item in part]
        return items[0] if len(items) == 1 and isinstance(part[0], Rule) else items
    return str(part) if isinstance(part, str | Rule) else part


def _object(part: _Part, keys: Sequence[Key], engine: bool) -> dict[str, object]:
    written: dict[str, object] = {}
    for key in keys:
        value = getattr(part, key.field)
        if (key.engine_only and not engine) or (value == _DEFAULTS[type(part)][key.field] and key.name not in _ALWAYS):
            continue
        written[key.name] = _literal(part, value) if key.kind is vocabulary.Kind.VALUE else _plain(value, engine)
    return written


def _literal(part: _Part, value: str | int | float | bool) -> object:
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

_KEYS: dict[type, tuple[Key, ...]] = {
    Design: vocabulary.DOCUMENT,
    Table: vocabulary.TABLE,
    Column: vocabulary.COLUMN,
    Reference: vocabulary.REFERENCE,
    Index: vocabulary.INDEX,
    Access: vocabulary.ACCESS,
    Relationship: vocabulary.RELATIONSHIP,
}
_DEFAULTS: dict[type, dict[str, object]] = {
    made_of: {
        field.name: field.default_factory() if field.default_factory is not MISSING else field.default
        for field in fields(made_of)
    }
    for made_of in _KEYS
}
_DEFAULTS[Design]["schema"] = None
