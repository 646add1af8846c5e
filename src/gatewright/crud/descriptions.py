"""How the routes of tables are described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from gatewright.crud.access import Access
from gatewright.design.document import CallName
from gatewright.errors import GatewrightError
from gatewright.http.dependencies import OptionalUser
from gatewright.http.errors import InsufficientRole

Answer = Callable[[Request], Awaitable[Response]]

_UNSEEN = {
    201: "Created. A caller who may not read the row gets no body.",
    204: "Changed; the caller may not read the row.",
}


def described(
    access: Access,
    call: CallName | None,
    endpoint: Answer,
    *,
    raises: Sequence[type[GatewrightError]] = (),
    parameters: Sequence[dict[str, Any]] = (),
    headers: dict[str, Any] | None = None,
    status_code: int = 200,
    unseen: int | None = None,
    body: Any = None,
    **options: Any,
) -> dict[str, Any]:
    """A call, in the words of `LateRoute.describe`.

    Args:
        access: Who may make it.
        call: Whose rules count; None for what only administrators may do.
        unseen: The status for those who may write a row and not read it; None for calls that answer without rows.
        body: The type of what it takes.
    """
    extra: dict[str, Any] = {"parameters": list(parameters)}
    if call is not None and access.is_public(call):
        # An access token is not needed (OpenAPI 3.1, security requirement object).
        extra["security"] = [{}]
    responses: dict[int | str, dict[str, Any]] = {status_code: {"headers": headers}} if headers else {}
    if call is not None and unseen is not None and not access.shows_what_is_written(call):
        responses.setdefault(unseen, {})["description"] = _UNSEEN[unseen]
    return {
        "endpoint": with_signature(endpoint, body),
        "raises": [*raises, *([InsufficientRole] if call is None else access.refusals(call))],
        "status_code": status_code,
        "openapi_extra": extra,
        "responses": responses,
        **options,
    }


def built(schema: type[BaseModel]) -> type[BaseModel]:
    """*schema* as FastAPI can describe it: no longer one that pydantic builds late.

    FastAPI 0.165 keeps a warning of pydantic back while it makes the field of a body; for a model with `defer_build`,
    pydantic gives it when the document is made (`findings/fastapi-deferred-body.sh`).
    """
    schema.model_rebuild()
    schema.model_config["defer_build"] = False
    return schema


def with_signature(endpoint: Answer, body: Any) -> Callable[..., Awaitable[Response]]:
    """*endpoint* with a signature that says all that a call takes, *body* included; None for no body."""

    async def without_body(request: Request, user: OptionalUser) -> Response:
        return await endpoint(request)

    async def with_body(request: Request, user: OptionalUser, body_: Any) -> Response:
        return await endpoint(request)

    # A name that no column has: FastAPI takes a parameter with the name of a path parameter for a part of the key.
    with_body.__annotations__["body_"] = body
    return without_body if body is None else with_body
