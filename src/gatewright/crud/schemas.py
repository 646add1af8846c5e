"""Bases and shapes of what clients send to generated resources, and get from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.schemas import RequestBody as _RequestBody
from gatewright.http.schemas import ResponseBody

Item = TypeVar("Item")


class RequestBody(_RequestBody):
    """The body of a create or an update. Its texts hold nothing that a database can't keep, however deep they are."""

    @model_validator(mode="before")
    @classmethod
    def _check_texts(cls, body: Any) -> Any:
        found = [FieldProblem(path, "invalid_characters", "Must not hold NUL.") for path in _unstorable(body)]
        if found:
            raise ValidationFailed(errors=found)
        return body

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The body's form, in words of JSON Schema where pydantic has none for a limit."""
        found = handler(schema)
        for field in handler.resolve_ref_schema(found).get("properties", {}).values():
            for form in (field, *field.get("anyOf", ())):
                _reword(form)
        return found


class NumberedPage(ResponseBody):
    """Where a page stands among all pages."""

    page: int
    limit: int
    total: int
    total_pages: int
    has_next: bool
    has_prev: bool


class CursorPage(ResponseBody):
    """How to go on from a page that was asked for by `cursor`."""

    limit: int
    next_cursor: str | None
    prev_cursor: str | None


class Page(ResponseBody, Generic[Item]):
    """A page of rows."""

    data: list[Item]
    pagination: NumberedPage | CursorPage


def unset(**options: Any) -> Any:
    """A field that may be left out, and has no value then.

    Args:
        options: pydantic's own, such as `max_length`.
    """
    return Field(default_factory=_nothing, **options)


def _reword(form: dict[str, Any]) -> None:
    for ours, theirs in (("minimum", "ge"), ("maximum", "le")):
        if theirs in form:
            form[ours] = form.pop(theirs)
    if form.get("contentEncoding") == "base64":
        # Limits count bytes, and this is the length of their base64.
        form.update({key: -(-form[key] // 3) * 4 for key in ("minLength", "maxLength") if key in form})


def _nothing() -> None:
    return None


def _unstorable(body: Any) -> Iterator[str]:
    """JSON pointers to the texts and names that hold NUL or half a character (a lone surrogate)."""
    todo = [("", body)]
    while todo:
        path, part = todo.pop()
        if isinstance(part, str):
            if not is_storable(part):
                yield path
        elif isinstance(part, dict):
            todo.extend((path, name) for name in part if not is_storable(name))
            todo.extend((f"{path}/{_escaped(name)}", inner) for name, inner in part.items() if is_storable(name))
        elif isinstance(part, list):
            todo.extend((f"{path}/{i}", inner) for i, inner in enumerate(part))


def is_storable(text: str) -> bool:
    """Whether every database can keep *text*: PostgreSQL takes no NUL, and UTF-8 no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
