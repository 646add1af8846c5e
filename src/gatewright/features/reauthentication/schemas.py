"""What clients send and get when they prove again who they are."""

from __future__ import annotations

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from gatewright.http.schemas import Password, RequestBody


class Reauthentication(RequestBody):
    """One's password. Accounts without one send nothing, get a code by mail, and send the code."""

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["password", "code"]}})

    password: Password | None = Field(default=None, description="One's password.")
    code: str | None = Field(default=None, description="The 8 digits of the mail, for accounts without a password.")

    @model_validator(mode="after")
    def _only_one(self) -> Reauthentication:
        if {"password", "code"} <= self.model_fields_set:
            raise PydanticCustomError("invalid_choice", "Send the password or the code, not both.")
        return self
