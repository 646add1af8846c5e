"""An app that is Gatewright's from edge to edge: the stand-alone server, and the app that `gatewright init` writes."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

import gatewright
from gatewright.http import health, openapi
from gatewright.http._compat import get_route_path
from gatewright.http.context import request_id_of
from gatewright.http.cors import allow_origins
from gatewright.http.docs_page import add_docs
from gatewright.http.edge import MODULES_BODY_LIMIT, Edge
from gatewright.http.errors import MethodNotAllowed
from gatewright.http.gatewright_routes import GatewrightFirst
from gatewright.http.head import HeadAsGet, methods_at
from gatewright.http.host import Installable, prepare_host
from gatewright.http.page_policy import page_policy
from gatewright.http.problems import answer_with_problems, problem_response
from gatewright.settings import KernelSettings

_OPTIONS = {
    "title": "Gatewright",
    "version": gatewright.__version__,
    # A redirect to the same path with a slash would be built from the Host header, which any client can send.
    "redirect_slashes": False,
}


def make_service_app(auth: Installable, lifespan: Any, *, pages: str | None = None, **options: Any) -> FastAPI:
    """An app whose every answer follows Gatewright's HTTP contract, also those of the host's routes.

    Args:
        auth: What is installed in it.
        lifespan: The lifespan of the app, with that of *auth* in it.
        pages: The policy of the app's own pages.
        options: FastAPI's own, such as `title`.

    Raises:
        SetupError: That is no policy.
    """
    settings: KernelSettings = auth.settings
    # The order in which the docs page shows them.
    tags = [asdict(tag) for tag in (*auth.features.tags, health.TAG)]
    app = FastAPI(**{**_OPTIONS, "openapi_tags": tags, **options}, lifespan=lifespan, openapi_url=None)
    answer_with_problems(app)
    app.add_exception_handler(405, _refuse_method)
    _complete_document(app)
    app.include_router(health.router)
    if auth.prepared.docs:
        add_docs(app)
    app.add_middleware(HeadAsGet)
    prepare_host(app, auth)
    edge = partial(Edge, auth=auth, https=auth.is_https)
    app.add_middleware(GatewrightFirst, routes=auth.routes, answer=edge(auth.routes))
    policy = None if pages is None else page_policy(pages)
    app.add_middleware(edge, body_limit=MODULES_BODY_LIMIT, page_policy=policy)
    if settings.cors_origins:
        # Added last, so outermost: a page may read what the edge refuses, too.
        allow_origins(app, settings.cors_origins, edge)
    return app


def _complete_document(app: FastAPI) -> None:
    make = app.openapi

    def document() -> dict[str, Any]:
        made = make()
        openapi.complete(made)
        return made

    app.openapi = document  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it


async def _refuse_method(request: Request, _: Exception) -> Response:
    # Starlette's own refusal names the methods of the first route with this path, not of all (RFC 9110 section 10.2.1).
    methods = sorted(methods_at(request.app.routes, get_route_path(request.scope)))
    refusal = MethodNotAllowed(headers={"Allow": ", ".join(methods)})
    return problem_response(refusal, request_id_of(request.scope))
