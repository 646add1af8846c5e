"""CORS for the browser apps that the settings list, and for no other page (Fetch standard, section 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.http.context import request_id_of
from gatewright.http.errors import CrossSiteRequest
from gatewright.http.problems import problem_response

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_EXPOSED = ("X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy", "ETag", "Location")
_SECONDS_TO_REMEMBER = 600


def allow_origins(app: FastAPI, origins: Sequence[str], edge: Callable[[ASGIApp], ASGIApp]) -> None:
    """Let pages of *origins* read the answers of *app*.

    Cookies and `Authorization` are allowed with them, unless the list holds `*`: then any page may ask, but only
    without credentials.

    Args:
        app: Its answers, all of them.
        origins: As browsers send them, or `*`.
        edge: What gives an answer its headers, for those that are made here.
    """
    allows_all = "*" in origins
    cors = partial(
        _Cors,
        edge=edge,
        allow_origins=["*"] if allows_all else list(origins),
        allow_credentials=not allows_all,
        allow_methods=_METHODS,
        allow_headers=["*"],
        expose_headers=_EXPOSED,
        max_age=_SECONDS_TO_REMEMBER,
    )
    app.add_middleware(cors)


class _Cors(CORSMiddleware):
    """Starlette's, with preflight answers that follow the contract and reveal nothing to other origins.

    Every answer has `Vary: Origin`, also those to other pages: a cache must not give one to a page that may read it.
    """

    def __init__(self, app: ASGIApp, *, edge: Callable[[ASGIApp], ASGIApp], **options: Any) -> None:
        super().__init__(app, **options)
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "OPTIONS":
            await super().__call__(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not {"origin", "access-control-request-method"} <= set(headers):
            await super().__call__(scope, receive, send)
            return
        answer = self.preflight_response(headers)
        await self._edge(answer if answer.status_code == 200 else _refuse)(scope, receive, send)

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        origin = request_headers.get("origin")
        if message["type"] == "http.response.start" and origin is not None and not self.is_allowed_origin(origin):
            MutableHeaders(scope=message).add_vary_header("Origin")
            await send(message)
            return
        await super().send(message, send, request_headers)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem_response(CrossSiteRequest(), request_id_of(scope))
    answer.headers["Vary"] = "Origin"
    await answer(scope, receive, send)
