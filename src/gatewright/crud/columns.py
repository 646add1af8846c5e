"""The columns of a model that clients may see, by the names that they know them by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from sqlalchemy import orm

from gatewright.crud.schemas import is_storable
from gatewright.errors import FieldProblem
from gatewright.http.problems import validation_error
from gatewright.http.schemas import ResponseBody

_WHOLE = re.compile(r"-?[0-9]{1,1000}")
_REAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}


class BadValue(Exception):
    """A text that is not a value of its column."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ShownColumn:
    """A column that clients see.

    Attributes:
        name: As clients write it.
        attribute: The model's.
        annotation: The type of its field in the schema, without None.
    """

    name: str
    attribute: orm.InstrumentedAttribute[Any]
    annotation: Any

    @cached_property
    def column(self) -> sa.Column[Any]:
        """The table's own column."""
        column = self.attribute.property.columns[0]
        assert isinstance(column, sa.Column)
        return column

    @property
    def is_opaque(self) -> bool:
        """Whether its values are only present or missing: they are neither compared nor sorted."""
        return isinstance(self.column.type, sa.JSON | sa.LargeBinary)

    @property
    def is_text(self) -> bool:
        """Whether its values are texts that can be searched."""
        return isinstance(self.column.type, sa.String) and not self._is_enum

    @property
    def is_ordered(self) -> bool:
        """Whether one value can be more than another."""
        return not (self.is_opaque or self._is_enum or isinstance(self.column.type, sa.Boolean | sa.Uuid))

    @property
    def is_searched(self) -> bool:
        """Whether a search includes it: identifiers are not prose."""
        return self.is_text and not self.column.primary_key and not self.column.foreign_keys

    @property
    def _is_enum(self) -> bool:
        return get_origin(self.annotation) is Literal

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.annotation)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The form of a value, as JSON Schema."""
        return self._adapter.json_schema()

    def parse(self, text: str) -> Any:
        """The value that *text* has, from a query or a path.

        Raises:
            BadValue: It has none.
        """
        if not is_storable(text):
            raise BadValue("invalid_characters", "Must not contain NUL.")
        return self.check(_converted(text, self.column.type))

    def check(self, value: Any) -> Any:
        """*value*, from JSON, to compare with what the column holds.

        Raises:
            BadValue: The column can't hold it.
        """
        # Rules for texts are for what comes in: a row may be older than they are.
        if self.is_text and isinstance(value, str):
            return value
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            problem = _first_problem(error)
            raise BadValue(problem.code, problem.message) from None

    def restore(self, value: Any) -> Any:
        """*value*, from a cursor, as the column takes it: what `dump` wrote, even if the schema no longer accepts it.

        Raises:
            BadValue: The column can't hold it.
        """
        if isinstance(value, str) and not is_storable(value):
            raise BadValue("invalid_characters", "Must not contain NUL.")
        return value if self._is_enum and isinstance(value, str) else self.check(value)

    def dump(self, value: Any) -> Any:
        """*value* as JSON has it."""
        return None if value is None else self._adapter.dump_python(value, mode="json", warnings=False)


class ShownColumns(Mapping[str, ShownColumn]):
    """The columns of *model* that *shown* has a field for, by the names that clients write.

    Attributes:
        key: The columns of the primary key, in their order.

    Raises:
        ValueError: *shown* leaves out a column of the key, so that rows cannot be identified.
    """

    def __init__(self, model: type[orm.DeclarativeBase], shown: type[ResponseBody]) -> None:
        mapper = sa.inspect(model)
        attributes = {name: getattr(model, name) for name in shown.model_fields if name in mapper.column_attrs}
        columns = [
            ShownColumn(shown.model_fields[name].alias or name, attribute, _annotation(shown.model_fields[name]))
            for name, attribute in attributes.items()
        ]
        self._by_name = {column.name: column for column in columns}
        keys: dict[Any, ShownColumn] = {column.column: column for column in columns if column.column.primary_key}
        if len(keys) < len(mapper.primary_key):
            raise ValueError(f"{shown.__name__} has to show every column of the key of {model.__name__}")
        self.key = tuple(keys[column] for column in mapper.primary_key)

    def __getitem__(self, name: str) -> ShownColumn:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def _annotation(field: FieldInfo) -> Any:
    """The type of a field, with what narrows it, without None."""
    annotation = field.rebuild_annotation()
    if get_origin(annotation) is Annotated:
        annotation = Annotated[(_without_none(field.annotation), *field.metadata)]
    return _without_none(annotation)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return Union[tuple(part for part in get_args(annotation) if part is not NoneType)]  # noqa: UP007 (made of a tuple)


def _converted(text: str, type_: sa.types.TypeEngine[Any]) -> Any:
    """What JSON would have in the place of *text*, for a column of this type."""
    if isinstance(type_, sa.Boolean):
        return _BOOLEANS.get(text, text)
    if isinstance(type_, sa.Integer):
        return int(text) if _WHOLE.fullmatch(text) else text
    if isinstance(type_, sa.Float):
        return float(text) if _REAL.fullmatch(text) else text
    return text


def _first_problem(error: ValidationError) -> FieldProblem:
    return validation_error(error.errors(include_url=False, include_context=False)).errors[0]
