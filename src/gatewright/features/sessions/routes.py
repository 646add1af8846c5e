"""`/auth/refresh`, `/auth/logout`, and the list of sessions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Body, Depends
from starlette.requests import Request

from gatewright.core.principal import Principal
from gatewright.errors import FieldProblem, NotFound, ValidationFailed
from gatewright.features.sessions import service
from gatewright.features.sessions.devices import device_name
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.features.sessions.queries import ListedRow
from gatewright.features.sessions.schemas import (
    CookieTokens,
    LoggedOutEverywhere,
    RefreshTokenBody,
    Session,
    Sessions,
    Tokens,
)
from gatewright.http.cookies import clear_cookies, cookies_of
from gatewright.http.dependencies import CurrentUser, RequestContext
from gatewright.http.routing import OPTIONAL_REFRESH_COOKIE, HotRequest, Router
from gatewright.http.schemas import Message

router = Router(tags=["sessions"])


@router.hot(
    "POST",
    "/auth/refresh",
    body=RefreshTokenBody,
    answer=Tokens | CookieTokens,
    raises=[InvalidRefreshToken],
    refresh_cookie=True,
)
async def refresh(request: HotRequest) -> Tokens | CookieTokens:
    """Exchange a refresh token for a new pair of tokens. The old refresh token stops working.

    Without a token in the body it reads the cookie, and sets the new pair as cookies.
    """
    into_cookies = request.wants_cookies()
    body = await request.optional_body(RefreshTokenBody)
    text = None if body is None else body.given
    if text is None:
        # What a page's scripts cannot read stays that way.
        text, into_cookies = request.cookies.read(request.scope, request.cookies.refresh), True
    if text is None:
        raise _token_required()
    tokens = await service.refresh(request.context, text)
    if not into_cookies:
        return Tokens.of(tokens)
    request.set_cookies(tokens)
    return CookieTokens(expires_in=tokens.expires_in)


@router.post(
    "/auth/logout",
    dependencies=[Depends(clear_cookies)],
    openapi_extra={"security": OPTIONAL_REFRESH_COOKIE},
)
async def log_out(
    context: RequestContext, request: Request, body: Annotated[RefreshTokenBody | None, Body()] = None
) -> Message:
    """End the session of the refresh token in the body or the cookie, or both sessions if they differ.

    The response is the same for a token that is no longer valid.
    """
    cookies = cookies_of(request.scope)
    found = (body.given if body else None, cookies.read(request.scope, cookies.refresh))
    texts = {text for text in found if text is not None}
    if not texts:
        raise _token_required()
    for text in texts:
        await service.log_out(context, text)
    return Message(message="Logged out successfully")


@router.post("/auth/logout-all", dependencies=[Depends(clear_cookies)])
async def log_out_everywhere(context: RequestContext, user: CurrentUser) -> LoggedOutEverywhere:
    """End all sessions of the user, including this one."""
    ended = await service.log_out_everywhere(context, user.id)
    return LoggedOutEverywhere(message="Logged out everywhere", revoked=ended)


@router.get("/auth/sessions")
async def list_sessions(context: RequestContext, user: CurrentUser) -> Sessions:
    """List the live sessions of the user, most recently used first."""
    rows = await service.list_live(context, user.id)
    return Sessions(data=[_shown(row, user) for row in rows])


@router.delete("/auth/sessions/{session_id}", status_code=204, raises=[NotFound])
async def end_session(context: RequestContext, user: CurrentUser, session_id: str) -> None:
    """End one session of the user."""
    if not await service.end_one(context, user.id, session_id):
        raise NotFound


def _shown(row: ListedRow, user: Principal) -> Session:
    device, is_current = device_name(row.user_agent), row.id == user.session_id
    return Session(**asdict(row), device=device, current=is_current)


def _token_required() -> ValidationFailed:
    return ValidationFailed(errors=[FieldProblem("/refreshToken", "required", "A body or a cookie has to hold it.")])
