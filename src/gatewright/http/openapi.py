"""The OpenAPI document: what FastAPI reads from the routes, completed with what holds for all of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from gatewright.core.access_tokens import InvalidToken
from gatewright.errors import GatewrightError, Unavailable, ValidationFailed
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
from gatewright.http.routing import REFRESH_COOKIE, error_responses
from gatewright.http.schemas import Problem, json_schema

Document = dict[str, Any]

_OF_JSON_BODIES: tuple[type[GatewrightError], ...] = (MalformedJson, UnsupportedMediaType, ValidationFailed)
_OF_EVERY_CALL: tuple[type[GatewrightError], ...] = (PayloadTooLarge, InternalError, Unavailable)
_COOKIE = f"{SCHEME_NAME}Cookie"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REQUEST_ID = {
    "description": "Identifies this request in the log; taken over from the request when it is well formed.",
    "schema": {"type": "string"},
}
_SET_COOKIE = {"description": "The tokens, where they go into cookies.", "schema": {"type": "string"}}
_COOKIES_NEED = (
    "Calls that change something need `Sec-Fetch-Site: same-origin`, or the `Origin` of a page that the server lists."
)


def own_document(app: FastAPI, bodies: Iterable[type[BaseModel]], cookies: Cookies) -> Document:
    """The document of Gatewright's own routes, which *app* holds; *bodies* are those that FastAPI does not see."""
    document = get_openapi(title=app.title, version="1", routes=app.routes)
    for method, operation in _operations(document):
        if method.upper() not in SAFE_METHODS:
            _add_errors(operation, [CrossSiteRequest])
        if any(parameter["name"] == USE_COOKIES for parameter in operation.get("parameters", ())):
            _say_that_cookies_are_set(operation)
    complete(document)
    _add_cookies(document, cookies)
    for body in bodies:
        _add_schema(document["components"]["schemas"], body)
    return document


def complete(document: Document) -> None:
    """Add to each operation what all operations of its kind answer, and the schemas that this needs."""
    for method, operation in _operations(document):
        _add_errors(operation, _errors_of_its_kind(method, operation))
        for response in operation["responses"].values():
            response.setdefault("headers", {})["X-Request-Id"] = _REQUEST_ID
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _add_schema(schemas, Problem)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def merged(host: Document, own: Mapping[str, Any], *, prefix: str, cookies: Cookies) -> Document:
    """The host's document with Gatewright's routes in it.

    A schema of the host's that has the name of one of ours keeps it; ours goes by `Gatewright` and that name.
    """
    _add_cookies(host, cookies)
    ours = copy.deepcopy(dict(own))
    theirs = host.setdefault("components", {}).setdefault("schemas", {})
    clashes = {name for name, schema in ours["components"]["schemas"].items() if theirs.get(name, schema) != schema}
    for name in clashes:
        _rename(ours, f"#/components/schemas/{name}", f"#/components/schemas/Gatewright{name}")
    theirs.update({_new_name(name, clashes): schema for name, schema in ours["components"]["schemas"].items()})
    schemes = host["components"].setdefault("securitySchemes", {})
    schemes.update(ours["components"].get("securitySchemes", {}))
    if SCHEME_NAME in schemes:
        # Relative to the document's server, so that it holds behind a proxy's path too.
        schemes[SCHEME_NAME]["flows"]["password"]["tokenUrl"] = prefix + TOKEN_PATH
    host.setdefault("paths", {}).update(ours["paths"])
    return host


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
    # Where nobody has to sign in, an empty requirement stands beside it; credentials that do not count are refused.
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


def _new_name(name: str, clashes: set[str]) -> str:
    return f"Gatewright{name}" if name in clashes else name


def _rename(node: Any, old: str, new: str) -> None:
    if isinstance(node, dict):
        if node.get("$ref") == old:
            node["$ref"] = new
        for value in node.values():
            _rename(value, old, new)
    elif isinstance(node, list):
        for value in node:
            _rename(value, old, new)
