"""The JSON Schema of the design document, for completion and checks in editors (draft 2020-12)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from gatewright.design import vocabulary
from gatewright.design.document import ColumnType, OnDelete, RelationshipType
from gatewright.design.vocabulary import Key, Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema. It knows keys and kinds of values; what has to fit together, only reading a design knows."""
    definitions = {_DEFINITIONS[kind]: _object(keys) for kind, keys in vocabulary.OBJECTS.items()}
    return {
        "$schema": DIALECT,
        "title": "Gatewright design",
        **_object(vocabulary.DOCUMENT),
        "$defs": {**definitions, "rule": _text(vocabulary.RULE_PATTERN, 2 * vocabulary.MAX_NAME)},
    }


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(keys: Sequence[Key]) -> dict[str, Any]:
    known = [key for key in keys if not key.engine_only]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key.name for key in known if key.required],
        "properties": {key.name: {"description": key.description, **_SCHEMAS[key.kind]} for key in known},
    }


def _text(pattern: str, longest: int = vocabulary.MAX_NAME) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "maxLength": longest}


def _choice(values: type[StrEnum]) -> dict[str, Any]:
    return {"enum": [str(value) for value in values]}


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _defined(kind: Kind) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{_DEFINITIONS[kind]}"}


_DEFINITIONS = {
    Kind.ACCESS: "access",
    Kind.COLUMNS: "column",
    Kind.INDEXES: "index",
    Kind.REFERENCE: "reference",
    Kind.RELATIONSHIPS: "relationship",
    Kind.TABLES: "table",
}
_NAME = _text(vocabulary.NAME_PATTERN)
_TEXT = {"type": "string", "maxLength": vocabulary.MAX_TEXT}
_RULE = {"$ref": "#/$defs/rule"}

_SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.ACCESS: _defined(Kind.ACCESS),
    Kind.ACTION: _choice(OnDelete),
    Kind.COLUMNS: _list_of(_defined(Kind.COLUMNS)),
    Kind.COUNT: {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    Kind.DATABASE_NAME: _text(vocabulary.DATABASE_NAME_PATTERN),
    Kind.DATABASE_TYPE: _text(vocabulary.DATABASE_TYPE_PATTERN),
    Kind.FLAG: {"type": "boolean"},
    Kind.ID: _text(vocabulary.ID_PATTERN),
    Kind.INDEXES: _list_of(_defined(Kind.INDEXES)),
    Kind.NAME: _NAME,
    Kind.NAMES: _list_of(_NAME),
    Kind.NUMBER: {"type": "number"},
    Kind.REFERENCE: {"anyOf": [_NAME, _defined(Kind.REFERENCE)]},
    Kind.RELATIONSHIP_TYPE: _choice(RelationshipType),
    Kind.RELATIONSHIPS: _list_of(_defined(Kind.RELATIONSHIPS)),
    Kind.RULES: {"anyOf": [_RULE, {**_list_of(_RULE), "uniqueItems": True}]},
    Kind.TABLES: _list_of(_defined(Kind.TABLES)),
    Kind.TEXT: _TEXT,
    Kind.TEXTS: _list_of(_TEXT),
    Kind.TYPE: _choice(ColumnType),
    Kind.VALUE: {"not": {"type": "null"}},
    Kind.VERSION: {"const": vocabulary.VERSION},
}
