"""Routes that FastAPI answers, in the HTTP contract's way; and those that it documents late."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, RouteContext
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from gatewright.core.context import Context
from gatewright.errors import GatewrightError, ValidationFailed
from gatewright.http._compat import get_route_path
from gatewright.http.context import context_of, header
from gatewright.http.errors import UnsupportedMediaType
from gatewright.http.head import as_get, methods_at, without_content
from gatewright.http.problems import answer_errors, invalid_body, validation_error
from gatewright.http.schemas import RequestBody, parsed_json

Body = TypeVar("Body", bound=RequestBody)
Errors = Sequence[type[GatewrightError]]

PROBLEM_REFERENCE = "#/components/schemas/gatewright.Problem"
"""Where documents in the making refer to `Problem`: under a name that no model of a host has. `openapi` replaces it."""


class _JsonRequest(Request):
    """A request whose JSON is read as on the hot routes."""

    async def json(self) -> Any:
        return parsed_json(await self.body())


class Route(APIRoute):
    """A FastAPI route that takes HEAD as well as GET, refuses a body of another media type, and is not to be stored."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As FastAPI has it, for HEAD too."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        return super().matches(as_get(scope) if is_head else scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request as ASGI."""
        if scope["method"] == "HEAD":
            scope, send = as_get(scope), without_content(send)
        try:
            await super().handle(scope, receive, send)
        except HTTPException as error:
            # FastAPI's refusal of a method names those of this route alone.
            if error.status_code != 405 or "app" not in scope:
                raise
            allow = ", ".join(sorted(methods_at(scope["app"].routes, get_route_path(scope))))
            raise HTTPException(405, headers={"Allow": allow}) from None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What FastAPI calls with a request, and what comes before and behind it."""
        handle = super().get_route_handler()
        takes_json = self.body_field is not None

        async def checked(request: Request) -> Response:
            answer_errors(request.scope)
            if takes_json and _has_body(request.scope):
                check_json_type(request.scope)
            try:
                response = await handle(_JsonRequest(request.scope, request.receive))
            except RequestValidationError as error:
                raise self._completed(request, error) from None
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return checked

    def _completed(self, request: Request, error: RequestValidationError) -> GatewrightError:
        model = None if self.body_field is None else self.body_field.field_info.annotation
        refusal = validation_error(error.errors())
        if not (isinstance(model, type) and issubclass(model, RequestBody)):
            return refusal
        return _completed(refusal, model, error.body, context_of(request.scope))


class LateRoute(Route):
    """A route whose endpoint takes the request as it is, and that is described when the OpenAPI document is made.

    FastAPI analyses signatures and models when a route is declared, and once more for each router that the route is
    included in. For an app of a hundred tables that takes most of its start.

    Attributes:
        describe: What FastAPI needs to document it: an `endpoint` with the whole signature, `raises` and `responses`
            as for `Router.get`, and more options of FastAPI.
    """

    describe: Callable[[], dict[str, Any]]

    def described(self, context: RouteContext) -> APIRoute:
        """This route as FastAPI documents it.

        Args:
            context: It says where the route is included, and with what.
        """
        options = self.describe()
        responses = {**error_responses(options.pop("raises")), **options.pop("responses")}
        return Route(
            str(context.path),
            options.pop("endpoint"),
            name=context.name,
            methods=context.methods,
            tags=context.tags,
            dependencies=context.dependencies,
            responses={**context.responses, **responses},
            deprecated=context.deprecated,
            include_in_schema=context.include_in_schema,
            callbacks=context.callbacks,
            operation_id=context.operation_id,
            response_class=context.response_class,
            generate_unique_id_function=context.generate_unique_id_function,
            **options,
        )


def error_responses(errors: Errors) -> dict[int | str, dict[str, Any]]:
    """The entries of *errors* in an OpenAPI operation's `responses`."""
    titles: dict[int, list[str]] = {}
    for error in errors:
        titles.setdefault(error.status, []).append(f"`{error.code}`: {error.title}")
    content = {"application/problem+json": {"schema": {"$ref": PROBLEM_REFERENCE}}}
    return {status: {"description": " ".join(texts), "content": content} for status, texts in titles.items()}


def check_json_type(scope: Scope) -> None:
    """Refuse a body that is not declared as JSON.

    Raises:
        UnsupportedMediaType: It is declared as something else, or not at all.
    """
    media_type = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")


async def read_json(request: Request) -> Any:
    """What the body of *request* says as JSON; None without a body.

    Raises:
        GatewrightError: It is too large, no JSON, or of another media type.
    """
    if _has_body(request.scope):
        check_json_type(request.scope)
    content = await request.body()
    if not content:
        return None
    # Again, since HTTP/2 allows a body that no header announces.
    check_json_type(request.scope)
    return parsed_json(content)


def body_as(model: type[Body], value: Any, context: Context) -> Body:
    """*value*, what a request says as JSON, as *model*.

    Raises:
        GatewrightError: It is not valid, or None.
    """
    if value is None:
        raise validation_error([{"type": "missing", "loc": (), "msg": "Field required"}])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _completed(invalid_body(error), model, value, context) from None


def _completed(refusal: GatewrightError, model: type[RequestBody], body: Any, context: Context) -> GatewrightError:
    """*refusal* of *body*, with what is wrong besides with the same body."""
    if not (isinstance(refusal, ValidationFailed) and isinstance(body, dict)):
        return refusal
    known = {problem.field for problem in refusal.errors}
    found = (each for each in model.problems_beside(body, context) if each.field not in known)
    return ValidationFailed(errors=[*(model.explain(each, context) for each in refusal.errors), *found])


def _has_body(scope: Scope) -> bool:
    return header(scope, b"transfer-encoding") is not None or header(scope, b"content-length") not in (None, "0")
