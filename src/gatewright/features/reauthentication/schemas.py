"""The bodies of a reauthentication."""

from __future__ import annotations

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from gatewright.http.schemas import Password, RequestBody


class Reauthentication(RequestBody):
    """The password. For an account without one: empty to get a code by mail, then the code."""

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["password", "code"]}})

    password: Password | None = Field(default=None, description="The password of the user.")
    code: str | None = Field(
        default=None, description="The 8-digit code from the mail, for accounts without a password."
    )

    @model_validator(mode="after")
    def _only_one(self) -> Reauthentication:
        if {"password", "code"} <= self.model_fields_set:
            raise PydanticCustomError("invalid_choice", "Send the password or the code, not both.")
        return self
