"""The base of every error that a caller can meet.

Two families, because they have two readers. `GatewrightError` answers a request: it has a code of the closed
list in the HTTP contract, and becomes a problem document (RFC 9457). `SetupError` is for the person who
runs Gatewright: a wrong setting, a missing service, a port in use; it says what to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing that is wrong with one field of a request body.

    Attributes:
        field: JSON pointer to the field (RFC 6901), `""` for the whole body.
        code: An item code of the HTTP contract, such as `too_short`.
        message: A sentence for a person, without the value that was sent.
    """

    field: str
    code: str
    message: str


class GatewrightError(Exception):
    """A reason to refuse a request.

    A subclass is a kind of refusal; an instance may add details.

    Args:
        detail: About this one refusal; default: the title.
        headers: Further response headers, such as `Retry-After`.
        errors: The fields at fault, for 422.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        self.detail = detail or self.title
        self.headers = dict(headers or {})
        self.errors = tuple(errors)
        super().__init__(self.detail)


class ValidationFailed(GatewrightError):
    """The body, the query or the path is not valid for the call."""

    code = "validation_failed"
    status = 422
    title = "The request is not valid."


class Conflict(GatewrightError):
    """The change conflicts with stored data, such as a value that must be unique."""

    code = "conflict"
    status = 409
    title = "The change conflicts with stored data."


class NotFound(GatewrightError):
    """The resource does not exist, or belongs to another user; the response does not reveal which."""

    code = "not_found"
    status = 404
    title = "Not found."


class Unavailable(GatewrightError):
    """A service that the request needs, such as the database, does not answer."""

    code = "unavailable"
    status = 503
    title = "The service is not available at the moment. Try again in a few seconds."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class Overloaded(GatewrightError):
    """The server has more work than it can do in time; it refuses at once instead of queueing."""

    code = "overloaded"
    status = 503
    title = "Too many requests at the moment. Try again in a few seconds."

    def __init__(self, detail: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class SetupError(Exception):
    """Gatewright cannot start or continue with its settings; the message says what to change."""
