"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from gatewright.errors import FieldProblem, GatewrightError, NotFound, ValidationFailed
from gatewright.http._compat import get_route_path
from gatewright.http.context import kernel_of, request_id_of
from gatewright.http.errors import MalformedJson, MethodNotAllowed
from gatewright.http.pages import page
from gatewright.http.schemas import FieldError, Problem

MEDIA_TYPE = "application/problem+json"

_PAGES = re.compile(r"/auth/(pages|inbox)(/|$)")
_TEMPLATES = Path(__file__).parent / "templates"

_ITEM_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_short",
    "too_long": "too_long",
    "string_unicode": "invalid_characters",
    "string_pattern_mismatch": "invalid_format",
    "literal_error": "invalid_choice",
    "enum": "invalid_choice",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "decimal_max_digits": "out_of_range",
    "decimal_max_places": "out_of_range",
    "decimal_whole_digits": "out_of_range",
}
_OWN_CODES = frozenset({"invalid_characters", "invalid_email", "invalid_format", "out_of_range", "invalid_choice"})


def problem_response(error: GatewrightError, request_id: str) -> Response:
    """The answer to a request that is refused with *error*."""
    problem = Problem(
        type="about:blank",
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        request_id=request_id,
        errors=[FieldError(field=e.field, code=e.code, message=e.message) for e in error.errors] or None,
    )
    body = problem.__pydantic_serializer__.to_json(problem, by_alias=True, exclude_none=True)
    headers = {"Cache-Control": "no-store", **error.headers}
    return Response(body, status_code=error.status, headers=headers, media_type=MEDIA_TYPE)


def validation_error(errors: Iterable[Mapping[str, Any]]) -> GatewrightError:
    """The refusal for what pydantic found, in the contract's codes and without the values that were sent."""
    found = list(errors)
    if any(error["type"] == "json_invalid" for error in found):
        return MalformedJson()
    return ValidationFailed(errors=[_field_problem(error) for error in found])


def invalid_body(error: ValidationError) -> GatewrightError:
    """The refusal of a body, for what its model found."""
    # As FastAPI says where a value is, since a field may be called `body`.
    return validation_error({**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False))


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    kind = str(error["type"])
    code = kind if kind in _OWN_CODES else _ITEM_CODES.get(kind, "invalid_type")
    message = "Unknown field." if code == "unknown_field" else str(error["msg"])
    return FieldProblem(_pointer(error["loc"]), code, message)


def _pointer(location: Sequence[str | int]) -> str:
    # FastAPI puts where a value came from before its path.
    path = location[1:] if location and location[0] in ("body", "query", "path", "header", "cookie") else location
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def answer_with_problems(app: FastAPI) -> None:
    """Let *app* answer all its errors, those of its own routes too, with problem documents."""
    app.add_exception_handler(GatewrightError, handle_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(HTTPException, _handle_http_exception)


def answer_errors(scope: Scope) -> None:
    """Let the Starlette app that serves *scope* answer `GatewrightError` with a problem document.

    Each app that is mounted in another has exception handlers of its own, so a handler in the host is not enough. A
    handler of the app's own for these errors stays.
    """
    handlers = scope.get("starlette.exception_handlers")
    if handlers is not None:
        handlers[0].setdefault(GatewrightError, handle_error)


def refusal_response(error: GatewrightError, scope: Scope) -> Response:
    """The answer to the request behind *scope*, which is refused with *error*: a page where a person looks at one."""
    if not is_page(scope):
        return problem_response(error, request_id_of(scope))
    app_name = kernel_of(scope).app_name
    answer = page(_TEMPLATES, "refusal.html.jinja", status=error.status, text=error.detail, app_name=app_name)
    answer.headers.update(error.headers)
    return answer


def is_page(scope: Scope) -> bool:
    """Whether the path is one of Gatewright's own pages: those behind mailed links, and the inbox."""
    return _PAGES.search(get_route_path(scope)) is not None


async def handle_error(request: Request, error: Exception) -> Response:
    """The exception handler for `GatewrightError`."""
    assert isinstance(error, GatewrightError)
    return refusal_response(error, request.scope)


async def _handle_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return refusal_response(validation_error(error.errors()), request.scope)


async def _handle_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal_response(_translated(error), request.scope)


def _translated(error: HTTPException) -> GatewrightError:
    # FastAPI wraps whatever goes wrong while it reads a body, also a refusal of ours.
    if isinstance(error.__cause__, GatewrightError):
        return error.__cause__
    if error.status_code == 400:
        return MalformedJson()
    if error.status_code == 404:
        return NotFound()
    if error.status_code == 405:
        return MethodNotAllowed(headers=error.headers)
    return _HttpError(error)


class _HttpError(GatewrightError):
    """An `HTTPException` of the app's own, with its status and its words."""

    code = "http_error"
    status = 500
    title = "The request was refused."

    def __init__(self, error: HTTPException) -> None:
        super().__init__(str(error.detail), headers=error.headers)
        self.status = error.status_code  # type: ignore[misc]
