"""`/auth/refresh`, `/auth/logout`, and the list of one's sessions."""

from __future__ import annotations

from gatewright.errors import NotFound
from gatewright.features.sessions import service
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.features.sessions.schemas import LoggedOutEverywhere, RefreshTokenBody, Session, Sessions, Tokens
from gatewright.http.dependencies import CurrentUser, RequestContext
from gatewright.http.routing import HotRequest, Router
from gatewright.http.schemas import Message

router = Router(tags=["sessions"])


@router.hot("POST", "/auth/refresh", body=RefreshTokenBody, answer=Tokens, raises=[InvalidRefreshToken])
async def refresh(request: HotRequest) -> Tokens:
    """Spend a refresh token for a new pair. The old one is worth nothing from then on."""
    body = await request.body(RefreshTokenBody)
    return Tokens.of(await service.refresh(request.context, body.refresh_token))


@router.post("/auth/logout")
async def log_out(context: RequestContext, body: RefreshTokenBody) -> Message:
    """End the session of a refresh token. Answers the same for a token that is worth nothing any more."""
    await service.log_out(context, body.refresh_token)
    return Message(message="Logged out successfully")


@router.post("/auth/logout-all")
async def log_out_everywhere(context: RequestContext, user: CurrentUser) -> LoggedOutEverywhere:
    """End all of one's sessions, this one included."""
    ended = await service.log_out_everywhere(context, user.id)
    return LoggedOutEverywhere(message="Logged out everywhere", revoked=ended)


@router.get("/auth/sessions")
async def list_sessions(context: RequestContext, user: CurrentUser) -> Sessions:
    """One's live sessions, the last used first."""
    rows = await service.list_live(context, user.id)
    return Sessions(data=[Session(**row, current=row["id"] == user.session_id) for row in rows])


@router.delete("/auth/sessions/{session_id}", status_code=204, raises=[NotFound])
async def end_session(context: RequestContext, user: CurrentUser, session_id: str) -> None:
    """End one of one's sessions."""
    if not await service.end_one(context, user.id, session_id):
        raise NotFound
