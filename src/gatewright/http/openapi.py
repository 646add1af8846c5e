"""The OpenAPI document: what FastAPI reads from the routes, completed with what holds for all of them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.errors import GatewrightError, Unavailable, ValidationFailed
from gatewright.http._compat import iter_route_contexts
from gatewright.http.api_routes import PROBLEM_REFERENCE, LateRoute, error_responses
from gatewright.http.cookies import SAFE_METHODS, USE_COOKIES, Cookies
from gatewright.http.dependencies import SCHEME_NAME, TOKEN_PATH
from gatewright.http.errors import (
    CrossSiteRequest,
    InternalError,
    MalformedJson,
    NotAuthenticated,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from gatewright.http.routing import REFRESH_COOKIE
from gatewright.http.schemas import Problem, json_schema

Document = dict[str, Any]

_OF_JSON_BODIES: tuple[type[GatewrightError], ...] = (MalformedJson, UnsupportedMediaType, ValidationFailed)
_OF_EVERY_CALL: tuple[type[GatewrightError], ...] = (PayloadTooLarge, InternalError, Unavailable)
_SCHEMAS = "#/components/schemas/"
_COOKIE = f"{SCHEME_NAME}Cookie"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REQUEST_ID = {
    "description": "Identifies the request in the log.",
    "schema": {"type": "string"},
}
_SET_COOKIE = {"description": "The tokens, with `useCookies=true`.", "schema": {"type": "string"}}
_COOKIES_NEED = "Calls that change data need `Sec-Fetch-Site: same-origin`, or an `Origin` that the server lists."


@contextmanager
def described_routes(app: FastAPI) -> Iterator[None]:
    """Let FastAPI see the late routes of *app* as they are to be documented."""
    routes = app.router.routes
    described: list[Any] = [
        context.original_route.described(context) if isinstance(context.original_route, LateRoute) else context
        for context in iter_route_contexts(routes)
    ]
    app.router.routes = described
    try:
        yield
    finally:
        app.router.routes = routes


def gatewright_document(app: FastAPI, bodies: Iterable[type[BaseModel]], cookies: Cookies) -> Document:
    """The document of Gatewright's own routes, which *app* holds; *bodies* are those that FastAPI does not see."""
    document = get_openapi(title=app.title, version="1", routes=app.routes)
    for method, operation in _operations(document):
        if method.upper() not in SAFE_METHODS:
            _add_errors(operation, [CrossSiteRequest])
        if any(parameter["name"] == USE_COOKIES for parameter in operation.get("parameters", ())):
            _say_that_cookies_are_set(operation)
    complete(document)
    _add_cookies(document, cookies)
    models: list[type[BaseModel]] = [Problem, *bodies]
    for model in models:
        _add_schema(document["components"]["schemas"], model)
    _replace(document, {PROBLEM_REFERENCE: _SCHEMAS + Problem.__name__})
    return document


def complete(document: Document) -> None:
    """Add to each operation what all operations of its kind answer.

    The answers refer to `PROBLEM_REFERENCE`, until the document is merged with Gatewright's own.
    """
    for method, operation in _operations(document):
        _add_errors(operation, _errors_of_its_kind(method, operation))
        for response in operation["responses"].values():
            response.setdefault("headers", {})["X-Request-Id"] = _REQUEST_ID
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def merged(host: Document, own: Mapping[str, Any], *, public_url: str, prefix: str, cookies: Cookies) -> Document:
    """The host's document with Gatewright's routes in it.

    Of two schemas or operations with one name, the host's keeps it; ours goes by `Gatewright` and that name, with a
    number behind it where the host has that as well.

    Args:
        public_url: Its path is the document's server, where the host names none: a proxy may strip it.
        prefix: `API_PREFIX`.
    """
    _add_cookies(host, cookies)
    ours = copy.deepcopy(dict(own))
    theirs = host.setdefault("components", {}).setdefault("schemas", {})
    names = _names_beside(theirs, ours["components"]["schemas"])
    _replace(ours, {_SCHEMAS + old: _SCHEMAS + new for old, new in names.items()})
    _replace(host, {PROBLEM_REFERENCE: _SCHEMAS + names[Problem.__name__]})
    theirs.update({names[name]: schema for name, schema in ours["components"]["schemas"].items()})
    _rename_operations(ours, {operation.get("operationId") for _, operation in _operations(host)})
    schemes = host["components"].setdefault("securitySchemes", {})
    schemes.update(ours["components"].get("securitySchemes", {}))
    path = urlsplit(public_url).path.rstrip("/")
    if path:
        host.setdefault("servers", [{"url": path}])
    if SCHEME_NAME in schemes:
        schemes[SCHEME_NAME]["flows"]["password"]["tokenUrl"] = path + prefix + TOKEN_PATH
    host.setdefault("paths", {}).update(ours["paths"])
    return host


def _names_beside(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, str]:
    """The name that each schema of ours goes by among *theirs*."""
    taken = {*theirs, *ours}
    names = {}
    for name, schema in ours.items():
        clashes = theirs.get(name, schema) != schema
        names[name] = _free_name(f"Gatewright{name}", taken) if clashes else name
        taken.add(names[name])
    return names


def _rename_operations(ours: Document, taken: set[str | None]) -> None:
    used = taken | {operation["operationId"] for _, operation in _operations(ours)}
    for _, operation in _operations(ours):
        if operation["operationId"] in taken:
            operation["operationId"] = _free_name(f"gatewright_{operation['operationId']}", used)
            used.add(operation["operationId"])


def _free_name(wanted: str, taken: Container[str | None]) -> str:
    candidates = (wanted if number == 1 else f"{wanted}{number}" for number in itertools.count(1))
    return next(name for name in candidates if name not in taken)


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path in document.get("paths", {}).values():
        yield from ((method, path[method]) for method in _METHODS if method in path)


def _errors_of_its_kind(method: str, operation: Document) -> list[type[GatewrightError]]:
    errors: list[type[GatewrightError]] = [*_OF_EVERY_CALL]
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        errors.extend(_OF_JSON_BODIES)
    elif any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
        errors.append(ValidationFailed)
    if _takes_access_token(operation):
        errors.extend((NotAuthenticated, InvalidToken))
        if method.upper() not in SAFE_METHODS:
            errors.append(CrossSiteRequest)
    return errors


def _add_errors(operation: Document, errors: Sequence[type[GatewrightError]]) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        # FastAPI's own, in another shape, and also where there is nothing to validate.
        del responses["422"]
    for status, response in error_responses(errors).items():
        known = responses.get(str(status))
        if known is None:
            responses[str(status)] = response
        elif "application/problem+json" in known.get("content", {}) and not _names(known, response):
            known["description"] = f"{known['description']} {response['description']}"


def _names(known: Document, response: Document) -> bool:
    return response["description"] in known["description"]


def _takes_access_token(operation: Document) -> bool:
    # Where signing in is optional, there is an empty requirement beside it; invalid credentials are refused.
    return any(SCHEME_NAME in requirement for requirement in operation.get("security", ()))


def _add_cookies(document: Document, cookies: Cookies) -> None:
    """Say where a cookie counts as well as a token."""
    names = {_COOKIE: cookies.access, REFRESH_COOKIE: cookies.refresh}
    used: set[str] = set()
    for _, operation in _operations(document):
        if _takes_access_token(operation):
            operation["security"].insert(1, {_COOKIE: []})
        used.update(name for requirement in operation.get("security", ()) for name in requirement)
    schemes = {
        scheme: {"type": "apiKey", "in": "cookie", "name": name, "description": _COOKIES_NEED}
        for scheme, name in names.items()
        if scheme in used
    }
    if schemes:
        document["components"].setdefault("securitySchemes", {}).update(schemes)


def _say_that_cookies_are_set(operation: Document) -> None:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {})["Set-Cookie"] = _SET_COOKIE


def _add_schema(schemas: Document, model: type[BaseModel]) -> None:
    schema = json_schema(model)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema


def _replace(node: Any, texts: Mapping[str, str]) -> None:
    """Replace texts in *node* at any depth, all at once: references, and the values of a discriminator's mapping."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, str):
                node[key] = texts.get(value, value)
            else:
                _replace(value, texts)
