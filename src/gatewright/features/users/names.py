"""First and last names: the design sets how long they are, and whether registering needs them."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import Field, create_model

from gatewright.core.context import Context
from gatewright.crud.schemas import unset
from gatewright.design.document import USER, Column, Design
from gatewright.design.files import FILE_NAME
from gatewright.errors import FieldProblem
from gatewright.http.schemas import RequestBody, person_name

NAMES = {"first_name": "firstName", "last_name": "lastName"}
"""The fields of bodies, and the columns that they are."""

_KEY_OF = {"too_short": "minLength", "too_long": "maxLength", "required": "isRequired"}

Model = TypeVar("Model", bound="NamedBody")


class NamedBody(RequestBody):
    """A body with names; `with_names` gives them the design's lengths."""

    @classmethod
    def explain(cls, problem: FieldProblem, context: Context) -> FieldProblem:
        """In development, with the place in the design that sets the rule."""
        column, key = problem.field.removeprefix("/"), _KEY_OF.get(problem.code)
        if key is None or column not in NAMES.values() or not context.settings.in_development:
            return problem
        where = f"{key} of {USER}.{column} in {FILE_NAME}"
        return FieldProblem(problem.field, problem.code, f"{problem.message} Change {where} to allow it.")


def name_type(column: Column) -> Any:
    """The type of a name, with the lengths of its *column*."""
    return person_name(column.min_length or 0, column.max_length or 0)


def is_asked(column: Column) -> bool:
    """Whether registering needs this name: it does, unless the design has `"isRequired": false`."""
    return column.is_required is not False


def with_names(model: type[Model], design: Design, *, partial: bool = False) -> type[Model]:
    """*model* with names as *design* has them.

    Args:
        partial: Whether they may be left out, as in a change.
    """
    columns = {field: design.table(USER).column(name) for field, name in NAMES.items()}
    fields: dict[str, Any] = {field: _field(column, partial=partial) for field, column in columns.items()}
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


def _field(column: Column, *, partial: bool) -> tuple[Any, Any]:
    kind = name_type(column) if is_asked(column) else name_type(column) | None
    make = Field if is_asked(column) and not partial else unset
    return kind, make(alias=column.name, description=f"{column.min_length} to {column.max_length} characters.")
