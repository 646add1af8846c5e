"""An app that is Gatewright's from edge to edge: the stand-alone server, and the app that `gatewright init` writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, compile_path

import gatewright
from gatewright.http import health, openapi
from gatewright.http.context import request_id_of
from gatewright.http.cors import allow_origins
from gatewright.http.docs_page import add_docs
from gatewright.http.edge import Edge, Running
from gatewright.http.errors import MethodNotAllowed
from gatewright.http.problems import answer_with_problems, problem_response
from gatewright.settings import KernelSettings, Prepared


class Installable(Running, Protocol):
    """What an app is made for: `gatewright.Gatewright`."""

    settings: Any
    prepared: Prepared

    @property
    def is_https(self) -> bool:
        """Whether clients reach this server by https."""
        ...

    def install(self, app: Starlette) -> None:
        """Add its routes to *app*."""
        ...


def make_service_app(auth: Installable, lifespan: Any, **options: Any) -> FastAPI:
    """An app whose every answer follows Gatewright's HTTP contract, whoever wrote the route.

    Args:
        auth: What is installed in it.
        lifespan: The lifespan of the app, with that of *auth* in it.
        options: FastAPI's own, such as `title`.
    """
    settings: KernelSettings = auth.settings
    app = FastAPI(**{**_OPTIONS, **options}, lifespan=lifespan, openapi_url=None)
    answer_with_problems(app)
    app.add_exception_handler(405, _refuse_method)
    _complete_document(app)
    app.include_router(health.router)
    if auth.prepared.docs:
        add_docs(app)
    auth.install(app)
    if settings.cors_origins:
        allow_origins(app, settings.cors_origins)
    # Added last, so outermost: what CORS refuses has its headers too.
    app.add_middleware(Edge, auth=auth, https=auth.is_https)
    return app
