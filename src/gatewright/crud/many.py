"""Calls on many rows at once: what they are made from, and what is wrong with one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from gatewright.core.context import Context
from gatewright.errors import Conflict, FieldProblem, ValidationFailed
from gatewright.http.api_routes import Body, body_as
from gatewright.http.problems import invalid_body
from gatewright.http.schemas import MOST_PROBLEMS, escaped

MOST_ROWS = 100
"""The most rows that one call creates or deletes."""


def one_or_many(model: type[Body], value: Any, context: Context) -> Body | list[Body]:
    """*value*, the body of a create: one *model*, or a list of 1 to `MOST_ROWS` of them.

    Raises:
        GatewrightError: It is neither, or not valid.
    """
    return _read_all(model, value) if isinstance(value, list) else body_as(model, value, context)


def _read_all(model: type[Body], values: Sequence[Any]) -> list[Body]:
    if not 1 <= len(values) <= MOST_ROWS:
        code = "too_long" if values else "too_short"
        raise ValidationFailed(errors=[FieldProblem("", code, f"The list should have 1 to {MOST_ROWS} items.")])
    read: list[Body] = []
    problems: list[FieldProblem] = []
    for i, value in enumerate(values):
        try:
            with of_item(i):
                read.append(_read(model, value))
        except ValidationFailed as refused:
            problems += refused.errors
    if problems:
        raise ValidationFailed(errors=problems[:MOST_PROBLEMS])
    return read


def _read(model: type[Body], value: Any) -> Body:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_body(error) from None


@contextmanager
def of_item(number: int) -> Iterator[None]:
    """Have a refusal say which item of the list it is about."""
    try:
        yield
    except ValidationFailed as refused:
        errors = [replace(each, field=f"/{number}{each.field}") for each in refused.errors]
        raise ValidationFailed(_numbered(number, refused), errors=errors) from refused
    except Conflict as refused:
        raise Conflict(_numbered(number, refused)) from refused


def _numbered(number: int, refused: ValidationFailed | Conflict) -> str:
    return f"Item {number}: {refused.detail}"


def read_ids(parameters: Sequence[tuple[str, str]]) -> list[str]:
    """The keys of the query `?id=a,b`, each once.

    Raises:
        ValidationFailed: It is missing, names more than `MOST_ROWS` rows or none, or another parameter is there: a call
            that was mistyped must not delete other rows than were meant.
    """
    unknown = [
        FieldProblem(f"/{escaped(name)}", "unknown_field", "Unknown parameter.")
        for name, _ in parameters
        if name != "id"
    ]
    if unknown:
        raise ValidationFailed(errors=unknown[:MOST_PROBLEMS])
    if len(parameters) != 1:
        code, message = ("invalid_format", "Must be given once.") if parameters else ("required", "Required.")
        raise ValidationFailed(errors=[FieldProblem("/id", code, message)])
    ids = list(dict.fromkeys(filter(None, parameters[0][1].split(","))))
    if not 1 <= len(ids) <= MOST_ROWS:
        message = f"Should name 1 to {MOST_ROWS} rows, separated by commas."
        raise ValidationFailed(errors=[FieldProblem("/id", "too_long" if ids else "too_short", message)])
    return ids
