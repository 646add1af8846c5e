"""Bases and shared fields of what clients send and get: camelCase, and nothing that was not asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, from_json

from gatewright.addresses import EmailAddress, InvalidAddress, parse_address, parse_new_address
from gatewright.core.context import Context
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.errors import MalformedJson
from gatewright.http.texts import check_name, name_pattern, without_spaces_around

MOST_PROBLEMS = 100
"""The most faults of one request that an answer lists."""


class _Body(BaseModel):
    """What both have in common."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        # Generated schemas say `defer_build`: pydantic builds each when it is first used, which most processes of a
        # large app never come to. What an app makes of one is built at once, so that a mistake in it stops the start.
        if any(issubclass(base, BaseModel) and base.model_config.get("defer_build") for base in cls.__bases__):
            cls.model_rebuild(raise_errors=False)


class RequestBody(_Body):
    """A JSON body that a client sends. It refuses unknown fields, so that a client cannot set what it may not."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=False, validate_by_alias=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _check_size(cls, body: Any) -> Any:
        # pydantic would look at each of a hundred thousand unknown fields, for seconds.
        if isinstance(body, dict) and len(body) > len(cls.model_fields) + MOST_PROBLEMS:
            known = {field.alias for field in cls.model_fields.values()}
            unknown = islice((name for name in body if name not in known), MOST_PROBLEMS)
            raise ValidationFailed(
                errors=[
                    FieldProblem(f"/{escaped(name)}", "unknown_field", "The field is not known.") for name in unknown
                ]
            )
        return body

    @classmethod
    def explain(cls, problem: FieldProblem, context: Context) -> FieldProblem:
        """*problem*, with what helps a developer to change the rule; as it is, unless a model knows something."""
        return problem

    @classmethod
    def problems_beside(cls, body: Mapping[str, Any], context: Context) -> list[FieldProblem]:
        """What the service would find wrong with *body*, asked when other fields are: all is reported at once.

        Args:
            body: As it was sent, so nothing is known of its values.
            context: What services work with.
        """
        return []


def escaped(name: str) -> str:
    """*name* as a step of a JSON pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


class ResponseBody(_Body):
    """A JSON body that a client gets: only the fields that it names."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        from_attributes=True,
        json_schema_serialization_defaults_required=True,
    )


class Message(ResponseBody):
    """A sentence for a person."""

    message: str


class FieldError(ResponseBody):
    """What is wrong with one field."""

    field: str = Field(description="JSON pointer to the field (RFC 6901).")
    code: str
    message: str


class Problem(ResponseBody):
    """Why a request was refused (RFC 9457)."""

    # What is None is left out.
    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Code of the error, for programs.")
    request_id: str
    errors: list[FieldError] | None = Field(default=None, description="The invalid fields, with status 422.")


def _checked_by(parse: Callable[[str], EmailAddress]) -> AfterValidator:
    def check(value: str) -> str:
        try:
            parse(value)
        except InvalidAddress as error:
            raise PydanticCustomError("invalid_email", "Must be an e-mail address.") from error
        return value

    return AfterValidator(check)


def person_name(least: int, most: int) -> Any:
    """The type of a first or last name: so many characters without the spaces around it, none invisible; NFC."""
    return Annotated[
        str,
        BeforeValidator(without_spaces_around),
        Field(min_length=least, max_length=most),
        AfterValidator(check_name),
        WithJsonSchema({"type": "string", "pattern": name_pattern(least, most)}),
    ]


_EMAIL_SCHEMA = WithJsonSchema({"type": "string", "format": "email", "maxLength": 254})

NewEmail = Annotated[str, _checked_by(parse_new_address), _EMAIL_SCHEMA]
"""The e-mail address that an account is to have."""

Email = Annotated[str, _checked_by(parse_address), _EMAIL_SCHEMA]
"""An e-mail address that an account may have."""

Password = Annotated[str, WithJsonSchema({"type": "string", "format": "password"})]
"""A password that is checked elsewhere, so that no message repeats it."""


class EmailBody(RequestBody):
    """An address, to which a mail is asked for."""

    email: Email


def json_bytes(body: ResponseBody) -> bytes:
    """*body* as JSON, in camelCase."""
    # Rows are shown as they are stored, also where that is not what the schema names.
    return body.__pydantic_serializer__.to_json(body, by_alias=True, warnings=False)


def parsed_json(content: bytes) -> Any:
    """What *content* says as JSON in UTF-8 (RFC 8259): in no other encoding, without NaN, without lone surrogates.

    Raises:
        MalformedJson: It is anything else, or nested too deeply.
    """
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise MalformedJson from None


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of *model*, with references as in an OpenAPI document."""
    return model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
