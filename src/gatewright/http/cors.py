"""CORS for the browser apps that the settings list, and for nobody else (Fetch standard, section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gatewright.errors import GatewrightError
from gatewright.http.context import request_id_of
from gatewright.http.problems import problem_response

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_EXPOSED = ("X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy", "ETag", "Location")
_SECONDS_TO_REMEMBER = 600


class CrossSiteRequest(GatewrightError):
    """A page of another site asks, and the settings do not list it."""

    code = "cross_site_request"
    status = 403
    title = "Pages of this origin may not make this call."


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of *origins* read the answers of *app*.

    Cookies and `Authorization` are allowed with them, unless the list holds `*`: any page whatever may then ask,
    and so only in nobody's name.
    """
    anybody = "*" in origins
    app.add_middleware(
        _Cors,
        allow_origins=["*"] if anybody else list(origins),
        allow_credentials=not anybody,
        allow_methods=_METHODS,
        allow_headers=["*"],
        expose_headers=_EXPOSED,
        max_age=_SECONDS_TO_REMEMBER,
    )


class _Cors(CORSMiddleware):
    """Starlette's, with a problem document for a preflight that is refused."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._refuses(scope):
            refusal = problem_response(CrossSiteRequest(), request_id_of(scope))
            refusal.headers["Vary"] = "Origin"
            await refusal(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _refuses(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        is_preflight = scope["method"] == "OPTIONS" and {"origin", "access-control-request-method"} <= set(headers)
        return is_preflight and self.preflight_response(headers).status_code != 200


__all__ = ["CrossSiteRequest", "Response", "allow_origins"]
