"""A design as JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from gatewright.crud.row_schemas import export_json_schema
from tests.design.exporters.designs import hard_design


def definitions() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export_json_schema(hard_design()).text)["$defs"]
    return found


def test_rows_are_as_the_api_shows_them() -> None:
    """Hidden columns are left out, every other is in each answer, and null is allowed where the column is."""
    pair = definitions()["Pair"]
    assert list(pair["properties"]) == ["leftId", "rightId"]
    assert pair["required"] == ["leftId", "rightId"]
    assert "password" not in definitions()["User"]["properties"]
    odd = definitions()["Odd"]["properties"]
    assert {"type": "null"} in odd["parentId"]["anyOf"]
    assert odd["parentId"]["x-references"] == {"table": "Odd", "column": "id"}
    assert "it's" in odd["state"]["enum"]


def test_values_have_the_form_in_which_they_travel() -> None:
    """An exact number is a text, and so are moments, bytes and UUIDs."""
    specimen = definitions()["Specimen"]["properties"]
    assert specimen["decimal"]["type"] == "string"
    assert specimen["dateTime"]["format"] == "date-time"
    assert specimen["uuid"]["format"] == "uuid"
    assert "maxLength" not in specimen["string"]
