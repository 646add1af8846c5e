"""Bases and shapes of what clients send to generated resources, and get from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from itertools import islice
from typing import Any, Generic, Self, TypeVar, get_args

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError

from gatewright.crud.types import Characters
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.problems import invalid_body
from gatewright.http.schemas import MOST_PROBLEMS, escaped
from gatewright.http.schemas import RequestBody as _RequestBody
from gatewright.http.schemas import ResponseBody as _ResponseBody

Item = TypeVar("Item")


class RequestBody(_RequestBody):
    """The body of a create or an update.

    Its texts, at any depth, hold nothing that a database can't store, and only characters of their type.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _check_texts(cls, body: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        found = {
            path: FieldProblem(path, "invalid_characters", "Must not contain NUL.")
            for path in islice(_unstorable(body), MOST_PROBLEMS)
        }
        found = {**{problem.field: problem for problem in _bad_characters(cls, body)}, **found}
        if not found:
            return handler(body)
        raise ValidationFailed(errors=[*found.values(), *_others(body, handler, found.keys())])

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The body's schema, with JSON Schema keywords for limits that pydantic does not describe."""
        found = handler(schema)
        for field in handler.resolve_ref_schema(found).get("properties", {}).values():
            for form in (field, *field.get("anyOf", ())):
                _reword(form)
        return found


class ResponseBody(_ResponseBody):
    """A row as clients get it, as it is stored: limits apply to input only.

    The database may hold a value that the schema does not accept: an Enum value that only a newer, or only an
    older, version of the app has.
    """

    @field_validator("*", mode="wrap")
    @classmethod
    def _keep_stored(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            if any(problem["type"].endswith("_type") for problem in error.errors()):
                raise
            return value


class NumberedPage(_ResponseBody):
    """Position of a page among all pages."""

    page: int
    limit: int
    total: int
    total_pages: int
    has_next: bool
    has_prev: bool


class CursorPage(_ResponseBody):
    """How to continue from a page that was asked for by `cursor`."""

    limit: int
    next_cursor: str | None
    prev_cursor: str | None


class Page(_ResponseBody, Generic[Item]):
    """A page of rows."""

    data: list[Item]
    pagination: NumberedPage | CursorPage


def unset(**options: Any) -> Any:
    """A field that may be left out, and has no value then.

    Args:
        options: pydantic's own, such as `max_length`.
    """
    return Field(default_factory=_nothing, **options)


def _bad_characters(model: type[RequestBody], body: Any) -> Iterator[FieldProblem]:
    """The fields of *body* whose texts hold characters that their types don't take."""
    for name, characters in _characters_of(model).items() if isinstance(body, dict) else ():
        value = body.get(name)
        try:
            if isinstance(value, str):
                characters.check(value)
        except PydanticCustomError as error:
            yield FieldProblem(f"/{escaped(name)}", error.type, error.message())


@cache
def _characters_of(model: type[RequestBody]) -> dict[str, Characters]:
    """The fields of *model* that are texts of a type, by what clients call them."""
    parts = {field.alias or name: _parts_of(field) for name, field in model.model_fields.items()}
    found = {name: next((part for part in each if isinstance(part, Characters)), None) for name, each in parts.items()}
    return {name: characters for name, characters in found.items() if characters is not None}


def _parts_of(field: FieldInfo) -> Iterator[Any]:
    """The metadata of a field's type, also where it may be null."""
    yield from field.metadata
    for part in get_args(field.annotation):
        yield from getattr(part, "__metadata__", ())


def _others(body: Any, handler: ModelWrapValidatorHandler[Any], known: Collection[str]) -> list[FieldProblem]:
    """Further problems of *body*, in fields other than those *known* to be wrong."""
    try:
        handler(body)
    except ValidationError as error:
        return [problem for problem in invalid_body(error).errors if problem.field not in known]
    return []


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
            todo.extend((f"{path}/{escaped(name)}", inner) for name, inner in part.items() if is_storable(name))
        elif isinstance(part, list):
            todo.extend((f"{path}/{i}", inner) for i, inner in enumerate(part))


def is_storable(text: str) -> bool:
    """Whether every database can store *text*: PostgreSQL takes no NUL, and UTF-8 no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
