"""`/users/profile/export`, and the deletion of an account."""

from __future__ import annotations

from fastapi import Depends
from starlette.responses import StreamingResponse

from gatewright.features.privacy import service
from gatewright.features.privacy.errors import AccountHasData
from gatewright.features.privacy.schemas import Export
from gatewright.http.cookies import clear_cookies
from gatewright.http.dependencies import CurrentUser, RecentUser, RequestContext
from gatewright.http.errors import ReauthenticationRequired
from gatewright.http.routing import Router

_AS_A_FILE = {"Content-Disposition": 'attachment; filename="account.json"'}

router = Router(tags=["account"])


@router.get("/users/profile/export", response_model=None, responses={200: {"model": Export}})
async def export_account(context: RequestContext, user: CurrentUser) -> StreamingResponse:
    """Download all stored data about the signed-in user."""
    document = await service.export(context, user.id)
    return StreamingResponse(document, media_type="application/json", headers=_AS_A_FILE)


@router.delete(
    "/users/profile",
    status_code=204,
    raises=[AccountHasData, ReauthenticationRequired],
    dependencies=[Depends(clear_cookies)],
)
async def delete_account(context: RequestContext, user: RecentUser) -> None:
    """Delete the account of the signed-in user, with its sessions and all its data."""
    await service.erase(context, user.id)
