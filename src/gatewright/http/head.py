"""HEAD, which every path takes that takes GET: the same answer without content (RFC 9110 sections 9.1 and 9.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.http._compat import compile_path, get_route_path, iter_route_contexts


def with_head(methods: Iterable[str]) -> set[str]:
    """*methods*, and HEAD where GET is among them."""
    taken = set(methods)
    return taken | {"HEAD"} if "GET" in taken else taken


def as_get(scope: Scope) -> Scope:
    """The request behind *scope* as a GET."""
    return {**scope, "method": "GET"}


def sends_for(scope: Scope, send: Send) -> Send:
    """What the request behind *scope* is answered with: `send` itself, unless it is HEAD."""
    return without_content(send) if scope["method"] == "HEAD" else send


def without_content(send: Send) -> Send:
    """Pass the headers of an answer on as they are, `Content-Length` included, and nothing of its content."""
    has_ended = False

    async def send_headers(message: Message) -> None:
        nonlocal has_ended
        if message["type"] == "http.response.start":
            await send(message)
        elif not has_ended:
            has_ended = True
            await send({"type": "http.response.body", "body": b""})

    return send_headers


def methods_at(routes: Sequence[BaseRoute], path: str) -> set[str]:
    """The methods that *path* takes, by all *routes* with that path."""
    return with_head(_methods(routes, path))


def _methods(routes: Sequence[BaseRoute], path: str) -> Iterator[str]:
    for route in iter_route_contexts(routes):
        if route.path is not None and compile_path(route.path)[0].fullmatch(path):
            yield from route.methods or ()


class HeadAsGet:
    """Answers HEAD in an app whose routes take GET alone, as FastAPI's do; a route of its own for HEAD stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, as a GET where no route takes HEAD."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            methods = set(_methods(scope["app"].routes, get_route_path(scope)))
            if "GET" in methods and "HEAD" not in methods:
                scope, send = as_get(scope), without_content(send)
        await self._app(scope, receive, send)
