"""A design as JSON Schema: the rows of each table as the API shows them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, create_model
from pydantic.json_schema import models_json_schema

from gatewright.crud.fields import value_type
from gatewright.crud.schemas import ResponseBody
from gatewright.design.document import Column, Design, Reference, Table
from gatewright.design.exporters.exported import Exported, Held, Losses
from gatewright.design.naming import snake_case
from gatewright.design.values import json_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_HELD: Held = {
    Table: frozenset({"description"}),
    Column: frozenset({"is_required", "is_hidden", "description", "example"}),
    Reference: frozenset(),
}


def export_json_schema(design: Design) -> Exported:
    """One definition for each table, with what a row holds in an answer; hidden columns are left out."""
    losses = Losses("JSON Schema of rows")
    losses.add_unheld(design, _HELD)
    models = [_model(table) for table in design.tables]
    _, schema = models_json_schema([(model, "serialization") for model in models], by_alias=True)
    # Pydantic names a definition by its model, and two models never share a name here.
    definitions = {table.name: schema["$defs"][table.name] for table in design.tables}
    document = {"$schema": DIALECT, "$defs": definitions}
    return Exported(json.dumps(document, indent=2, ensure_ascii=False) + "\n", losses.notes())


def _model(table: Table) -> Any:
    fields: dict[str, Any] = {
        snake_case(column.name): (value_type(column, limited=False), _field(column))
        for column in table.columns
        if not column.is_hidden
    }
    return create_model(table.name, __base__=ResponseBody, __doc__=table.description, **fields)


def _field(column: Column) -> Any:
    extra: dict[str, Any] | None = None
    if column.references is not None:
        extra = {"x-references": {"table": column.references.table, "column": column.references.column}}
    examples = None if column.example is None else [json_of(column.example, column.type)]
    return Field(description=column.description, examples=examples, json_schema_extra=extra)
