"""Gatewright's own routes as one ASGI app, which any other app can hand requests to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NoReturn

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright.http._compat import compile_path, get_route_path, iter_route_contexts
from gatewright.http.context import request_id_of
from gatewright.http.cookies import Cookies
from gatewright.http.errors import CrossSiteRequest, MethodNotAllowed
from gatewright.http.head import with_head
from gatewright.http.openapi import gatewright_document
from gatewright.http.problems import answer_with_problems, is_page, problem_response, refusal_response
from gatewright.http.routing import HotRoute, Router


class GatewrightRoutes:
    """The routes of all features.

    A known path is answered here for every method, so that a wrong method gets Gatewright's own refusal and not the
    host's.

    Args:
        routers: The features' routes.
        prefix: What their paths begin with.
        cookies: The cookies that browsers may send instead of tokens.
    """

    def __init__(self, routers: Sequence[Router], prefix: str, cookies: Cookies) -> None:
        self._cookies = cookies
        self._fastapi, self._hot = _join(tuple(routers), prefix)
        self._methods, self._patterns = _paths(self._fastapi.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path is one of ours."""
        try:
            self._cookies.check_carried(scope, has_own_proof=is_page(scope))
        except CrossSiteRequest as error:
            await refusal_response(error, scope)(scope, receive, send)
            return
        path = get_route_path(scope)
        hot = self._hot.get(("GET" if scope["method"] == "HEAD" else scope["method"], path))
        if hot is not None:
            await hot(scope, receive, send)
            return
        methods = self.methods(path)
        if methods is not None and scope["method"] not in methods:
            refusal = MethodNotAllowed(headers={"Allow": ", ".join(sorted(methods))})
            # No form or link sends another method: one that comes is from a program, which reads a problem document.
            await problem_response(refusal, request_id_of(scope))(scope, receive, send)
            return
        await self._fastapi(scope, receive, send)

    def methods(self, path: str) -> set[str] | None:
        """The methods that *path* takes; None when it is not one of ours."""
        if path in self._methods:
            return self._methods[path]
        # No identifier holds a NUL, and PostgreSQL fails at the mere question.
        if "\0" in path:
            return None
        return next((methods for pattern, methods in self._patterns if pattern.fullmatch(path)), None)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The OpenAPI document of these routes."""
        bodies = [route.body for route in self._hot.values() if route.body is not None]
        return gatewright_document(self._fastapi, bodies, self._cookies)


class GatewrightEntry(BaseRoute):
    """The place of an `GatewrightRoutes` among a Starlette app's routes."""

    def __init__(self, app: GatewrightRoutes, answer: Any) -> None:
        self._app = app
        self._answer = answer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for every path of ours and every method."""
        if scope["type"] == "http" and self._app.methods(get_route_path(scope)) is not None:
            return Match.FULL, {}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request over."""
        await self._answer(scope, receive, send)


class GatewrightFirst:
    """Middleware that answers an `GatewrightRoutes`'s paths before the app behind it is asked.

    For apps that are Gatewright's from edge to edge: what FastAPI does around and before the choice of a route takes
    a fifth of a profile read. In a host's app, the routes stay behind its own middleware (`GatewrightEntry`).
    """

    def __init__(self, app: ASGIApp, routes: GatewrightRoutes, answer: ASGIApp) -> None:
        self._app = app
        self._routes = routes
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        is_own = scope["type"] == "http" and self._routes.methods(get_route_path(scope)) is not None
        await (self._answer if is_own else self._app)(scope, receive, send)


@lru_cache(maxsize=8)
def _join(routers: tuple[Router, ...], prefix: str) -> tuple[FastAPI, dict[tuple[str, str], HotRoute]]:
    # A test suite makes one Gatewright after the other, and FastAPI takes 50 ms to read what these routes ask for.
    joined = FastAPI(title="Gatewright", openapi_url=None, generate_unique_id_function=_operation_id)
    hot: dict[tuple[str, str], HotRoute] = {}
    for router in routers:
        path = "" if router.at_root else prefix
        joined.include_router(router, prefix=path)
        hot.update({(route.method, path + route.path): route for route in router.hot_routes})
    answer_with_problems(joined)
    joined.add_exception_handler(Exception, _leave_to_edge)
    return joined, hot


async def _leave_to_edge(_: Request, error: Exception) -> NoReturn:
    # Starlette's own answer to a fault is a line of plain text; the edge's is a problem document.
    raise error


def _operation_id(route: APIRoute) -> str:
    return route.name


def _paths(routes: Sequence[BaseRoute]) -> tuple[dict[str, set[str]], list[tuple[re.Pattern[str], set[str]]]]:
    methods: dict[str, set[str]] = {}
    for route in iter_route_contexts(routes):
        if route.path is not None:
            methods.setdefault(route.path, set()).update(with_head(route.methods or ()))
    patterns = [(compile_path(path)[0], taken) for path, taken in methods.items() if "{" in path]
    return {path: taken for path, taken in methods.items() if "{" not in path}, patterns
