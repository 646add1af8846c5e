"""What the OpenAPI document says of a row and the related rows that a call may add to it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, create_model

from gatewright.crud.related import Link, Served, link_of
from gatewright.http.schemas import ResponseBody


def links_of(resource: Served) -> list[Link]:
    """The relations that calls can follow; all are known when the app has started."""
    links = (link_of(resource, relation.name) for relation in resource.relations)
    return [link for link in links if link is not None]


def with_related(resource: Served, shown: type[ResponseBody]) -> type[ResponseBody]:
    """*shown* with what `include` adds, each a field that may be left out.

    The rows behind those, as in `include=author.team`, are left to the description of the parameter.
    """
    links = links_of(resource)
    if not links:
        return shown
    fields: dict[str, Any] = {link.relation.attribute: _field(link) for link in links}
    return create_model(f"{shown.__name__}WithRelated", __base__=_with_optional(shown), __doc__=None, **fields)


def _with_optional(shown: type[ResponseBody]) -> type[ResponseBody]:
    """*shown*, whose fields with a default may be left out in an answer."""

    class WithOptional(shown):  # type: ignore[misc, valid-type]
        model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    return WithOptional


def _field(link: Link) -> tuple[Any, Any]:
    schema: Any = link.relation.schema
    described = f"With `include={link.relation.name}`."
    return (
        list[schema] if link.is_list else schema | None,
        Field(default=None, description=described, json_schema_extra=_without_default),
    )


def _without_default(schema: dict[str, Any]) -> None:
    # It is left out, and not null.
    schema.pop("default", None)
