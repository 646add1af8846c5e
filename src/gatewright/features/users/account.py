"""The row of a user, as the rest of the program sees it."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from gatewright.storage.rows import Row


class Account:
    """A user's row: the columns below, and every column that the design adds to `User`.

    Hidden columns, the password's hash among them, are not there: an account that a route returns by mistake
    gives nothing away.
    """

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    is_email_verified: bool
    role: str
    created_at: datetime
    updated_at: datetime

    def __init__(self, row: Row) -> None:
        self.__dict__.update(row)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"User has no column {name!r} that may be read")

    def __repr__(self) -> str:
        return f"Account(id={self.id!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Lets a route answer with an account: a JSON object in camelCase, like every answer of Gatewright's."""
        shape = core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
        to_json = core_schema.plain_serializer_function_ser_schema(_in_camel_case, return_schema=shape)
        instance = core_schema.is_instance_schema(cls, serialization=to_json)
        return core_schema.json_or_python_schema(shape, instance, serialization=to_json)


def _in_camel_case(account: Account) -> dict[str, Any]:
    return {to_camel(name): _in_json(value) for name, value in vars(account).items()}


def _in_json(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
