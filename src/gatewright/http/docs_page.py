"""`/docs`: a page to read about the calls and to try them, from files of this installation.

Swagger UI comes with the fastapi-offline package, so the page loads nothing from elsewhere. Its one inline script
runs by a nonce that is new in each answer (Content Security Policy Level 3, section 8.1).
"""

from __future__ import annotations

import hashlib
import html
import json
import secrets
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from gatewright.errors import NotFound

_SCRIPT, _STYLE, _ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"
_MEDIA_TYPES = {_SCRIPT: "text/javascript", _STYLE: "text/css", _ICON: "image/png"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

# Addresses are relative, so that the page works behind a proxy's path too.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
<script src="{script}" nonce="{nonce}"></script>
<script nonce="{nonce}">SwaggerUIBundle({options})</script>
</body>
</html>
"""
_OPTIONS = json.dumps(
    {"url": "openapi.json", "dom_id": "#swagger-ui", "deepLinking": True, "displayRequestDuration": True}
)


def add_docs(app: FastAPI) -> None:
    """Serve the OpenAPI document of *app*, and the page."""

    async def document() -> Response:
        content = json.dumps(app.openapi(), separators=(",", ":"), ensure_ascii=False)
        return Response(content, headers={"Cache-Control": "no-cache"}, media_type="application/json")

    async def page(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": _policy(nonce), "Cache-Control": "no-store"}
        return HTMLResponse(_render(request.app.title, nonce), headers=headers)

    async def asset(digest: str, name: str) -> Response:
        if name not in _MEDIA_TYPES or digest != _digest(name):
            raise NotFound
        return FileResponse(_folder() / name, headers=_FOR_EVER, media_type=_MEDIA_TYPES[name])

    for path, endpoint in (("/openapi.json", document), ("/docs", page), ("/docs/{digest}/{name}", asset)):
        app.add_api_route(path, endpoint, include_in_schema=False)


def _render(title: str, nonce: str) -> str:
    return _PAGE.format(
        title=html.escape(title),
        nonce=nonce,
        options=_OPTIONS,
        icon=_address(_ICON),
        style=_address(_STYLE),
        script=_address(_SCRIPT),
    )


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def _address(name: str) -> str:
    # The address changes with the content, which therefore never goes stale.
    return f"docs/{_digest(name)}/{name}"


@cache
def _digest(name: str) -> str:
    with (_folder() / name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@cache
def _folder() -> Path:
    import fastapi_offline

    return Path(fastapi_offline.__file__).parent / "static"
