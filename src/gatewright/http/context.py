"""The context of a request: what the edge puts into the ASGI scope, and how it is read back."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.types import Scope

from gatewright.core.audit.log import Origin
from gatewright.core.context import Context, Kernel
from gatewright.http.client_address import client_address

KERNEL = "gatewright.kernel"
REQUEST_ID = "gatewright.request_id"
CURRENT_REQUEST_ID: ContextVar[str | None] = ContextVar("gatewright_request_id", default=None)
"""The identifier of the request that is being answered, for log lines; each request has a context of its own."""

_LONGEST_USER_AGENT = 512


def request_id_of(scope: Scope) -> str:
    """The identifier of the request behind *scope*."""
    return str(scope[REQUEST_ID])


def kernel_of(scope: Scope) -> Kernel:
    """The kernel that serves *scope*.

    Raises:
        RuntimeError: Gatewright was not installed into the app.
    """
    kernel = scope.get(KERNEL)
    if not isinstance(kernel, Kernel):
        raise RuntimeError("Gatewright is not installed in this app: call auth.install(app).")
    return kernel


def context_of(scope: Scope) -> Context:
    """What services work with, for the request behind *scope*."""
    kernel = kernel_of(scope)
    user_agent = header(scope, b"user-agent")
    origin = Origin(
        request_id=request_id_of(scope),
        ip_address=client_address(scope, kernel.settings.trusted_proxies),
        user_agent=_printable(user_agent)[:_LONGEST_USER_AGENT] if user_agent else None,
    )
    return Context.of(kernel, origin)


def header(scope: Scope, name: bytes) -> str | None:
    """The value of the first header called *name* (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)
