"""The base of every error that a caller can meet.

Two families, because they have two readers. `GatewrightError` answers a request: it has a code of the closed
list in the HTTP contract, and becomes a problem document (RFC 9457). `SetupError` answers whoever runs
Gatewright: a wrong setting, a missing service, a port in use; it is one sentence that says what to do.
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
    """Something that a request is refused for.

    A subclass says what the refusal is; an instance may add what this one is about.

    Args:
        detail: What the reader of this one answer should know. The title, when left out.
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
    """The body, the query or the path holds something that the call does not take."""

    code = "validation_failed"
    status = 422
    title = "The request is not valid."


class Conflict(GatewrightError):
    """The change clashes with what is stored, such as a value that has to be unique."""

    code = "conflict"
    status = 409
    title = "The change conflicts with what is stored."


class NotFound(GatewrightError):
    """There is no such thing, or it is somebody else's: the answer does not tell which."""

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
    """More work waits than can be done in time; refused at once instead of queued."""

    code = "overloaded"
    status = 503
    title = "Too many requests at the moment. Try again in a few seconds."

    def __init__(self, detail: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class SetupError(Exception):
    """Gatewright cannot start or go on as it was set up; the message says what to change."""
