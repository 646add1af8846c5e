"""What an app with Gatewright gets, no matter where Gatewright's own routes are answered."""

from __future__ import annotations

from typing import Any, Protocol

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

from gatewright.errors import GatewrightError
from gatewright.http._compat import iter_route_contexts
from gatewright.http.edge import Running, ScopeMiddleware
from gatewright.http.feature_set import FeatureSet
from gatewright.http.gatewright_routes import GatewrightRoutes
from gatewright.http.openapi import described_routes, merged
from gatewright.http.problems import handle_error
from gatewright.settings import Prepared


class Installable(Running, Protocol):
    """What an app is made for: `gatewright.Gatewright`."""

    settings: Any
    features: FeatureSet
    prepared: Prepared
    routes: GatewrightRoutes

    @property
    def is_https(self) -> bool:
        """Whether clients reach this server by https."""
        ...


def prepare_host(app: Starlette, auth: Installable) -> None:
    """Make `CurrentUser` and the like work in *app*, and describe Gatewright's own routes in its document."""
    app.state.gatewright = auth

    def enter(inner: ASGIApp) -> ASGIApp:
        # Starlette calls this when the app starts: all that is mounted is there by then.
        answer_errors_everywhere(app)
        return ScopeMiddleware(inner, auth)

    app.add_middleware(enter)
    app.add_exception_handler(GatewrightError, handle_error)
    if isinstance(app, FastAPI):
        _document_in(app, auth)


def answer_errors_everywhere(app: ASGIApp) -> None:
    """Let *app*, and all Starlette apps that it holds at any depth, answer `GatewrightError` with a problem document.

    A handler of their own for these errors stays. An app that has begun to answer requests is left as it is.
    """
    seen: set[int] = set()
    nodes: list[Any] = [app]
    while nodes:
        node = nodes.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Starlette):
            node.exception_handlers.setdefault(GatewrightError, handle_error)
        if isinstance(node, FastAPI) and node is not app:
            _describe_late_routes(node)
        # Middleware and mounts keep what they pass requests on to in `app`.
        nodes.append(getattr(node, "app", None))
        nodes += [context.original_route for context in iter_route_contexts(getattr(node, "routes", ()))]


def _describe_late_routes(app: FastAPI) -> None:
    """Let the document of *app*, which is mounted in another, describe the routes of tables in it."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        with described_routes(app):
            return make()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it


def _document_in(app: FastAPI, auth: Installable) -> None:
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            with described_routes(app):
                document = make()
            app.openapi_schema = merged(
                document,
                auth.routes.document,
                public_url=auth.prepared.public_url,
                prefix=auth.settings.api_prefix,
                cookies=auth.cookies,
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it
