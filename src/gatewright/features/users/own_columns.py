"""The columns that a design adds to `User`: their fields in schemas, and their values in new rows."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from gatewright.core.principal import Principal
from gatewright.crud import defaults
from gatewright.crud.fields import value_type
from gatewright.crud.references import References, named_rows
from gatewright.crud.schemas import RequestBody, unset
from gatewright.design.document import USER, Column, ColumnType, DefaultFunction, Design
from gatewright.design.naming import snake_case
from gatewright.errors import FieldProblem
from gatewright.http.schemas import ResponseBody
from gatewright.ids import cuid
from gatewright.storage.schema import Schema

Model = TypeVar("Model", bound=BaseModel)


def own_columns(design: Design) -> list[Column]:
    """The columns of `User` that are not the engine's."""
    return [column for column in design.table(USER).columns if not column.is_system]


def input_columns(design: Design) -> list[Column]:
    """Those that clients may set at register and in their profile."""
    return [column for column in own_columns(design) if column.is_input]


def with_inputs(model: type[Model], design: Design, *, partial: bool = False) -> type[Model]:
    """*model* with the input columns of *design*.

    Args:
        partial: Whether all of them may be left out, as in a change.
    """
    columns = input_columns(design)
    if not columns:
        return model
    fields = {snake_case(column.name): _input_field(column, partial=partial) for column in columns}
    return cast(type[Model], _extended(model, fields, RequestBody))


def with_own(model: type[Model], design: Design) -> type[Model]:
    """*model* with the columns of *design* that may leave the server."""
    columns = [column for column in own_columns(design) if not column.is_hidden]
    if not columns:
        return model
    fields = {snake_case(column.name): _output_field(column) for column in columns}
    return cast(type[Model], _extended(model, fields, ResponseBody))


def given_inputs(body: BaseModel, design: Design) -> dict[str, Any]:
    """What *body*, of a model from `with_inputs`, gives of the input columns, by their names in the database."""
    given = {column: snake_case(column.name) for column in input_columns(design)}
    return {c.database_name: getattr(body, name) for c, name in given.items() if name in body.model_fields_set}


def new_values(design: Design, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """*given* with what the other columns of a new row start with, where the database does not say it itself."""
    values = {column.database_name: _new_value(column, now) for column in own_columns(design)}
    return {**{name: value for name, value in values.items() if value is not None}, **given}


def missing(design: Design, values: Mapping[str, Any]) -> list[FieldProblem]:
    """The columns that a new row needs and *values* lack, as problems of a request."""
    return [
        FieldProblem(f"/{column.name}", "required", "A new account needs a value here.")
        for column in own_columns(design)
        if column.is_not_null and column.default_value is None and values.get(column.database_name) is None
    ]


def references(schema: Schema, user: Principal | None, values: Mapping[str, Any]) -> References:
    """The rows that *user*, or a new user, names in columns of their account.

    Args:
        values: Of the input columns, by their names in the database.
    """
    named = {
        column.database_name: (column.name, values[column.database_name])
        for column in input_columns(schema.design)
        if column.references is not None and column.database_name in values
    }
    return named_rows(schema, user, schema[USER], named)


def touched(design: Design, now: datetime) -> dict[str, Any]:
    """What the columns that hold the time of the last change get when a row changes."""
    return {column.database_name: now for column in own_columns(design) if column.is_updated_at}


def _extended(model: type[BaseModel], fields: dict[str, Any], base: type[BaseModel]) -> type[BaseModel]:
    bases = (model,) if issubclass(model, base) else (model, base)
    extended: type[BaseModel] = create_model(model.__name__, __base__=bases, __doc__=model.__doc__, **fields)
    return extended


def _input_field(column: Column, *, partial: bool) -> tuple[Any, Any]:
    asked = column.is_not_null and column.default_value is None and not partial
    make: Callable[..., Any] = Field if asked else unset
    return value_type(column), make(alias=column.name, description=column.description)


def _output_field(column: Column) -> tuple[Any, Any]:
    field = Field(
        validation_alias=column.database_name, serialization_alias=column.name, description=column.description
    )
    return value_type(column, limited=False), field


def _new_value(column: Column, now: datetime) -> Any:
    if column.is_updated_at:
        return now
    if isinstance(column.default_value, DefaultFunction):
        return _FUNCTIONS[column.default_value](column, now)
    if column.type is ColumnType.BYTES and column.default_value is not None:
        return base64.b64decode(str(column.default_value))
    return None


def _moment(column: Column, now: datetime) -> Any:
    return {ColumnType.DATE: now.date(), ColumnType.TIME: now.time()}.get(column.type, now)


def _uuid(column: Column, text: str) -> Any:
    return UUID(text) if column.type is ColumnType.UUID else text


_FUNCTIONS: dict[DefaultFunction, Callable[[Column, datetime], Any]] = {
    DefaultFunction.CUID: lambda _column, _now: cuid(),
    DefaultFunction.ULID: lambda _column, _now: defaults.ulid(),
    DefaultFunction.UUID: lambda column, _: _uuid(column, defaults.uuid4_text()),
    DefaultFunction.UUID7: lambda column, _: _uuid(column, defaults.uuid7_text()),
    DefaultFunction.NOW: _moment,
}
