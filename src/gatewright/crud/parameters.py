"""The parameters and headers of generated resources, as the OpenAPI document describes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatewright.crud import many
from gatewright.crud.columns import ShownColumn, ShownColumns
from gatewright.crud.list_query import (
    DEFAULT_LIMIT,
    FARTHEST_ROW,
    LONGEST_SEARCH,
    LONGEST_VALUE,
    MOST_CHOICES,
    MOST_ROWS,
    Operator,
    operators_of,
)
from gatewright.crud.related import MOST_RELATIONS, Link

Parameter = dict[str, Any]

ETAG: dict[str, Any] = {"ETag": {"description": "The version of the row, for If-Match.", "schema": {"type": "string"}}}
LOCATION: dict[str, Any] = {"Location": {"description": "URL of the new row.", "schema": {"type": "string"}}}

IF_MATCH: Parameter = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "Entity tags of the expected version; any other version gives 412.",
    "schema": {"type": "string"},
}

_PLAIN: tuple[Parameter, ...] = (
    {
        "name": "page",
        "description": "Page number, starting at 1.",
        "schema": {"type": "integer", "minimum": 1, "maximum": FARTHEST_ROW, "default": 1},
    },
    {
        "name": "limit",
        "description": "Rows per page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": DEFAULT_LIMIT},
    },
    {
        "name": "search",
        "description": "Text to find in all text columns, ignoring case.",
        "schema": {"type": "string", "maxLength": LONGEST_SEARCH},
    },
    {
        "name": "cursor",
        "description": "Page through the list without counting it: empty first, then `nextCursor` or `prevCursor`.",
        "schema": {"type": "string"},
    },
)


_DELETED: Parameter = {
    "name": "deleted",
    "in": "query",
    "required": False,
    "description": "`true` gives deleted rows instead of the others. For administrators.",
    "schema": {"type": "boolean", "default": False},
}


def of_key(columns: ShownColumns) -> list[Parameter]:
    """Those of a row's path."""
    return [
        {"name": column.name, "in": "path", "required": True, "schema": {"type": "string"}} for column in columns.key
    ]


def of_related_list() -> list[Parameter]:
    """Those of a list of related rows; its filters are those of the rows' own list."""
    sort = {"name": "sort", "description": "As in the list of these rows.", "schema": {"type": "string"}}
    return [{"in": "query", "required": False, **parameter} for parameter in (*_PLAIN, sort)]


def include(links: Sequence[Link]) -> list[Parameter]:
    """The one that names related rows; none where there are no relations."""
    if not links:
        return []
    names = [link.relation.name for link in links]
    return [
        {
            "name": "include",
            "in": "query",
            "required": False,
            "description": (
                f"Related rows to add, each under its name: {', '.join(names)}. A name with a dot, such as "
                f"`{names[0]}.…`, adds what these rows lead to. What the caller may not read is left out."
            ),
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_RELATIONS},
        }
    ]


def ids() -> Parameter:
    """The one of a call on several rows."""
    return {
        "name": "id",
        "in": "query",
        "required": True,
        "description": "The keys of the rows, separated by commas.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": many.MOST_ROWS},
    }


def of_list(columns: ShownColumns) -> list[Parameter]:
    """Those of a list."""
    plain = [{"in": "query", "required": False, **parameter} for parameter in (*_PLAIN, _sort(columns))]
    return [*plain, *(_filter(column) for column in columns.values())]


def _sort(columns: ShownColumns) -> Parameter:
    names = [name for name, column in columns.items() if not column.is_opaque]
    choices = [choice for name in names for choice in (name, f"-{name}")]
    return {
        "name": "sort",
        "description": "Columns to sort by, most important first; prefix `-` for descending.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": choices}, "maxItems": 5, "uniqueItems": True},
    }


def _filter(column: ShownColumn) -> Parameter:
    operators = operators_of(column)
    short = f" `filter[{column.name}]=…` is short for `eq`." if "eq" in operators else ""
    return {
        "name": f"filter[{column.name}]",
        "in": "query",
        "required": False,
        "description": f"`filter[{column.name}][{operators[0]}]=…` and so on.{short}",
        "style": "deepObject",
        "explode": True,
        "schema": {
            "type": "object",
            "properties": {operator: _value(column, operator) for operator in operators},
            "additionalProperties": False,
        },
    }


def _value(column: ShownColumn, operator: Operator) -> dict[str, Any]:
    if operator == "isNull":
        return {"type": "boolean"}
    if operator == "in":
        return {"type": "string", "description": f"Up to {MOST_CHOICES} values, separated by commas."}
    if column.schema.get("type") == "string" and "enum" not in column.schema:
        return {"maxLength": LONGEST_VALUE, **column.schema}
    return column.schema


def deleted(is_kept: bool) -> list[Parameter]:
    """That which asks for deleted rows, where these are kept."""
    return [_DELETED] if is_kept else []
