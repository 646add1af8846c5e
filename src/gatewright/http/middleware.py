"""Gatewright around any ASGI app."""

from __future__ import annotations

from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright.errors import GatewrightError
from gatewright.http._compat import get_route_path
from gatewright.http.context import request_id_of
from gatewright.http.dependencies import authenticate_scope
from gatewright.http.edge import Edge, ScopeMiddleware
from gatewright.http.host import Installable, answer_errors_everywhere
from gatewright.http.lifespan import LifespanAround, Starts
from gatewright.http.problems import problem_response


class Startable(Installable, Starts, Protocol):
    """What is put around an app: `gatewright.Gatewright`."""


class GatewrightMiddleware:
    """Gatewright for any ASGI app: `app = GatewrightMiddleware(app, auth)`.

    Answers Gatewright's own routes, and starts and stops with the server, around an app without a lifespan too. It puts
    who makes a request into `scope["user"]`: a `Principal`, or None without credentials. Credentials that do not count
    are refused with 401.
    """

    def __init__(self, app: ASGIApp, auth: Startable) -> None:
        self._app = ScopeMiddleware(self._identified, auth=auth)
        self._inner = app
        self._auth = auth
        self._own = Edge(auth.routes, auth, https=auth.is_https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] == "lifespan":
            self._auth.cookies.log_problem(self._inner)
            answer_errors_everywhere(self._inner)
            await LifespanAround(self._auth, receive, send).run(self._inner, scope)
        elif scope["type"] == "http" and self._auth.routes.methods(get_route_path(scope)) is not None:
            await self._own(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            try:
                scope["user"] = await authenticate_scope(scope)
            except GatewrightError as error:
                await _refuse(error, scope, receive, send)
                return
        await self._inner(scope, receive, send)


async def _refuse(error: GatewrightError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # 1008: the message violates a policy (RFC 6455 section 7.4.1).
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
    else:
        await problem_response(error, request_id_of(scope))(scope, receive, send)
