"""Who makes a call, whether that user may, and on which rows: looked at before the body of the request is validated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request

from gatewright.core.principal import Principal
from gatewright.crud.access import Call, require_admin
from gatewright.crud.list_query import read_deleted
from gatewright.crud.service import ReadService
from gatewright.design.document import CallName
from gatewright.http.context import context_of

DELETED = "deleted"
"""The parameter by which administrators ask for deleted rows."""

READING: tuple[CallName, ...] = ("list", "read")
"""The calls that take it."""


def permitted(request: Request, user: Principal | None, service: ReadService[Any], name: CallName | None) -> Call:
    """The call that *user* makes with *request*.

    Args:
        name: Whose access rules count; None for what only administrators may do.

    Raises:
        NotAuthenticated: The caller is not signed in.
        InsufficientRole: The caller may not make the call, or not on deleted rows.
        ValidationFailed: `deleted` is neither true nor false.
    """
    call = Call(context_of(request.scope), user)
    if name is None:
        require_admin(user)
        return call
    asked = takes_deleted(service, name)
    given = request.query_params.getlist(DELETED) if asked else []
    service.access.reading_scope(name, replace(call, deleted=True) if "true" in given else call)
    return replace(call, deleted=True) if read_deleted(given) else call


def takes_deleted(service: ReadService[Any], name: CallName | None) -> bool:
    """Whether the call takes `deleted=true`."""
    return service.repository.deleted_at is not None and name in READING
