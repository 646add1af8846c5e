"""What routes ask for: the context, who makes the request, and what they may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Security
from fastapi.openapi.models import OAuth2, OAuthFlowPassword, OAuthFlows
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from starlette.types import Scope

from gatewright.core.context import Context
from gatewright.core.principal import Principal, authenticate
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.http.context import context_of, kernel_of
from gatewright.http.cookies import cookies_of
from gatewright.http.errors import InsufficientPermission, InsufficientRole, NotAuthenticated, ReauthenticationRequired
from gatewright.http.problems import answer_errors

SCHEME_NAME = "gatewright"
TOKEN_PATH = "/auth/token"  # noqa: S105 (an address)


def bearer_token(scope: Scope) -> str | None:
    """The bearer token of a request (RFC 6750 section 2.1); None without one.

    Raises:
        InvalidToken: There is more than one `Authorization` header, so it is not clear who asks.
    """
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) > 1:
        raise InvalidToken
    kind, _, token = values[0].decode("latin-1").partition(" ") if values else ("", "", "")
    return token.strip() if kind.lower() == "bearer" else None


async def authenticate_scope(scope: Scope) -> Principal | None:
    """Who makes the request behind *scope*; None without credentials. A bearer token wins over a cookie.

    Raises:
        InvalidToken: There are credentials, and they do not count.
        CrossSiteRequest: A browser sent them by itself, for a page that may not make the call.
    """
    kernel = kernel_of(scope)
    token = bearer_token(scope)
    if token is None:
        token = cookies_of(scope).credential(scope)
    return None if token is None else await authenticate(kernel, token)


class _OptionalUser(SecurityBase):
    """Asks who makes the request, and says in the OpenAPI document how to sign in.

    One object for both, since each dependency that FastAPI has to call costs as much as the look at the token.
    """

    def __init__(self) -> None:
        password = OAuthFlowPassword(tokenUrl=TOKEN_PATH)
        self.model = OAuth2(flows=OAuthFlows(password=password), description="Access token of a session.")
        self.scheme_name = SCHEME_NAME

    async def __call__(self, connection: HTTPConnection) -> Principal | None:
        answer_errors(connection.scope)
        return await authenticate_scope(connection.scope)


class _CurrentUser(_OptionalUser):
    """The same for routes that need a signed-in user."""

    async def __call__(self, connection: HTTPConnection) -> Principal:
        answer_errors(connection.scope)
        user = await authenticate_scope(connection.scope)
        if user is None:
            raise NotAuthenticated
        return user


async def _request_context(connection: HTTPConnection) -> Context:
    answer_errors(connection.scope)
    return context_of(connection.scope)


RequestContext = Annotated[Context, Depends(_request_context)]
"""What services work with."""

OptionalUser = Annotated[Principal | None, Security(_OptionalUser())]
"""The user of the access token, or None without one; an invalid one gives 401. Needs no database statement."""

CurrentUser = Annotated[Principal, Security(_CurrentUser())]
"""The user of the access token; 401 without a valid one. Needs no database statement."""


def require_role(*roles: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets in users with one of these roles, and refuses others with 403 `insufficient_role`.

    Raises:
        ValueError: No role was named, so every user would be refused.
    """
    if not roles:
        raise ValueError("require_role needs at least one role.")

    async def check_role(user: CurrentUser) -> Principal:
        if user.role not in roles:
            raise InsufficientRole
        return user

    return check_role


def require_permission(*permissions: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets in users with all of these permissions; others get 403 `insufficient_permission`.

    A role has the permissions that the settings list, `[roles.NAME] permissions`. ADMIN has every permission.

    Raises:
        ValueError: No permission was named, so every user would be let in.
    """
    if not permissions:
        raise ValueError("require_permission needs at least one permission.")

    async def check_permission(user: CurrentUser) -> Principal:
        if not all(map(user.has_permission, permissions)):
            raise InsufficientPermission
        return user

    return check_permission


async def require_recent(context: RequestContext, user: CurrentUser) -> Principal:
    """A dependency that lets in users who have proved who they are within `RECENT_AUTH`.

    Raises:
        ReauthenticationRequired: It was longer ago.
    """
    if context.clock.now() - user.auth_time > context.settings.recent_auth:
        raise ReauthenticationRequired
    return user


RecentUser = Annotated[Principal, Depends(require_recent)]
"""The user, if authenticated recently; 403 `reauthentication_required` otherwise."""
