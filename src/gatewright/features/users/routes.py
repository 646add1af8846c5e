"""`/users/profile`: one's own account."""

from __future__ import annotations

from gatewright.features.users import service
from gatewright.features.users.schemas import Profile, ProfileChange
from gatewright.http.dependencies import CurrentUser, RequestContext
from gatewright.http.routing import HotRequest, Router

router = Router(tags=["account"])


@router.hot("GET", "/users/profile", answer=Profile, bearer=True)
async def read_profile(request: HotRequest) -> Profile:
    """One's own account."""
    user = await request.authenticate()
    return Profile.model_validate(await service.find_account(request.context, user.id))


@router.patch("/users/profile")
async def change_profile(context: RequestContext, user: CurrentUser, body: ProfileChange) -> Profile:
    """Change one's own names; what is left out stays as it is."""
    account = await service.change_profile(context, user.id, body.model_dump(exclude_unset=True))
    return Profile.model_validate(account)
