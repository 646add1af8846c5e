"""How features declare routes: FastAPI's way, with the errors a route may answer, and a shorter way for hot calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.errors import GatewrightError
from gatewright.http.api_routes import Body, Errors, LateRoute, Route, check_json_type, error_responses
from gatewright.http.context import context_of, request_id_of
from gatewright.http.cookies import (
    USE_COOKIES_PARAMETER,
    Cookies,
    TokenPair,
    asks_for_cookies,
    cookies_of,
    wants_cookies,
)
from gatewright.http.dependencies import SCHEME_NAME, authenticate_scope
from gatewright.http.errors import NotAuthenticated
from gatewright.http.problems import invalid_body, problem_response, validation_error
from gatewright.http.schemas import RequestBody, ResponseBody, json_bytes, parsed_json

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_HotEndpoint = Callable[["HotRequest"], Awaitable[Any]]


class _Declare(Protocol):
    """A decorator that leaves the function as it is."""

    def __call__(self, endpoint: Endpoint, /) -> Endpoint: ...


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
            raise invalid_body(error) from None

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


_Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


class Router(APIRouter):
    """The routes of one feature.

    `get`, `post` and so on are FastAPI's, and take `raises` too: the errors that the route's own logic may answer
    with. What every route of its kind answers (no token, no JSON, too large …) is added to the document by itself.

    Args:
        tags: Where the OpenAPI document lists them.
        at_root: The paths do not begin with `API_PREFIX`.
    """

    def __init__(self, *, tags: list[str], at_root: bool = False) -> None:
        super().__init__(tags=list(tags), route_class=Route)
        self.at_root = at_root
        self.hot_routes: list[HotRoute] = []
        self._lifespans: list[_Lifespan] = [self.lifespan_context]

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

    def late(
        self,
        method: str,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        *,
        name: str,
        describe: Callable[[], dict[str, Any]],
    ) -> None:
        """Declare a route that is described when the OpenAPI document is made.

        Args:
            endpoint: It reads what it needs from the request, and answers with a response.
            name: The endpoint's, and the operation's.
            describe: See `LateRoute`.
        """
        self.add_api_route(
            path, endpoint, methods=[method], name=name, operation_id=name, route_class_override=LateRoute
        )
        route = self.routes[-1]
        assert isinstance(route, LateRoute)
        route.describe = describe

    def include_router(self, router: APIRouter, *arguments: Any, **options: Any) -> None:
        """Include *router*, as FastAPI does."""
        super().include_router(router, *arguments, **options)
        # FastAPI would nest the lifespan of each router in that of the one before, and Python's stack ends with some
        # 480 of them.
        self._lifespans.append(router.lifespan_context)
        self.lifespan_context = self._all_lifespans  # type: ignore[assignment]  # FastAPI takes a state, too, or none

    @asynccontextmanager
    async def _all_lifespans(self, app: Any) -> AsyncIterator[dict[str, Any] | None]:
        state: dict[str, Any] = {}
        async with AsyncExitStack() as entered:
            for lifespan in self._lifespans:
                found = await entered.enter_async_context(lifespan(app))
                # Of two with one name, the first counts, as in FastAPI.
                state = {**(found or {}), **state}
            yield state or None

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
