"""The JSON Schema of the design document, for completion and checks in editors (draft 2020-12)."""

from __future__ import annotations

import json

from gatewright.design.document import Design
from gatewright.design.kinds import Schema, definition_name, keys_of, parts_within
from gatewright.design.rules import RULE_SCHEMA

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """The schema. It checks keys and kinds of values; whether they fit together is checked when a design is read."""
    parts = sorted(parts_within(Design), key=definition_name)
    definitions = {definition_name(part): _object(part) for part in parts}
    return {
        "$schema": DIALECT,
        "title": "Gatewright design",
        **_object(Design),
        "$defs": {**definitions, "rule": RULE_SCHEMA},
    }


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(made_of: type) -> Schema:
    known = [key for key in keys_of(made_of) if not key.engine_only]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key.name for key in known if key.required],
        "properties": {key.name: {"description": key.description, **key.kind.schema()} for key in known},
    }
