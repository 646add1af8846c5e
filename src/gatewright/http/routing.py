"""How features declare routes: FastAPI's way, with the errors a route may answer, and a shorter way for hot calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.errors import GatewrightError, ValidationFailed
from gatewright.http._compat import get_route_path
from gatewright.http.context import context_of, header, request_id_of
from gatewright.http.cookies import (
    USE_COOKIES_PARAMETER,
    Cookies,
    TokenPair,
    asks_for_cookies,
    cookies_of,
    wants_cookies,
)
from gatewright.http.dependencies import SCHEME_NAME, authenticate_scope
from gatewright.http.errors import NotAuthenticated, UnsupportedMediaType
from gatewright.http.head import as_get, methods_at, without_content
from gatewright.http.problems import answer_errors, problem_response, validation_error
from gatewright.http.schemas import RequestBody, ResponseBody, json_bytes, parsed_json

Body = TypeVar("Body", bound=RequestBody)
Errors = Sequence[type[GatewrightError]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_HotEndpoint = Callable[["HotRequest"], Awaitable[Any]]


class _Declare(Protocol):
    """A decorator that leaves the function as it is."""

    def __call__(self, endpoint: Endpoint, /) -> Endpoint: ...


PROBLEM_REFERENCE = "#/components/schemas/gatewright.Problem"
"""Where documents in the making refer to `Problem`: under a name that no model of a host has. `openapi` replaces it."""

REFRESH_COOKIE = f"{SCHEME_NAME}RefreshCookie"
OPTIONAL_REFRESH_COOKIE: list[dict[str, list[str]]] = [{REFRESH_COOKIE: []}, {}]
"""The security of an OpenAPI operation that takes a refresh token as a cookie, too."""

_NO_STORE = {"Cache-Control": "no-store"}


class HotRequest:
    """A request to a hot route: what FastAPI's dependencies would give, when it is asked for."""

    __slots__ = ("_receive", "context", "cookies_to_set", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.context: Context = context_of(scope)
        self.cookies_to_set: list[str] = []
        self._receive = receive

    @property
    def cookies(self) -> Cookies:
        """The server's cookies, to read them from `scope`."""
        return cookies_of(self.scope)

    def wants_cookies(self) -> bool:
        """Whether the query asks for the tokens in cookies.

        Raises:
            ValidationFailed: It says neither yes nor no.
            CrossSiteRequest: It does, and no page that may has made the call.
        """
        return wants_cookies(self.scope, asks_for_cookies(self.scope))

    def set_cookies(self, tokens: TokenPair) -> None:
        """Let the answer set the cookies of a session."""
        self.cookies_to_set += self.cookies.of_session(tokens)

    async def authenticate(self) -> Principal:
        """Who makes the request.

        Raises:
            NotAuthenticated: The request has no credentials.
            InvalidToken: The credentials do not count.
        """
        user = await authenticate_scope(self.scope)
        if user is None:
            raise NotAuthenticated
        return user

    async def body(self, model: type[Body]) -> Body:
        """The JSON body as *model*.

        Raises:
            GatewrightError: It is missing, too large, no JSON, of another media type, or not valid.
        """
        body = await self.optional_body(model)
        if body is None:
            raise validation_error([{"type": "missing", "loc": (), "msg": "The call needs a body."}])
        return body

    async def optional_body(self, model: type[Body]) -> Body | None:
        """The JSON body as *model*; None without one.

        Raises:
            GatewrightError: It is too large, no JSON, of another media type, or not valid.
        """
        content = await self._content()
        if not content:
            return None
        check_json_type(self.scope)
        try:
            return model.model_validate(parsed_json(content))
        except ValidationError as error:
            raise validation_error(error.errors(include_url=False)) from None

    async def _content(self) -> bytes:
        content = b""
        more = True
        while more:
            message = await self._receive()
            content += message.get("body", b"")
            more = message.get("more_body", False)
        return content


@dataclass(frozen=True)
class HotRoute:
    """A route that is found by its exact path and called without FastAPI's dependency injection.

    That injection takes longer than everything else that a profile read does, the database included. The route is in
    the OpenAPI document like any other.
    """

    method: str
    path: str
    endpoint: Callable[[HotRequest], Awaitable[ResponseBody]]
    body: type[RequestBody] | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request as ASGI."""
        try:
            request = HotRequest(scope, receive)
            answer = await self.endpoint(request)
            response = Response(json_bytes(answer), headers=_NO_STORE, media_type="application/json")
            for cookie in request.cookies_to_set:
                response.headers.append("Set-Cookie", cookie)
        except GatewrightError as error:
            response = problem_response(error, request_id_of(scope))
        await response(scope, receive, send)


class _JsonRequest(Request):
    """A request whose JSON is read as on the hot routes."""

    async def json(self) -> Any:
        return parsed_json(await self.body())


class _Route(APIRoute):
    """A FastAPI route that takes HEAD as well as GET, refuses a body of another media type, and is not to be stored."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        return super().matches(as_get(scope) if is_head else scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        """The refusal for *error*, with what is wrong besides with the same body."""
        refusal = validation_error(error.errors())
        model = None if self.body_field is None else self.body_field.field_info.annotation
        if not (isinstance(refusal, ValidationFailed) and isinstance(error.body, dict)):
            return refusal
        if not (isinstance(model, type) and issubclass(model, RequestBody)):
            return refusal
        context = context_of(request.scope)
        known = {problem.field for problem in refusal.errors}
        found = (each for each in model.problems_beside(error.body, context) if each.field not in known)
        return ValidationFailed(errors=[*(model.explain(each, context) for each in refusal.errors), *found])


class Router(APIRouter):
    """The routes of one feature.

    `get`, `post` and so on are FastAPI's, and take `raises` too: the errors that the route's own logic may answer
    with. What every route of its kind answers (no token, no JSON, too large …) is added to the document by itself.

    Args:
        tags: Where the OpenAPI document lists them.
        at_root: The paths do not begin with `API_PREFIX`.
    """

    def __init__(self, *, tags: list[str], at_root: bool = False) -> None:
        super().__init__(tags=list(tags), route_class=_Route)
        self.at_root = at_root
        self.hot_routes: list[HotRoute] = []

    # Starlette compares routers by their routes, which leaves them without a hash.
    __hash__ = object.__hash__

    def hot(
        self,
        method: str,
        path: str,
        *,
        answer: Any,
        body: type[RequestBody] | None = None,
        raises: Errors = (),
        bearer: bool = False,
        refresh_cookie: bool = False,
    ) -> Callable[[_HotEndpoint], _HotEndpoint]:
        """Declare a hot route; what FastAPI reads from a signature is declared here.

        Args:
            answer: What it answers with 200: one model, or several.
            body: The JSON body that it takes.
            raises: The errors that its own logic may answer with.
            bearer: Whether it needs an access token.
            refresh_cookie: Whether a cookie does in the place of the body, and tokens may go into cookies.
        """

        def declare(endpoint: _HotEndpoint) -> _HotEndpoint:
            self.hot_routes.append(HotRoute(method, path, endpoint, body))
            self.add_api_route(
                path,
                _documented(endpoint),
                methods=[method],
                response_model=answer,
                responses=error_responses(raises),
                openapi_extra=_hot_operation(body, bearer=bearer, refresh_cookie=refresh_cookie),
            )
            return endpoint

        return declare

    def get(self, path: str, *, raises: Errors = (), **options: Any) -> _Declare:
        """A GET route."""
        return self._declare("GET", path, raises, options)

    def post(self, path: str, *, raises: Errors = (), **options: Any) -> _Declare:
        """A POST route."""
        return self._declare("POST", path, raises, options)

    def patch(self, path: str, *, raises: Errors = (), **options: Any) -> _Declare:
        """A PATCH route."""
        return self._declare("PATCH", path, raises, options)

    def delete(self, path: str, *, raises: Errors = (), **options: Any) -> _Declare:
        """A DELETE route."""
        return self._declare("DELETE", path, raises, options)

    def _declare(self, method: str, path: str, raises: Errors, options: dict[str, Any]) -> _Declare:
        responses = {**error_responses(raises), **options.pop("responses", {})}
        return self.api_route(path, methods=[method], responses=responses, **options)


def takes(body: type[BaseModel]) -> Callable[[Endpoint], Endpoint]:
    """Let an endpoint take *body* instead of the model that its signature names, one that a design adds fields to."""

    def name(endpoint: Endpoint) -> Endpoint:
        endpoint.__annotations__["body"] = body
        return endpoint

    return name


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


def _has_body(scope: Scope) -> bool:
    return header(scope, b"transfer-encoding") is not None or header(scope, b"content-length") not in (None, "0")


def _documented(endpoint: _HotEndpoint) -> Callable[..., Any]:
    async def stand_in() -> None:
        raise AssertionError("hot routes are dispatched before FastAPI sees them")

    stand_in.__name__, stand_in.__doc__ = endpoint.__name__, endpoint.__doc__
    return stand_in


def _hot_operation(body: type[BaseModel] | None, *, bearer: bool, refresh_cookie: bool) -> dict[str, Any]:
    operation: dict[str, Any] = {}
    if body is not None:
        schema = {"$ref": f"#/components/schemas/{body.__name__}"}
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": not refresh_cookie, "content": content}
    if bearer:
        operation["security"] = [{SCHEME_NAME: []}]
    if refresh_cookie:
        operation["security"] = OPTIONAL_REFRESH_COOKIE
        operation["parameters"] = [USE_COOKIES_PARAMETER]
    return operation
